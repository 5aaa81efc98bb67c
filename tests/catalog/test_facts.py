from __future__ import annotations

import io

import pytest
from PIL import Image, ImageFilter

from catalog.photos import facts, ingest
from tests.pictures import encoded, photo, pixels


def jpeg(image: Image.Image) -> bytes:
    return encoded(image, "JPEG", quality=92, subsampling=0)


def test_it_works() -> None:
    data = jpeg(pixels(300, 400))
    known = facts.of_wire(data)
    assert {k: known[k] for k in ("format", "bytes", "width", "height")} == {
        "format": "JPEG",
        "bytes": len(data),
        "width": 300,
        "height": 400,
    }


def test_an_upload_brings_the_facts_of_its_wire_rendition() -> None:
    prepared = ingest.prepare(photo(2400, 3000))
    assert (prepared.wire_width, prepared.wire_height) == (1638, 2048)
    assert prepared.facts["bytes"] == len(prepared.wire)
    assert (prepared.facts["width"], prepared.facts["height"]) == (1638, 2048)


def striped(size: int = 600) -> Image.Image:
    image = Image.new("RGB", (size, size), "white")
    for x in range(0, size, 40):
        image.paste((40, 40, 40), (x, 0, x + 20, size))
    return image


@pytest.mark.parametrize(("radius", "sharp"), [(0, True), (0.6, True), (4, False), (8, False)])
def test_blur_shows_however_few_edges_there_are(radius: float, sharp: bool) -> None:
    image = striped().filter(ImageFilter.GaussianBlur(radius))
    assert (facts.of_wire(jpeg(image))["sharp"] >= 0.25) is sharp


def test_an_even_picture_is_neither_sharp_nor_an_error() -> None:
    assert facts.of_wire(jpeg(Image.new("RGB", (300, 300), "white")))["sharp"] == 0


@pytest.mark.parametrize(("grey", "bright"), [(30, 30), (200, 200)])
def test_brightness_is_that_of_the_brightest_part(grey: int, bright: int) -> None:
    image = Image.new("RGB", (200, 200), (10, 10, 10))
    image.paste((grey, grey, grey), (0, 0, 200, 20))
    assert facts.of_wire(jpeg(image))["bright"] == pytest.approx(bright, abs=4)


def test_a_format_is_read_from_the_bytes() -> None:
    out = io.BytesIO()
    pixels().save(out, "WEBP")
    assert facts.of_wire(out.getvalue())["format"] == "WEBP"
