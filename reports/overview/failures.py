"""What went wrong in the last week, by what it means to a user."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, Max
from django.urls import reverse
from django.utils.http import urlencode

from jobs.models import TryOnJob
from providers import error_help
from reports.figure_cache import Rows, by_day, last_days
from reports.overview.throughput import WEEK

MAX_KINDS = 6


@dataclass(frozen=True)
class Failure:
    """`url` shows the newest of them, where they can be retried or fixed."""

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
    found: dict[str, Failure] = {}
    for kind, code, n, newest in _most_frequent(now):
        known = error_help.explain(code, kind)
        title, url = str(known.title), _url(newest, code)
        first = found.get(title, Failure(title, 0, known.retry, url))
        found[title] = replace(first, count=first.count + n)
    kinds = sorted(found.values(), key=lambda each: -each.count)
    return Failures(kinds[:MAX_KINDS], sum(each.count for each in kinds))


def _most_frequent(now: datetime) -> Rows:
    """[kind, code, jobs, newest batch] of the week."""
    week: dict[tuple[str, str], tuple[int, int]] = {}
    for rows in by_day("failed", last_days(now, WEEK), now, _counts).values():
        for kind, code, n, newest in rows:
            before, batch = week.get((kind, code), (0, 0))
            week[kind, code] = before + n, max(batch, newest)
    return sorted(([*key, *value] for key, value in week.items()), key=lambda row: -row[2])


def _counts(since: datetime, until: datetime) -> Rows:
    failed = TryOnJob.objects.team_owned().filter(
        state=TryOnJob.State.FAILED, finished_at__gte=since, finished_at__lt=until
    )
    rows = failed.order_by().values_list("error_kind", "error_code")
    return [list(row) for row in rows.annotate(n=Count("*"), newest=Max("batch"))]


def _url(batch: int, code: str) -> str:
    return f"{reverse('batch', args=[batch])}?{urlencode({'code': code})}"
