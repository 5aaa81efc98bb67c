"""Words of the library."""

from __future__ import annotations

from django import template

from catalog.models import Garment

register = template.Library()


@register.filter
def slot_word(value: str) -> str:
    """The label of a slot."""
    return str(Garment.Slot(value).label)
