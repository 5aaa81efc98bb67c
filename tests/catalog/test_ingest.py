"""Photos that are taken, and what is made of them."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from PIL import Image, ImageCms

from catalog.photos.ingest import Prepared, hamming, prepare, save
from tests.pictures import FORMATS, encoded, opened, photo, pixels


def colour(data: bytes, x: int = 100, y: int = 100) -> Any:
    return opened(data).convert("RGB").getpixel((x, y))


def near(found: tuple[int, ...], wanted: tuple[int, ...], by: int = 3) -> bool:
    return max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= by


def test_it_works() -> None:
    data = photo(300, 400)
    prepared = prepare(data)
    assert (prepared.width, prepared.height, prepared.extension) == (300, 400, "jpg")
    assert prepared.sha256 == hashlib.sha256(data).hexdigest()
    assert prepared.wire_sha256 == hashlib.sha256(prepared.wire).hexdigest()
    assert opened(prepared.wire).size == (300, 400)


@pytest.mark.parametrize("format", FORMATS)
def test_each_format_gives_the_same_picture(format: str) -> None:
    prepared = prepare(photo(320, 400, format))
    assert prepared.extension == FORMATS[format]
    assert opened(prepared.wire).format == "JPEG"
    wanted = np.asarray(pixels(320, 400), np.int16)
    assert np.abs(np.asarray(opened(prepared.wire), np.int16) - wanted).mean() < 4


def test_same_bytes_give_the_same_result() -> None:
    data = photo(500, 700, "PNG")
    assert prepare(data) == prepare(data)


def test_renditions_shrink_and_never_grow() -> None:
    prepared = prepare(photo(3000, 2000))
    assert (prepared.width, prepared.height) == (3000, 2000)
    assert opened(prepared.wire).size == (2048, 1365)
    assert opened(prepared.large).size == (1200, 800)
    assert opened(prepared.thumb).size == (400, 267)
    assert opened(prepare(photo(200, 160)).large).size == (200, 160)


def test_a_large_photo_is_halved_while_decoding_and_keeps_its_sides() -> None:
    prepared = prepare(photo(8192, 1100))
    assert (prepared.width, prepared.height) == (8192, 1100)
    assert opened(prepared.wire).size == (2048, 275)


def test_wire_keeps_full_colour_and_large_is_progressive() -> None:
    prepared = prepare(photo())
    assert [layer[1:3] for layer in opened(prepared.wire).layer] == [(1, 1)] * 3  # type: ignore[attr-defined]
    assert opened(prepared.large).info.get("progressive")


def test_wire_of_noise_stays_under_five_megabytes() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (2048, 2048, 3), dtype=np.uint8)
    prepared = prepare(encoded(Image.fromarray(noise), "JPEG", quality=95))
    assert 5_000 < len(prepared.wire) < 5_000_000


def test_wire_of_a_plain_photo_is_written_at_its_best() -> None:
    plain = prepare(encoded(Image.new("RGB", (400, 500), "white")))
    assert len(plain.wire) >= 5_000 or opened(plain.wire).quantization[0][0] == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_turned_upright(orientation: int) -> None:
    image = Image.new("RGB", (300, 200), "white")
    image.paste("red", (0, 0, 60, 60))
    exif = Image.Exif()
    exif[0x0112] = orientation
    prepared = prepare(encoded(image, "JPEG", exif=exif, quality=95))
    turned = orientation >= 5
    assert (prepared.width, prepared.height) == ((200, 300) if turned else (300, 200))
    assert opened(prepared.wire).size == (prepared.width, prepared.height)
    # Where the stored top left corner belongs, by the EXIF specification.
    right, bottom = orientation in {2, 3, 6, 7}, orientation in {3, 4, 7, 8}
    corner = (prepared.width - 20 if right else 20, prepared.height - 20 if bottom else 20)
    assert near(colour(prepared.wire, *corner), (254, 0, 0), by=6)


def test_metadata_stays_behind() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 0.0)
    data = photo(exif=exif, comment=b"SecretComment", dpi=(300, 300))
    prepared = prepare(data)
    for rendition in (prepared.wire, prepared.large, prepared.thumb):
        assert b"Secret" not in rendition
        assert b"Exif" not in rendition
        assert not {"icc_profile", "comment", "exif", "xmp"} & opened(rendition).info.keys()


def test_nothing_after_the_picture_reaches_the_wire() -> None:
    prepared = prepare(photo() + b"PK\x03\x04<script>alert(1)</script>")
    assert b"script" not in prepared.wire
    assert prepared.original.endswith(b"</script>")


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK"])
def test_other_colour_modes(mode: str) -> None:
    format = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(prepare(photo(300, 400, format, mode)).wire).mode == "RGB"


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_becomes_white(mode: str) -> None:
    image = Image.new("RGBA", (300, 400), (0, 0, 0, 0)).convert(mode)
    assert near(colour(prepare(encoded(image)).wire), (255, 255, 255))


def test_half_transparency_is_mixed_with_white() -> None:
    image = Image.new("RGBA", (300, 400), (0, 0, 0, 128))
    assert near(colour(prepare(encoded(image, "WEBP", lossless=True)).wire), (127, 127, 127))


def test_palette_with_transparency_becomes_white() -> None:
    image = Image.new("P", (300, 400), 1)
    image.putpalette([0, 0, 0, 200, 0, 0])
    assert near(colour(prepare(encoded(image, transparency=1)).wire), (255, 255, 255))
    assert near(colour(prepare(encoded(image)).wire), (200, 0, 0))


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    half = np.full((400, 300), 0x8000, np.uint16)
    assert near(colour(prepare(encoded(Image.fromarray(half))).wire), (128, 128, 128))


def test_printing_colours_come_out_as_on_screen() -> None:
    cmyk = Image.new("CMYK", (300, 400), (0, 255, 255, 0))
    assert near(colour(prepare(encoded(cmyk, "JPEG", quality=95)).wire), (254, 0, 0), by=6)


def test_a_colour_profile_is_applied_and_dropped() -> None:
    grey = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # The red and the green primaries of sRGB change places.
    at = {tag: srgb.index(tag) for tag in (b"rXYZ", b"gXYZ")}
    swapped = bytearray(srgb)
    swapped[at[b"rXYZ"] : at[b"rXYZ"] + 4] = b"gXYZ"
    swapped[at[b"gXYZ"] : at[b"gXYZ"] + 4] = b"rXYZ"
    red = Image.new("RGB", (300, 400), (255, 0, 0))
    wire = prepare(encoded(red, icc_profile=bytes(swapped))).wire
    assert near(colour(wire), (0, 255, 0), by=6)
    for foreign in (grey, lab, srgb):
        assert near(colour(prepare(encoded(red, icc_profile=foreign)).wire), (254, 0, 0), by=6)


@pytest.mark.parametrize("profile", [b"", b"nonsense", b"\0" * 128, b"x" * 5_000_000])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    red = Image.new("RGB", (300, 400), (255, 0, 0))
    assert near(colour(prepare(encoded(red, "JPEG", icc_profile=profile)).wire), (254, 0, 0), by=6)


def test_a_second_picture_in_a_jpeg_is_left_out() -> None:
    pair = encoded(pixels(), "MPO", save_all=True, append_images=[pixels(seed=1)])
    prepared = prepare(pair)
    assert prepared.extension == "jpg"
    assert hamming(prepared.dhash, prepare(photo()).dhash) <= 2


def test_lookalikes_have_near_hashes() -> None:
    first = prepare(photo(600, 800, seed=3))
    again = prepare(photo(300, 400, "WEBP", seed=3))
    other = prepare(photo(600, 800, seed=4))
    assert hamming(first.dhash, again.dhash) <= 6 < hamming(first.dhash, other.dhash)


@pytest.mark.parametrize("seed", range(4))
def test_hashes_fit_a_signed_column(seed: int) -> None:
    assert -(2**63) <= prepare(photo(seed=seed)).dhash < 2**63


def test_hamming_counts_across_the_sign() -> None:
    assert (hamming(-1, 0), hamming(-(2**63), 0), hamming(5, 6), hamming(-7, -7)) == (64, 1, 2, 0)


def test_save_names_files_by_content() -> None:
    prepared: Prepared = prepare(photo(format="WEBP"))
    values = save(prepared, "garment")
    sha = prepared.sha256
    assert values["original"] == f"garment/{sha[:2]}/{sha}/original.webp"
    assert values["wire"] == f"garment/{sha[:2]}/{sha}/wire.jpg"
    assert values["dhash"] == prepared.dhash
    assert save(prepared, "garment") == values
    for field in ("original", "wire", "large", "thumb"):
        with default_storage.open(values[field]) as file:
            assert file.read() == getattr(prepared, field)
