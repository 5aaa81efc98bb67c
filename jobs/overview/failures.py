"""What went wrong in the last week, by what it means to a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from .. import catalogue
from ..models import TryOnJob
from .kept import kept
from .throughput import WEEK

KINDS = 6


@dataclass(frozen=True)
class Failure:
    """`url` shows the newest of them, where they can be retried or mended."""

    title: str
    count: int
    passing: bool
    url: str


@dataclass(frozen=True)
class Failures:
    """The most frequent kinds, and how many jobs failed of all kinds."""

    kinds: list[Failure]
    total: int

    @property
    def rest(self) -> int:
        return self.total - sum(kind.count for kind in self.kinds)


def failures(now: datetime) -> Failures:
    """Of today and the six days before."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = kept("failures", lambda: _rows(today - timedelta(days=WEEK - 1)))
    found: dict[str, Failure] = {}
    for row in rows:
        title, passing, n = *_meaning(row), row["n"]
        first = found.get(title)
        found[title] = Failure(
            title, n + (first.count if first else 0), passing, first.url if first else _url(row)
        )
    kinds = sorted(found.values(), key=lambda kind: -kind.count)
    return Failures(kinds[:KINDS], sum(kind.count for kind in kinds))


def _rows(since: datetime) -> list[dict[str, Any]]:
    """One row for each kind and code, the most frequent first."""
    failed = TryOnJob.objects.filter(state=TryOnJob.State.FAILED, finished_at__gte=since)
    rows: Any = failed.order_by().values("error_kind", "error_code")
    return list(rows.annotate(n=Count("id"), newest=Max("batch")).order_by("-n", "error_code"))


def _meaning(row: dict[str, Any]) -> tuple[str, bool]:
    """Its name, and whether it passes by itself."""
    known = catalogue.explain(row["error_code"], row["error_kind"])
    return str(known.title), known.retry


def _url(row: dict[str, Any]) -> str:
    return f"{reverse('batch', args=[row['newest']])}?{urlencode({'code': row['error_code']})}"
