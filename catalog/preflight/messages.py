"""A broken rule in words: what was found, what is asked for, what helps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from providers.image_rules import Rule

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _number(value: float) -> str:
    return f"{value:g}"


def _pixels(value: float) -> str:
    return f"{value:.0f} px"


def _kilobytes(value: float) -> str:
    return f"{value / 1000:,.1f} KB"


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _ratio(value: float) -> str:
    return f"{value:.2f} : 1"


def _no_value(value: float) -> str:
    return ""


class Remark(NamedTuple):
    """`low` explains a value under the limit (or of any), `high` of one over it."""

    title: StrOrPromise
    remedy: StrOrPromise
    unit: Callable[[float], str] = _no_value
    high: StrOrPromise = ""


_LARGER = _("Use a larger photo.")
_ONE_PERSON = _("Use a photo of one person, or crop it to one.")
_FRONT = _("Use a photo taken from the front, standing upright.")
_ALONE = _("Photograph the garment alone, laid flat; or say that it is worn.")

REMARKS = {
    "format": Remark(_("Format not taken"), _("Convert it to JPEG.")),
    "bytes": Remark(
        _("File too small"), _("Use a larger photo, or save it larger."), _kilobytes,
        _("File too large"),
    ),
    "short_side": Remark(_("Short side too short"), _LARGER, _pixels),
    "long_side": Remark(
        _("Long side too short"), _LARGER, _pixels, _("Long side too long")
    ),
    "ratio": Remark(_("Too narrow"), _("Pad it towards 3 : 4."), _ratio, _("Too narrow")),
    "persons": Remark(
        _("No person found"), _ONE_PERSON, _number, _("More than one person")
    ),
    "whole": Remark(
        _("Not the whole person"), _("Use a photo with head and feet in it for the best result.")
    ),
    "frontal": Remark(_("Not from the front"), _FRONT, _number),
    "facing": Remark(_("Not from the front"), _FRONT, _number),
    "upright": Remark(_("Not upright"), _FRONT),
    "torso_seen": Remark(
        _("Shoulders or hips hidden"), _("Use a photo with the arms beside the body."), _percent
    ),
    "torso": Remark(_("Person too small"), _("Crop the photo closer to the person."), _percent),
    "share": Remark(
        _("Person fills too little"), _("Crop the photo closer to the person."), _percent
    ),
    "legs": Remark(
        _("Legs not in the photo"), _("Use a full-length photo for a bottom or a dress.")
    ),
    "sharp": Remark(_("Blurred"), _("Use a sharper photo."), _percent),
    "bright": Remark(_("Too dark"), _("Use a photo with more light."), _number),
    "worn": Remark(_("Worn by a person"), _ALONE, _no_value, _("Worn by a person")),
    "type_stated": Remark(
        _("Said to be flat, but worn"), _("Set the photo type to “worn”, or use a flat photo.")
    ),
    "garments": Remark(
        _("More than one garment"), _("Crop the photo to one garment."), _number,
        _("More than one garment"),
    ),
    "plain": Remark(_("Background not plain"), _("Photograph it on a plain ground.")),
    "found": Remark(
        _("No clear outline"), _("Photograph it on a ground of another colour, fully in view.")
    ),
    "shape_known": Remark(
        _("Shape not understood"), _("Spread it out flat, without folds, seen from straight above.")
    ),
    "cut_off": Remark(
        _("Cut off by the edge"), _("Use a photo with the whole garment in it."), _no_value,
        _("Cut off by the edge"),
    ),
    "fills": Remark(_("Too much margin"), _("Crop it to the garment."), _percent),
}  # fmt: skip


def remark_of(rule: Rule) -> Remark:
    """What to say of a broken rule: in its provider's words, where it has some."""
    if rule.title:
        return Remark(rule.title, rule.remedy, _number, rule.title)
    return REMARKS[rule.name]


MENDS: dict[str, StrOrPromise] = {
    "convert": _("Convert"),
    "recompress": _("Recompress"),
    "resize": _("Resize"),
    "pad": _("Pad"),
    "crop": _("Crop"),
}

# In two words, for a cell of the matrix.
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
    "type_stated": gettext_noop("Photo type"),
    "garments": gettext_noop("Several garments"),
    "plain": gettext_noop("Background"),
    "found": gettext_noop("No outline"),
    "shape_known": gettext_noop("Shape unclear"),
    "cut_off": gettext_noop("Cut off"),
    "fills": gettext_noop("Wide margin"),
}


def short(rule: str) -> str:
    """The rule in two words, for a cell of the matrix."""
    return translate(_WORDS[rule]) if rule in _WORDS else translate("Refused")
