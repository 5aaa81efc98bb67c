"""What reviewers said of a provider's work lately, in a few words for whoever launches more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from portal.number_format import count, percent
from reports.approval_statistics.outfit_kinds import KINDS, kind_of
from reports.approval_statistics.report import approvals_by_kind

DAYS = 90


def by_provider(outfits: Sequence[Mapping[str, object]], now: datetime) -> Mapping[str, list[str]]:
    """Sentences by the provider's alias, of the kinds of outfits in this launch."""
    launched = {kind_of(outfit) for outfit in outfits}
    if not launched:
        return {}
    return {
        provider: [
            _said(kind, *rates[kind])
            for kind in KINDS
            if kind in launched and rates.get(kind, (0, 0))[1]
        ]
        for provider, rates in approvals_by_kind(DAYS, now).items()
    }


def _said(kind: str, approved: int, reviewed: int) -> str:
    text = {
        "top": _("%(share)s of tops approved (%(n)s)"),
        "bottom": _("%(share)s of bottoms approved (%(n)s)"),
        "dress": _("%(share)s of dresses approved (%(n)s)"),
        "pair": _("%(share)s of tops with bottoms approved (%(n)s)"),
    }[kind]
    return text % {"share": percent(approved / reviewed), "n": count(reviewed)}
