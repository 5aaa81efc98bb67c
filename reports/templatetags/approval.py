"""What reviewers said lately, for pages of rooms below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django import template

from reports.approval_statistics import hints

register = template.Library()


@register.simple_tag
def approval_hints(
    outfits: Sequence[Mapping[str, object]], now: datetime
) -> Mapping[str, list[str]]:
    """Sentences by the provider's alias, of the kinds of these outfits."""
    return hints.by_provider(outfits, now)
