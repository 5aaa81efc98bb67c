"""How many of what reviewers decided on they approved, by provider, and how sure that is."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F
from django.utils.translation import gettext as _

from jobs.models import Result
from portal.number_format import percent
from reports.figure_cache import cached_figures
from review.models import Decision

DAYS = 30
# Their interval is no wider than two percentage points; a million would take seconds to count.
NEWEST = 10_000
Z95 = 1.959964


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of `hits` in `n` (Wilson, 1927); it never leaves 0 to 1."""
    if not n:
        return 0.0, 1.0
    share, square = hits / n, Z95**2 / n
    middle = (share + square / 2) / (1 + square)
    half = Z95 / (1 + square) * math.sqrt(share * (1 - share) / n + square / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Approval:
    provider: str
    approved: int
    reviewed: int

    @property
    def share(self) -> float:
        return self.approved / self.reviewed

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.approved, self.reviewed)

    @property
    def interval_text(self) -> str:
        low, high = self.interval
        return _("%(low)s to %(high)s") % {"low": percent(low), "high": percent(high)}


def approvals(now: datetime) -> list[Approval]:
    """Of the newest decisions of the last days; what was undone does not count."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    since = now - timedelta(days=DAYS)
    for provider, verdict, n in cached_figures("approvals", lambda: _rows(since)):
        counts[provider][verdict] = n
    return [
        Approval(provider, found.get(Result.Review.APPROVED, 0), sum(found.values()))
        for provider, found in sorted(counts.items())
    ]


def _rows(since: datetime) -> list[tuple[str, str, int]]:
    """(provider, verdict, results) of decisions that still stand."""
    recent = Decision.objects.filter(at__gte=since).order_by("-at")
    # A time, not a sub-select: PostgreSQL would read the whole table to match its rows.
    first = recent.values_list("at", flat=True)[NEWEST - 1 : NEWEST]
    standing = recent.filter(at__gte=next(iter(first), since), verdict=F("result__review"))
    decided = standing.exclude(verdict=Result.Review.PENDING).order_by()
    rows = decided.values_list("result__job__account__alias", "verdict")
    return list(rows.annotate(n=Count("result", distinct=True)))
