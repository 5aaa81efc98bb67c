"""Figures by day: a day that is over is counted once, today every time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from reports.approval_statistics.counts import Counting
from reports.approval_statistics.scope import Scope
from reports.figure_cache import DAY_CLOSED_AFTER, midnight
from reports.models import DailyFigure

DAY = timedelta(days=1)
# More rows at once than this would make a page of a new site wait for one statement.
WRITTEN_AT_ONCE = 200


def figure_name(count: Counting) -> str:
    return f"stat:{count.__name__}"


def daily_rows(
    count: Counting, first: date, last: date, now: datetime, scope: Scope
) -> Iterator[list[Any]]:
    """Yield the rows of all these days. With a scope, they are counted every time."""
    if scope:
        found = count(midnight(first), midnight(last + DAY), scope)
        yield from (row for _day, row in found)
        return
    for rows in _by_day(count, first, last, now).values():
        yield from rows


def _by_day(count: Counting, first: date, last: date, now: datetime) -> dict[date, list[Any]]:
    """Return the rows by day; days that are not stored are counted together in one pass."""
    name = figure_name(count)
    stored = DailyFigure.objects.filter(name=name, day__gte=first, day__lte=last)
    known: dict[date, list[Any]] = dict(stored.order_by().values_list("day", "rows"))
    days = [first + DAY * n for n in range((last - first).days + 1)]
    unknown = [day for day in days if day not in known]
    if not unknown:
        return known
    counted: dict[date, list[Any]] = defaultdict(list)
    for day, row in count(midnight(unknown[0]), midnight(unknown[-1] + DAY), Scope()):
        if day not in known:
            counted[day].append(row)
    over = [day for day in unknown if midnight(day + DAY) <= now - DAY_CLOSED_AFTER]
    new = [DailyFigure(name=name, day=day, rows=counted[day]) for day in over]
    DailyFigure.objects.bulk_create(new, WRITTEN_AT_ONCE, ignore_conflicts=True)
    return known | counted
