"""Both marks, read back by a foreign reader and found in the pixels."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from galleries import labelling
from galleries.labelling import Marks
from tests import exif
from tests.pictures import opened, photo, pixels

MARKS = Marks("AI generated", "Toile", "Made with AI").for_image(
    "ab" * 32, "dashscope", "aitryon-plus"
)
SILENT = Marks("", "Toile", "Made with AI").for_image("ab" * 32, "dashscope", "aitryon-plus")
WIDTHS = [320, 480, 800]


def corner(data: bytes) -> np.ndarray:
    """The lower right of a picture, where the text is: grey, 0 to 255."""
    grey = np.asarray(opened(data).convert("L"))
    return grey[-grey.shape[0] // 10 :, -grey.shape[1] // 3 :]


def is_marked(data: bytes) -> bool:
    """Whether there are white letters on something much darker."""
    found = corner(data)
    return bool((found > 235).mean() > 0.02 and (found < 120).mean() > 0.2)


def flat(colour: str, width: int = 600, height: int = 800) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


@exif.needs_exiftool
def test_it_works(tmp_path: Path) -> None:
    made = labelling.labelled(photo(600, 800), MARKS)
    tags = exif.read(made.data, tmp_path)
    assert tags["XMP-iptcExt:DigitalSourceType"] == exif.COMPOSITE
    assert tags["XMP-photoshop:Credit"] == "Made with AI"
    assert tags["XMP-iptcExt:AISystemUsed"] == "dashscope"
    assert tags["XMP-iptcExt:AISystemVersionUsed"] == "aitryon-plus"
    assert tags["XMP-dc:Description"] == "AI generated"
    assert exif.marks(made.data, tmp_path) == {
        "Label": "1",
        "ContentProducer": "Toile",
        "ProduceID": MARKS.produce_id,
        "ReservedCode1": "",
        "ContentPropagator": "",
        "PropagateID": "",
        "ReservedCode2": "",
    }
    assert (made.width, made.height) == (600, 800)


@exif.needs_exiftool
@pytest.mark.parametrize("marks", [MARKS, SILENT])
def test_every_derivative_of_every_width_is_marked(marks: Marks, tmp_path: Path) -> None:
    made = list(labelling.renditions(flat("#888", 1000, 1300), marks, [*WIDTHS, 1000]))
    assert [(r.width, r.extension) for r in made] == [
        (width, extension) for width in [*WIDTHS, 1000] for extension in ("jpg", "webp")
    ]
    for rendition in made:
        assert exif.marks(rendition.data, tmp_path)["ProduceID"] == marks.produce_id
        assert is_marked(rendition.data) is bool(marks.text)


@exif.needs_exiftool
def test_a_derivative_of_a_derivative_keeps_both(tmp_path: Path) -> None:
    first = next(labelling.renditions(flat("#888"), MARKS, [480]))
    for again in labelling.renditions(first.data, MARKS, [480, 320]):
        assert exif.marks(again.data, tmp_path)["Label"] == "1"
        assert is_marked(again.data)


@exif.needs_exiftool
def test_nothing_of_the_source_survives(tmp_path: Path) -> None:
    tags = Image.Exif()
    tags[0x010F], tags[0x0132] = "Canon", "2026:01:01 10:00:00"
    tags.get_ifd(0x8825)[1] = "N"
    tags.get_ifd(0x8825)[2] = (31.0, 13.0, 49.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    source = photo(
        exif=tags.tobytes(), icc_profile=profile, comment=b"Ada Byron", xmp=b"<x>secret</x>"
    )
    for made in (
        labelling.labelled(source, MARKS),
        *labelling.renditions(source, MARKS, [200]),
    ):
        assert exif.marks(made.data, tmp_path)
        for word in (b"Canon", b"Ada", b"secret", b"Exif", b"2026:01"):
            assert word not in made.data


@pytest.mark.parametrize("ground", ["white", "black", "#888", "#d32", "yellow"])
@pytest.mark.parametrize("text", ["AI generated", "AI生成", "人工智能生成合成内容"])
def test_the_text_is_legible_on_any_background(ground: str, text: str) -> None:
    made = labelling.labelled(flat(ground), Marks(text, "Toile", ""))
    found = corner(made.data)
    # WCAG 2: (lighter + 0.05) / (darker + 0.05); the plate is what most of the corner's dark is.
    plate = np.median(found[found < 150]) / 255 if ground != "black" else found.min() / 255
    contrast = (found.max() / 255 + 0.05) / (plate**2.2 + 0.05)
    assert contrast > 4.5


@pytest.mark.parametrize("size", [(320, 427), (427, 320), (1200, 1600), (90, 120)])
def test_letters_are_a_twentieth_of_the_shortest_side_high(size: tuple[int, int]) -> None:
    made = labelling.labelled(flat("black", *size), Marks("A", "Toile", ""))
    rows = np.asarray(opened(made.data).convert("L")).max(axis=1) > 128
    assert rows.sum() >= min(size) * 0.05 - 1
    assert labelling.text_height(size) >= min(size) * 0.05


def test_the_text_stays_inside_the_picture() -> None:
    made = labelling.labelled(flat("white"), MARKS)
    grey = np.asarray(opened(made.data).convert("L"))
    assert grey[-3:].min() > 200
    assert grey[:, -3:].min() > 200


def test_without_text_the_pixels_stay_as_they_are() -> None:
    made = labelling.labelled(flat("#888"), SILENT)
    assert abs(corner(made.data).astype(int) - 0x88).max() < 3


@pytest.mark.parametrize("mode", ["RGBA", "L", "CMYK", "P"])
def test_any_mode_can_be_marked(mode: str) -> None:
    out = io.BytesIO()
    pixels(200, 300).convert(mode).save(out, "TIFF" if mode == "CMYK" else "PNG")
    assert opened(labelling.labelled(out.getvalue(), MARKS).data).mode == "RGB"


def test_noise_which_no_buffer_expects_is_written() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (400, 500, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "PNG")
    assert [r.width for r in labelling.renditions(out.getvalue(), MARKS, [500])] == [500, 500]
    assert labelling.labelled(out.getvalue(), MARKS).width == 500


def test_a_photo_on_its_side_is_put_upright() -> None:
    tags = Image.Exif()
    tags[0x0112] = 6
    made = labelling.labelled(photo(400, 300, exif=tags.tobytes()), MARKS)
    assert (made.width, made.height) == (300, 400)


def test_what_is_no_image_is_an_oserror() -> None:
    with pytest.raises(OSError):
        labelling.labelled(b"hello", MARKS)


def test_hostile_text_is_escaped(tmp_path: Path) -> None:
    bad = '"/><x:evil xmlns:x="y">&'
    made = labelling.labelled(photo(), Marks(bad, "Toile", bad).for_image("00", bad, bad))
    assert b"<x:evil" not in made.data
    assert json.loads(MARKS.aigc())["Label"] == "1"


def test_the_number_reveals_nothing_of_the_original() -> None:
    sha = "ab" * 32
    assert sha not in MARKS.aigc()
    assert (
        MARKS.produce_id
        == MARKS.for_image(sha, "", "").produce_id
        != MARKS.for_image("cd", "", "").produce_id
    )


def test_the_label_has_a_name_that_follows_the_settings(settings: Any) -> None:
    names = {labelling.from_settings().version_label()}
    for field, value in {
        "AI_LABEL_TEXT": "AI生成",
        "AI_LABEL_PRODUCER": "X",
        "AI_LABEL_CREDIT": "Y",
        "AI_LABEL_VISIBLE": False,
    }.items():
        setattr(settings, field, value)
        names.add(labelling.from_settings().version_label())
    assert len(names) == 5
    assert max(map(len, names)) <= 40


def test_the_font_ships_and_writes_chinese(settings: Any) -> None:
    assert labelling.can_draw("AI generated")
    assert labelling.can_draw("人工智能生成合成内容")
    assert labelling.missing_characters("AI 产生 ظ") == "产ظ"
    settings.AI_LABEL_TEXT = "AI產"
    assert labelling.from_settings().text == "AI generated"
