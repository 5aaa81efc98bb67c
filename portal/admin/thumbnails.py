"""Thumbnails and states as the lists show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from portal.badges import badge


class Picture(Protocol):
    """An image with its display sizes, in pixels."""

    thumb: Any
    width: int
    height: int


THUMB_HEIGHT = 80

# The admin has no icon sprite: a sign replaces the icon of each colour in `portal.badges`.
SIGNS = {"is-ok": "✓", "is-bad": "✕", "is-warn": "!", "is-run": "▸", "is-live": "●", "": "○"}


def thumb(picture: Picture | None, height: int = THUMB_HEIGHT) -> str:
    """The whole picture, in its own proportions; its address is signed without a query."""
    if picture is None:
        return "–"
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="{}" loading="lazy">',
        picture.thumb.url,
        max(1, round(height * picture.width / max(1, picture.height))),
        height,
        picture,
    )


def thumbs(pictures: Iterable[Picture]) -> str:
    return format_html_join(mark_safe(" "), "{}", ((thumb(p),) for p in pictures)) or "–"


def state(value: str, label: Any) -> SafeString:
    """Colour, sign and label of a state, always the three together."""
    css = badge(value).css
    return format_html(
        '<span class="state {}"><span aria-hidden="true">{}</span> {}</span>',
        *(css, SIGNS[css], label),
    )
