from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from catalog.models import Garment, Person
from catalog.photos.add import add_photo
from catalog.photos.refusals import Refused
from catalog.preflight import findings, fixes
from tests.factories import make_job
from tests.pictures import encoded, opened, photo, pixels

pytestmark = pytest.mark.django_db


def add(width: int = 300, height: int = 400, **facts: Any) -> Person:
    person = add_photo(Person, photo(width, height), name="Ada")
    Person.objects.filter(pk=person.pk).update(facts=person.facts | facts, facts_version=1)
    person.refresh_from_db()
    return person


def test_it_works() -> None:
    person = add(300, 400)
    original, sent = person.original.name, person.wire_sha256
    assert "resize" in {f.mend for f in findings.findings(person)}
    assert fixes.apply(person, "resize")
    person = Person.objects.get()
    with person.wire.open("rb") as file:
        image = opened(file.read())
    assert image.size == (person.wire_width, person.wire_height) == (516, 688)
    assert (person.original.name, person.width, person.height) == (original, 300, 400)
    assert person.wire_sha256 != sent
    assert (person.facts["width"], person.facts_version) == (516, 0)
    assert not {f.rule for f in findings.findings(person)} & {"short_side", "long_side"}


def test_a_job_sends_the_sizes_of_the_wire_rendition() -> None:
    from jobs.pipeline import asset_ref

    person = add(300, 400)
    fixes.apply(person, "resize")
    ref = asset_ref(Person.objects.get(), "signed")
    assert (ref.width, ref.height) == opened(ref.read()).size == (516, 688)


@pytest.mark.parametrize(
    ("size", "kind", "facts", "wanted"),
    [
        ((600, 800), "convert", {}, (600, 800)),
        ((600, 800), "resize", {}, (600, 800)),
        ((200, 260), "resize", {}, (400, 520)),
        ((400, 1600), "pad", {}, (1200, 1600)),
        ((1600, 400), "pad", {}, (1600, 1200)),
        ((3000, 4000), "recompress", {}, (1200, 1600)),
        ((1000, 1000), "crop", {"box": [0.4, 0.2, 0.6, 0.7]}, (516, 688)),
    ],
)
def test_each_remedy(
    size: tuple[int, int], kind: str, facts: dict[str, Any], wanted: tuple[int, int]
) -> None:
    image = fixes.mended(Image.new("RGB", size, "white"), kind, facts)
    assert image.size == pytest.approx(wanted, abs=10)


def test_a_crop_keeps_the_box_and_a_margin() -> None:
    image = Image.new("RGB", (1200, 1600), "white")
    image.paste((255, 0, 0), (480, 640, 720, 960))
    cropped = fixes.cropped(image, [0.4, 0.4, 0.6, 0.6])
    assert 3 / 4 <= cropped.width / cropped.height <= 4 / 3
    red = cropped.getchannel("G").histogram()[0]
    assert red == 240 * 320
    assert cropped.getpixel((0, 0)) == (255, 255, 255)


def test_a_crop_at_the_edge_stays_in_the_picture() -> None:
    image = Image.new("RGB", (400, 800))
    assert fixes.cropped(image, [0, 0, 1, 1]).size == (400, 800)


def test_padding_continues_the_border() -> None:
    image = Image.new("RGB", (100, 400), (200, 210, 220))
    image.paste((0, 0, 0), (20, 20, 80, 380))
    assert fixes.padded(image).getpixel((0, 0)) == (200, 210, 220)


def test_a_crop_is_taken_from_the_original_where_that_shows_more() -> None:
    person = add(3600, 4800, box=[0.4, 0.3, 0.6, 0.7])
    assert person.wire_width == 1536
    fixes.apply(person, "crop")
    # The box has 20 % of 3600 pixels, and the wire rendition only 307.
    assert person.wire_width > 720


def test_remedies_follow_one_another() -> None:
    garment = add_photo(Garment, encoded(pixels(200, 900), "JPEG"), name="Scarf", slot="top")
    assert fixes.apply_all(garment)
    garment.refresh_from_db()
    rules = {f.rule for f in findings.findings(garment)}
    assert not rules & {"short_side", "long_side", "ratio"}


@pytest.mark.parametrize("state", ["queued", "succeeded", "failed"])
def test_what_a_job_sent_stays_as_it_was(state: str) -> None:
    person = add()
    sent = person.wire_sha256
    make_job(state, person=person)
    with pytest.raises(Refused, match="Add the photo again"):
        fixes.apply(person, "resize")
    assert Person.objects.get().wire_sha256 == sent


@pytest.mark.parametrize("slot", ["top", "bottom", "dress"])
def test_a_garment_of_any_slot_is_in_use(slot: str) -> None:
    garment = add_photo(Garment, photo(), name="G", slot=slot)
    assert Garment.objects.unused().get() == garment
    make_job(**{slot: garment})  # type: ignore[arg-type]
    assert not Garment.objects.filter(pk=garment.pk).unused().exists()


def test_a_job_that_comes_in_between_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    person = add()
    real = fixes.pixels.wire_jpeg

    def slow(image: Image.Image) -> bytes:
        make_job(person=person)
        return real(image)

    monkeypatch.setattr(fixes.pixels, "wire_jpeg", slow)
    assert not fixes.apply(person, "resize")
    assert Person.objects.get().wire_sha256 == person.wire_sha256


def test_a_photo_mended_twice_at_once_is_mended_once() -> None:
    person, same = add(), Person.objects.get()
    assert fixes.apply(person, "resize")
    assert not fixes.apply(same, "pad")


def test_erasing_leaves_no_mended_rendition(
    django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    person = add()
    fixes.apply(person, "resize")
    fixes.apply(person, "pad")
    with django_capture_on_commit_callbacks(execute=True):
        Person.objects.all().erase()
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def test_an_unknown_remedy_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a remedy"):
        fixes.mended(Image.new("RGB", (9, 9)), "paint", {})
