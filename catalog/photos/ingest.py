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
from typing import Any

import pillow_heif
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _
from PIL import Image

from catalog.photos import facts, pixels
from catalog.photos.formats import EXTENSIONS, is_crowded, is_cut_short, recognise
from catalog.photos.refusals import (
    Refused,
    animated,
    check_bytes,
    check_sides,
    too_many_pixels,
    truncated,
    unreadable,
    unsupported,
)

__all__ = ["Prepared", "Refused", "check_bytes", "hamming", "prepare", "save"]

pillow_heif.register_heif_opener()

# Try-on models paint about a megapixel and enlarge from there: more than 2048 only costs transfer,
# and a detailed photo would pass the 5 MB that providers take.
WIRE_SIDE = 2048
LARGE_SIDE = 1200
THUMB_SIDE = 400


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
    colour: str
    wire_width: int
    wire_height: int
    facts: dict[str, Any]


def prepare(data: bytes) -> Prepared:
    """Check a file and derive everything that is kept of it. The same bytes give the same result.

    Raises Refused.
    """
    kind = _accepted_kind(data)
    with _decoding():
        image, width, height = _decoded(kind, data)
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
        colour=pixels.average(thumb_image),
        wire_width=wire_image.width,
        wire_height=wire_image.height,
        facts=facts.of_rendition(wire, large_image, wire_image.size),
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
    columns = (
        *("sha256", "wire_sha256", "width", "height", "dhash", "colour"),
        *("wire_width", "wire_height", "facts"),
    )
    return names | {column: getattr(prepared, column) for column in columns}


def hamming(a: int, b: int) -> int:
    """Count the bits in which two difference hashes differ."""
    return ((a ^ b) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def _accepted_kind(data: bytes) -> str:
    check_bytes(len(data))
    kind = recognise(data)
    if kind == "HEIF sequence":
        raise animated(kind)
    if kind not in EXTENSIONS:
        raise unsupported(kind)
    if is_cut_short(kind, data):
        raise truncated()
    if is_crowded(kind, data):
        raise unreadable()
    return kind


def _decoded(kind: str, data: bytes) -> tuple[Image.Image, int, int]:
    """Return the picture as it lies in the file, and its sides as they should be seen."""
    image = Image.open(io.BytesIO(data), formats=[kind])
    width, height = image.size
    check_sides(width, height)
    _check_still(image)
    if kind == "JPEG":
        # Halves while decoding. Never for HEIC: there it would return the embedded thumbnail.
        image.draft(None, pixels.fitted(width, height, WIRE_SIDE))
    image.load()
    if kind == "HEIF":
        # The decoder may find other sides than the header says.
        width, height = image.size
        check_sides(width, height)
    return (image, height, width) if pixels.lies_on_its_side(image) else (image, width, height)


def _check_still(image: Image.Image) -> None:
    # A camera's JPEG may carry a depth map or a second view: its first picture is the photo.
    if image.format in {"PNG", "WEBP"} and getattr(image, "is_animated", False):
        raise animated(str(image.format))


@contextmanager
def _decoding() -> Iterator[None]:
    """Turn whatever a decoder throws at a broken file into a refusal."""
    try:
        yield
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many_pixels(_("far more")) from error
    except Exception as error:
        # Decoders answer broken files with OSError, SyntaxError, struct.error and a dozen more.
        hint = str(error).lower()
        ended = any(word in hint for word in ("truncat", "end of file", "incomplete"))
        raise (truncated() if ended else unreadable()) from error
