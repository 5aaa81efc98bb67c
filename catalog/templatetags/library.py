"""Words of the library."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from catalog.models import Garment, Person
from portal.templatetags.toile import listed

register = template.Library()


@register.filter
def slot_word(value: str) -> str:
    """The label of a slot."""
    return str(Garment.Slot(value).label)


@register.filter
def slot_names(values: Iterable[str]) -> str:
    """The labels of several slots, one after another."""
    return listed(*map(slot_word, values))


@register.filter
def about(asset: Garment | Person) -> str:
    """What the photo shows, in a few words: "Top, flat", "Female, front"."""
    if isinstance(asset, Garment):
        return listed(asset.get_slot_display(), asset.get_photo_type_display())
    return listed(asset.get_gender_display(), asset.get_view_display())
