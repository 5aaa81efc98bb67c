"""Intake of photos: checked, made upright, freed of metadata, and brought to four sizes.

The one way in for uploads, imports and the images that jobs fetch. No pixel is decoded before
the sides in the header are known, and nothing of a file but its pixels reaches a rendition.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pillow_heif
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from PIL import Image

from catalog import pixels
from catalog.formats import EXTENSIONS, is_cut_short, jpeg_scans, recognise

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

pillow_heif.register_heif_opener()

MAX_BYTES = 20_000_000
MAX_PIXELS = 50_000_000
MAX_SIDE = 8192
MIN_SIDE = 150
MAX_RATIO = 8
# Cameras write about ten; a file of empty scans would keep a core busy for minutes.
MAX_SCANS = 100

# Every provider works at 1280 or less on the long side and answers no larger: 2048 leaves room
# for their crop, and keeps even a noisy photo under their 5 MB.
WIRE_SIDE = 2048
LARGE_SIDE = 1200
THUMB_SIDE = 400


class Refused(ValueError):
    """A file that is not taken: `code` for programs, `message` for people, in their language."""

    def __init__(self, code: str, message: str | _StrPromise) -> None:
        super().__init__(code)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True)
class Prepared:
    """A checked photo: sizes are of the upright original in pixels, renditions are JPEG bytes."""

    sha256: str
    extension: str
    width: int
    height: int
    original: bytes
    wire: bytes
    wire_sha256: str
    large: bytes
    thumb: bytes
    dhash: int


def prepare(data: bytes) -> Prepared:
    """Check a file and derive everything that is kept of it. The same bytes give the same result.

    Raises Refused.
    """
    kind = _accepted_kind(data)
    with _decoding(kind, data):
        image = Image.open(io.BytesIO(data), formats=[kind])
        _check_sides(*image.size)
        _check_still(image)
        width, height = image.size
        image.draft(None, (WIRE_SIDE, WIRE_SIDE))
        image.load()
        # HEIC knows its sides for certain only once decoded.
        _check_sides(*image.size)
        if pixels.lies_on_its_side(image):
            width, height = height, width
        wire_image = pixels.normalised(image, pixels.fitted(width, height, WIRE_SIDE))
    large_image = pixels.shrunk(wire_image, LARGE_SIDE)
    thumb_image = pixels.shrunk(large_image, THUMB_SIDE)
    wire = pixels.wire_jpeg(wire_image)
    return Prepared(
        sha256=hashlib.sha256(data).hexdigest(),
        extension=EXTENSIONS[kind],
        width=width,
        height=height,
        original=data,
        wire=wire,
        wire_sha256=hashlib.sha256(wire).hexdigest(),
        large=pixels.jpeg(large_image, quality=85, progressive=True),
        thumb=pixels.jpeg(thumb_image, quality=80),
        dhash=pixels.difference_hash(thumb_image),
    )


def save(prepared: Prepared, folder: str) -> dict[str, Any]:
    """Write the files and return the values of an asset's columns. Saving twice is harmless."""
    base = f"{folder}/{prepared.sha256[:2]}/{prepared.sha256}"
    files = {
        "original": (f"original.{prepared.extension}", prepared.original),
        "wire": ("wire.jpg", prepared.wire),
        "large": ("large.jpg", prepared.large),
        "thumb": ("thumb.jpg", prepared.thumb),
    }
    names = {
        field: default_storage.save(f"{base}/{name}", ContentFile(content))
        for field, (name, content) in files.items()
    }
    columns = ("sha256", "wire_sha256", "width", "height", "dhash")
    return names | {column: getattr(prepared, column) for column in columns}


def hamming(a: int, b: int) -> int:
    """Count the bits in which two difference hashes differ."""
    return ((a ^ b) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def check_bytes(count: int) -> None:
    """Refuse a file by its size alone, before it is read into memory."""
    if count == 0:
        raise Refused("empty", _("The file is empty. Choose it again."))
    if count > MAX_BYTES:
        raise _refused(
            "too_many_bytes",
            _("A photo may have {limit} MB, this one has {found} MB. Save it smaller or as JPEG."),
            limit=MAX_BYTES // 1_000_000,
            found=f"{count / 1_000_000:.1f}",
        )


def _refused(code: str, text: str | _StrPromise, **values: object) -> Refused:
    return Refused(code, format_lazy(text, **values))


def _accepted_kind(data: bytes) -> str:
    check_bytes(len(data))
    kind = recognise(data)
    if kind == "HEIF sequence":
        raise _animated(kind)
    if kind not in EXTENSIONS:
        raise _refused(
            "unsupported_format",
            _("Photos are JPEG, PNG, BMP, WebP or HEIC; this is {found}. Save it as JPEG."),
            found=kind or _("something else"),
        )
    if is_cut_short(kind, data):
        raise _truncated()
    if kind == "JPEG" and jpeg_scans(data) > MAX_SCANS:
        raise _unreadable()
    return kind


def _check_sides(width: int, height: int) -> None:
    short, long = sorted((width, height))
    found = f"{width} × {height}"
    if long > MAX_SIDE:
        text = _("A side may have {limit} pixels; this photo has {found}. Make it smaller.")
        raise _refused("side_too_long", text, limit=MAX_SIDE, found=found)
    if width * height > MAX_PIXELS:
        raise _too_many_pixels(found)
    if short < MIN_SIDE:
        text = _("Each side needs {limit} pixels; this photo has {found}. Use a larger one.")
        raise _refused("too_small", text, limit=MIN_SIDE, found=found)
    if long > short * MAX_RATIO:
        text = _("One side may be {limit} times the other; this photo has {found}. Crop it.")
        raise _refused("too_narrow", text, limit=MAX_RATIO, found=found)


def _check_still(image: Image.Image) -> None:
    # A camera's JPEG may carry a depth map or a second view: its first picture is the photo.
    if image.format in {"PNG", "WEBP"} and getattr(image, "is_animated", False):
        raise _animated(str(image.format))


@contextmanager
def _decoding(kind: str, data: bytes) -> Iterator[None]:
    """Turn whatever a decoder throws at a broken file into a refusal."""
    try:
        yield
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(_("far more")) from error
    except Exception as error:
        # Decoders answer broken files with OSError, SyntaxError, struct.error and a dozen more.
        hint = str(error).lower()
        ended = any(word in hint for word in ("truncat", "end of file", "incomplete"))
        raise (_truncated() if ended else _unreadable()) from error


def _too_many_pixels(found: object) -> Refused:
    text = _("A photo may have {limit} million pixels; this one has {found}. Make it smaller.")
    return _refused("too_many_pixels", text, limit=MAX_PIXELS // 1_000_000, found=found)


def _animated(found: str) -> Refused:
    text = _("An animation ({found}) cannot be used. Save one of its pictures as JPEG.")
    return _refused("animated", text, found=found)


def _truncated() -> Refused:
    return Refused("truncated", _("The file ends too early. Copy or upload it again."))


def _unreadable() -> Refused:
    return Refused(
        "unreadable", _("The file is damaged. Open it in a picture program and save it as JPEG.")
    )
