"""Counting days as soon as they are over, so that no reader of the statistics waits for it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from catalog.lanes import MEDIA, enqueue
from reports.approval_statistics import counts
from reports.approval_statistics.daily import name_of, rows_of
from reports.approval_statistics.scope import Scope
from reports.figure_cache import DAY_CLOSED_AFTER
from reports.models import DailyFigure

KEPT_DAYS = 365
COUNTS = (counts.reviews, counts.costs, counts.seconds)


def _last(now: datetime) -> date:
    """The last day that is over for good."""
    return timezone.localdate(now - DAY_CLOSED_AFTER) - timedelta(days=1)


def wake(now: datetime) -> None:
    """Ask for yesterday to be counted, once it is over."""
    # The last one to be counted: where it is, the others are.
    if not DailyFigure.objects.filter(name=name_of(COUNTS[-1]), day=_last(now)).exists():
        enqueue("reports.tasks.count_days", lane=MEDIA)


def count(now: datetime) -> None:
    """Count whichever days of the last year nobody has counted yet."""
    last = _last(now)
    first = last - timedelta(days=KEPT_DAYS)
    for each in COUNTS:
        for _row in rows_of(each, first, last, now, Scope()):
            pass
