"""Files that are refused, each with its code, and none with any other exception."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFile, PngImagePlugin, WebPImagePlugin
from pillow_heif import HeifImageFile

from catalog.photos import ingest, refusals
from catalog.photos.ingest import Refused, prepare
from tests.pictures import FORMATS, encoded, opened, photo, pixels

LOSSLESS_WEBP = photo(160, 200, "WEBP", lossless=True)
VALID = {format: photo(160, 200, format) for format in FORMATS}


def code(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        prepare(data)
    assert str(caught.value)
    return caught.value.code


def chunk(kind: bytes, body: bytes) -> bytes:
    crc = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)


def png(width: int, height: int, *extra: bytes) -> bytes:
    """A PNG whose header tells any sides that one likes."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + body + chunk(b"IEND", b"")


@pytest.fixture
def no_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    # pytest.fail() passes through `except Exception`, so nothing can take it for a refusal.
    def load(self: Any) -> None:
        pytest.fail("pixels were decoded")

    for opens in (ImageFile.ImageFile, WebPImagePlugin.WebPImageFile, HeifImageFile):
        monkeypatch.setattr(opens, "load", load)


def test_it_works() -> None:
    assert code(b"") == "empty"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (encoded(pixels(), "GIF"), "GIF"),
        (encoded(pixels(), "TIFF"), "TIFF"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04 ...", "ZIP"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "SVG"),
        (b'\xef\xbb\xbf \n<?xml version="1.0"?><svg/>', "XML"),
        (b"<!DOCTYPE html><title>x</title>", "HTML"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "AVIF"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", "MP4"),
        (b"just words", "something else"),
    ],
)
def test_other_formats_are_named(data: bytes, name: str) -> None:
    with pytest.raises(Refused, match=name) as caught:
        prepare(data)
    assert caught.value.code == "unsupported_format"


def test_a_name_does_not_make_a_format() -> None:
    """A script that begins like a bitmap is no bitmap."""
    assert code(b"BM<script>alert(1)</script>" + b" " * 2000) in {"unreadable", "truncated"}


def test_animations() -> None:
    frames = [pixels(seed=1), pixels(seed=2)]
    for format in ("PNG", "WEBP"):
        assert code(encoded(pixels(), format, save_all=True, append_images=frames)) == "animated"
    assert code(b"\0\0\0\x18ftyphevc\0\0\0\0msf1hevc") == "animated"


def test_too_many_bytes() -> None:
    assert code(b"\xff\xd8\xff" + bytes(refusals.MAX_BYTES)) == "too_many_bytes"


@pytest.mark.parametrize(
    ("width", "height", "wanted"),
    [
        (149, 400, "too_small"),
        (400, 149, "too_small"),
        (8193, 400, "side_too_long"),
        (8192, 8192, "too_many_pixels"),
        (150, 1201, "too_narrow"),
        # Pillow itself warns of the first and refuses the second.
        (10_000, 9_000, "side_too_long"),
        (60_000, 60_000, "too_many_pixels"),
    ],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_sides_are_read_before_any_pixel(
    no_decoding: None, width: int, height: int, wanted: str
) -> None:
    assert code(png(width, height)) == wanted


def test_the_smallest_photo_is_taken() -> None:
    assert prepare(photo(150, 150)).width == 150


def test_sides_in_a_heic_header_are_checked_before_decoding(no_decoding: None) -> None:
    data = VALID["HEIF"]
    at = data.index(b"ispe") + 8
    huge = data[:at] + struct.pack(">II", 9000, 9000) + data[at + 8 :]
    assert code(huge) == "side_too_long"


def test_a_heic_that_lies_about_its_sides() -> None:
    data = VALID["HEIF"]
    at = data.index(b"ispe") + 8
    assert code(data[:at] + struct.pack(">II", 4000, 4000) + data[at + 8 :]) == "unreadable"


def test_sides_in_a_webp_header_are_checked_before_decoding(no_decoding: None) -> None:
    data = bytearray(LOSSLESS_WEBP)
    data[21:25] = struct.pack("<I", 8999 | 8999 << 14)
    assert code(bytes(data)) == "side_too_long"


def test_text_that_unpacks_to_gigabytes() -> None:
    bomb = zlib.compress(b"\0" * 50_000_000, 9)
    text = chunk(b"zTXt", b"Comment\0\0" + bomb)
    profile = chunk(b"iCCP", b"x\0\0" + bomb)
    assert code(png(200, 200, text)) == "unreadable"
    assert code(png(200, 200, profile)) == "unreadable"


def test_text_after_the_pixels_is_limited_too() -> None:
    valid = VALID["PNG"]
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 50_000_000, 9))
    assert code(valid[:-12] + bomb + valid[-12:]) == "unreadable"


def test_harmless_text_is_dropped() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "Secret" * 1000, zip=True)
    assert b"Secret" not in prepare(photo(format="PNG", pnginfo=notes)).wire


def test_a_jpeg_of_endless_scans() -> None:
    data = photo(progressive=True)
    first = data.index(b"\xff\xda")
    scan = data[first : data.index(b"\xff", first + 2)]
    assert code(data[:first] + scan * 200 + data[first:]) == "unreadable"


def test_a_png_of_endless_chunks(no_decoding: None) -> None:
    assert code(png(200, 200, chunk(b"teSt", b"") * 20_001)) == "unreadable"


def test_a_jpeg_of_endless_segments(no_decoding: None) -> None:
    data = VALID["JPEG"]
    assert code(data[:2] + b"\xff\xfe\x00\x02" * 30_000 + data[2:]) == "unreadable"


def test_many_restart_marks_are_no_crowd() -> None:
    assert prepare(photo(3000, 2000, restart_marker_blocks=1)).width == 3000


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_does_not_cost_the_photo() -> None:
    prepared = prepare(photo(exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + b"\xff" * 50))
    assert prepared.width == 300


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_files_that_end_early(format: str, share: float) -> None:
    data = VALID[format]
    assert code(data[: int(len(data) * share)]) == "truncated"


def test_pixels_that_were_promised_and_are_missing() -> None:
    assert code(png(4000, 4000)) in {"truncated", "unreadable"}


def test_refusals_speak_the_language_of_who_reads_them() -> None:
    refused = refusals.unsupported("GIF")
    with override("zh-hans"):
        assert "GIF" in str(refused)
    assert "GIF" in str(refused)


def _damaged() -> Iterator[Any]:
    for format, data in VALID.items():
        yield st.builds(
            lambda at, byte, end, data=data: (data[:at] + bytes([byte]) + data[at + 1 :])[:end],
            st.integers(0, len(data) - 1) | st.integers(0, 700),
            st.integers(0, 255),
            st.just(len(data)) | st.integers(1, len(data)),
        ).map(lambda damaged, format=format: (format, damaged))


@settings(max_examples=300, deadline=None)
@given(st.one_of(*_damaged()))
def test_damage_is_refused_or_survived(case: tuple[str, bytes]) -> None:
    try:
        prepared = prepare(case[1])
    except Refused:
        return
    assert max(opened(prepared.wire).size) <= ingest.WIRE_SIDE
    assert opened(prepared.thumb).mode == "RGB"


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([v[:16] for v in VALID.values()]), st.binary(max_size=400))
def test_nonsense_behind_a_true_beginning_is_refused(head: bytes, tail: bytes) -> None:
    with pytest.raises(Refused):
        prepare(head + tail)
