"""What reviewers said lately, for pages of rooms below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django import template
from django.template import Context

from reports.approval_statistics import hints

register = template.Library()


@register.simple_tag(takes_context=True)
def approval_hints(
    context: Context, outfits: Sequence[Mapping[str, object]], now: datetime
) -> Mapping[str, list[str]]:
    """Sentences by the provider's alias, of the kinds of these outfits; for who sees results."""
    if not context["request"].user.has_perm("jobs.view_result"):
        return {}
    return hints.by_provider(outfits, now)
