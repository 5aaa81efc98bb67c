"""Recent approval rates, for pages of rooms below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django import template
from django.template import Context
from django.utils.translation import gettext as _

from portal.number_format import count, percent
from reports.approval_statistics.outfit_kinds import KINDS, kind_of
from reports.approval_statistics.report import approvals_by_kind

register = template.Library()

DAYS = 90


@register.simple_tag(takes_context=True)
def approval_hints(
    context: Context, outfits: Sequence[Mapping[str, object]], now: datetime
) -> Mapping[str, list[str]]:
    """Sentences by the provider's alias, for these kinds of outfits, if the user sees results."""
    if not context["request"].user.has_perm("jobs.view_result"):
        return {}
    return _hints_by_provider(outfits, now)


def _hints_by_provider(
    outfits: Sequence[Mapping[str, object]], now: datetime
) -> Mapping[str, list[str]]:
    """Sentences by the provider's alias, of the kinds of outfits in this launch."""
    launched = {kind_of(outfit) for outfit in outfits}
    if not launched:
        return {}
    return {
        provider: [
            _hint(kind, *rates[kind])
            for kind in KINDS
            if kind in launched and rates.get(kind, (0, 0))[1]
        ]
        for provider, rates in approvals_by_kind(DAYS, now).items()
    }


def _hint(kind: str, approved: int, reviewed: int) -> str:
    text = {
        "top": _("%(share)s of tops approved (%(n)s)"),
        "bottom": _("%(share)s of bottoms approved (%(n)s)"),
        "dress": _("%(share)s of dresses approved (%(n)s)"),
        "pair": _("%(share)s of tops with bottoms approved (%(n)s)"),
    }[kind]
    return text % {"share": percent(approved / reviewed), "n": count(reviewed)}
