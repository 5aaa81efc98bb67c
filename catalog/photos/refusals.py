"""What is not taken, and how it is explained: the rule, the value found, the remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MAX_BYTES = 20_000_000
MAX_PIXELS = 50_000_000
MAX_SIDE = 8192
MIN_SIDE = 150
MAX_RATIO = 8


class Refused(ValueError):
    """What is not taken: `code` for programs, `message` for people, in their language.

    `text` and `values` are what the message is made of, for whoever keeps it for other readers.
    """

    def __init__(self, code: str, text: str | _StrPromise, **values: object) -> None:
        super().__init__(code)
        self.code, self.text, self.values = code, text, values
        self.message: str | _StrPromise = format_lazy(text, **values) if values else text

    def __str__(self) -> str:
        return str(self.message)


def check_bytes(count: int) -> None:
    """Refuse a file by its size alone, before it is read into memory."""
    if count == 0:
        raise Refused("empty", _("The file is empty. Choose it again."))
    if count > MAX_BYTES:
        raise Refused(
            "too_many_bytes",
            _("A photo may have {limit} MB, this one has {found} MB. Save it smaller or as JPEG."),
            limit=MAX_BYTES // 1_000_000,
            found=f"{count / 1_000_000:.1f}",
        )


def check_sides(width: int, height: int) -> None:
    short, long = sorted((width, height))
    found = f"{width} × {height}"
    if long > MAX_SIDE:
        text = _("A side may have {limit} pixels; this photo has {found}. Make it smaller.")
        raise Refused("side_too_long", text, limit=MAX_SIDE, found=found)
    if width * height > MAX_PIXELS:
        raise too_many_pixels(found)
    if short < MIN_SIDE:
        text = _("Each side needs {limit} pixels; this photo has {found}. Use a larger one.")
        raise Refused("too_small", text, limit=MIN_SIDE, found=found)
    if long > short * MAX_RATIO:
        text = _("One side may be {limit} times the other; this photo has {found}. Crop it.")
        raise Refused("too_narrow", text, limit=MAX_RATIO, found=found)


def unsupported(found: str) -> Refused:
    return Refused(
        "unsupported_format",
        _("Photos are JPEG, PNG, BMP, WebP or HEIC; this is {found}. Save it as JPEG."),
        found=found or _("something else"),
    )


def too_many_pixels(found: object) -> Refused:
    text = _("A photo may have {limit} million pixels; this one has {found}. Make it smaller.")
    return Refused("too_many_pixels", text, limit=MAX_PIXELS // 1_000_000, found=found)


def animated(found: str) -> Refused:
    text = _("An animation ({found}) cannot be used. Save one of its pictures as JPEG.")
    return Refused("animated", text, found=found)


def truncated() -> Refused:
    return Refused("truncated", _("The file ends too early. Copy or upload it again."))


def unreadable() -> Refused:
    return Refused(
        "unreadable", _("The file is damaged. Open it in a picture program and save it as JPEG.")
    )
