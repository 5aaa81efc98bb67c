"""Counting days as soon as they are over, so that the statistics page is fast."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from catalog.lanes import MEDIA, enqueue
from reports.approval_statistics import counts
from reports.approval_statistics.daily import daily_rows, figure_name
from reports.approval_statistics.scope import Scope
from reports.figure_cache import DAY_CLOSED_AFTER
from reports.models import DailyFigure

DAYS_BACK = 365
COUNTERS = (counts.reviews, counts.costs, counts.seconds)


def _last_closed_day(now: datetime) -> date:
    """The last day that is over for good."""
    return timezone.localdate(now - DAY_CLOSED_AFTER) - timedelta(days=1)


def enqueue_if_due(now: datetime) -> None:
    """Enqueue the count of yesterday, once it is over and not counted."""
    # The last one to be counted: where it is, the others are.
    if not DailyFigure.objects.filter(
        name=figure_name(COUNTERS[-1]), day=_last_closed_day(now)
    ).exists():
        enqueue("reports.tasks.count_days", lane=MEDIA)


def count_missing_days(now: datetime) -> None:
    """Count the days of the last year that are not counted yet."""
    last = _last_closed_day(now)
    first = last - timedelta(days=DAYS_BACK)
    for each in COUNTERS:
        for _row in daily_rows(each, first, last, now, Scope()):
            pass
