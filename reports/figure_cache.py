"""Figures over many rows: days that are over are counted once, today once a minute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar, cast

from django.core.cache import cache
from django.utils import timezone

from reports.models import DailyFigure

T = TypeVar("T")
# Rows that JSON can hold, of a time from its first to before its second end.
Rows = list[list[Any]]
Count = Callable[[datetime, datetime], Rows]

MINUTE_S = 60
# What was written before midnight may be committed after it, so a day is closed this much later.
DAY_CLOSED_AFTER = timedelta(hours=1)


def cached_figures(name: str, count: Callable[[], T]) -> T:
    """Return what `count` returned at most a minute ago. Rows, not texts: languages differ."""
    return cast("T", cache.get_or_set(f"overview:{name}", count, MINUTE_S))


def by_day(name: str, days: Sequence[date], now: datetime, count: Count) -> dict[date, Rows]:
    """The rows of each day in the site's time zone, as `count` gives them."""
    return cached_figures(f"{name}:{days[-1]}", lambda: _by_day(name, days, now, count))


def _by_day(name: str, days: Sequence[date], now: datetime, count: Count) -> dict[date, Rows]:
    over = [day for day in days if midnight(day + timedelta(days=1)) <= now - DAY_CLOSED_AFTER]
    stored = DailyFigure.objects.filter(name=name, day__in=over)
    known: dict[date, Rows] = dict(stored.values_list("day", "rows"))
    counted = {
        day: count(midnight(day), midnight(day + timedelta(days=1)))
        for day in days
        if day not in known
    }
    new = [DailyFigure(name=name, day=day, rows=counted[day]) for day in over if day in counted]
    DailyFigure.objects.bulk_create(new, ignore_conflicts=True)
    return known | counted


def midnight(day: date) -> datetime:
    """When a day begins."""
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def last_days(now: datetime, n: int) -> list[date]:
    """Today last."""
    today = timezone.localdate(now)
    return [today - timedelta(days=ago) for ago in reversed(range(n))]
