"""The rules of photos in two words, for a cell of the matrix; the sentence is in the list below."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_WORDS = {
    "format": gettext_noop("Wrong format"),
    "bytes": gettext_noop("File size"),
    "short_side": gettext_noop("Too small"),
    "long_side": gettext_noop("Wrong size"),
    "ratio": gettext_noop("Too narrow"),
    "persons": gettext_noop("Not one person"),
    "whole": gettext_noop("Not whole"),
    "frontal": gettext_noop("Not frontal"),
    "facing": gettext_noop("Not frontal"),
    "upright": gettext_noop("Not upright"),
    "torso_seen": gettext_noop("Body hidden"),
    "torso": gettext_noop("Person small"),
    "share": gettext_noop("Person small"),
    "legs": gettext_noop("No legs"),
    "sharp": gettext_noop("Blurred"),
    "bright": gettext_noop("Too dark"),
    "worn": gettext_noop("Worn"),
    "told": gettext_noop("Photo type"),
    "garments": gettext_noop("Several garments"),
    "plain": gettext_noop("Background"),
    "found": gettext_noop("No outline"),
    "shape_known": gettext_noop("Shape unclear"),
    "cut_off": gettext_noop("Cut off"),
    "fills": gettext_noop("Wide margin"),
}


def short(rule: str) -> str:
    return _(_WORDS[rule]) if rule in _WORDS else _("Refused")
