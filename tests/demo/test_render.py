"""The demo photos: the committed ones, and the scripts that compute them."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catalog.models import Garment, Person
from demo.render.garments import GARMENTS
from demo.render.manifest import entries, file_of
from demo.render.persons import PERSONS, Picture
from demo.render.studio import linear, write_jpeg

PHOTOS = Path(__file__).resolve().parents[2] / "demo" / "photos"
MANIFEST = json.loads((PHOTOS / "manifest.json").read_text(encoding="utf-8"))
SIZES = {"person": (768, 1024), "garment": (900, 1200)}
MAX_BYTES = 150_000
COARSE = 0.2


def test_it_works() -> None:
    photo = GARMENTS["tee-dunes"].render(detail=COARSE)
    assert photo.shape == (1200, 900, 3)
    assert photo.dtype == np.uint8
    # Green cloth beside the print, light paper in the corner.
    _, green, red = photo[900, 450].astype(int)
    assert green > red
    assert photo[20, 20].min() > 200


def test_a_person_renders_coarsely() -> None:
    photo = PERSONS["noor"].render(detail=COARSE)
    assert photo.shape == (1024, 768, 3)
    # The white top stands before a backdrop that is not white.
    assert photo[400, 384].mean() > photo[400, 60].mean()


def test_the_light_of_a_person_is_finite() -> None:
    light = Picture(PERSONS["leo"].look, COARSE).light()
    assert np.isfinite(light).all()
    assert light.min() >= 0


def test_a_rendering_is_the_same_each_time() -> None:
    first, second = (GARMENTS["polo-navy"].render(detail=COARSE) for _ in range(2))
    assert np.array_equal(first, second)


def test_linear_light_of_the_grey_card() -> None:
    assert linear((119, 119, 119)) == pytest.approx([0.184] * 3, abs=0.001)


def test_a_photo_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "full.jpg").mkdir()
    with pytest.raises(OSError, match="cannot write"):
        write_jpeg(tmp_path / "full.jpg", np.zeros((4, 4, 3), np.uint8), 80)


def test_the_manifest_lists_exactly_the_files() -> None:
    there = {path.relative_to(PHOTOS).as_posix() for path in PHOTOS.rglob("*.jpg")}
    assert [entry["file"] for entry in MANIFEST] == sorted(there, key=_order)


def _order(file: str) -> int:
    known = [file_of(*each) for each in (PERSONS | GARMENTS).items()]
    return known.index(file)


def test_the_manifest_is_what_the_scripts_would_write() -> None:
    assert entries() == MANIFEST


def test_the_manifest_speaks_the_words_of_the_library() -> None:
    for entry in MANIFEST:
        if entry["kind"] == "person":
            assert entry["gender"] in Person.Gender
            assert entry["body"] in Person.Body
            assert entry["view"] in Person.View
            assert entry["consent_scope"] == Person.Consent.UNNEEDED
        else:
            assert entry["slot"] in Garment.Slot
            assert entry["photo_type"] in Garment.PhotoType


def test_no_two_garments_share_a_sku() -> None:
    skus = [entry["sku"] for entry in MANIFEST if entry["kind"] == "garment"]
    assert len(set(skus)) == len(skus)


def test_no_entry_passes_for_a_photographed_one() -> None:
    assert all("Rendered" in entry["description"] for entry in MANIFEST)


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_each_photo_is_a_plain_small_jpeg(entry: dict[str, str]) -> None:
    path = PHOTOS / entry["file"]
    with Image.open(path) as image:
        image.load()
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", SIZES[entry["kind"]])
        assert not image.getexif()
        assert "exif" not in image.info
    assert path.stat().st_size <= MAX_BYTES


def test_the_command_renders_what_it_is_asked_for(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo.render", "--out", str(tmp_path), "--only", "no-such"]
    subprocess.run(command, check=True, cwd=PHOTOS.parents[1])
    assert list(tmp_path.iterdir()) == []
