"""Days that are over are counted once, for everybody; today once a minute."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from reports.figure_cache import Rows, by_day, last_days
from reports.models import DailyFigure

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 16, 10, 42, tzinfo=timezone.get_default_timezone())


class Counting:
    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, since: datetime, until: datetime) -> Rows:
        assert until - since == timedelta(days=1)
        self.asked.append(since.day)
        return [[since.day, len(self.asked)]]


@pytest.fixture
def count() -> Counting:
    return Counting()


def test_it_works(count: Counting) -> None:
    days = last_days(NOW, 3)
    assert days == [date(2026, 3, 14), date(2026, 3, 15), date(2026, 3, 16)]
    rows = by_day("x", days, NOW, count)
    assert rows == {days[0]: [[14, 1]], days[1]: [[15, 2]], days[2]: [[16, 3]]}
    assert list(DailyFigure.objects.values_list("name", "day", "rows")) == [
        ("x", days[1], [[15, 2]]),
        ("x", days[0], [[14, 1]]),
    ]


def test_within_a_minute_nothing_is_counted_again(count: Counting) -> None:
    for _ in range(2):
        by_day("x", last_days(NOW, 2), NOW, count)
    assert count.asked == [15, 16]


def test_after_a_minute_only_today_is(count: Counting) -> None:
    for _ in range(2):
        by_day("x", last_days(NOW, 2), NOW, count)
        cache.clear()
    assert count.asked == [15, 16, 16]


def test_a_day_that_is_just_over_is_not_yet_settled(count: Counting) -> None:
    just = NOW.replace(hour=0, minute=59)
    by_day("x", last_days(just, 3), just, count)
    assert [tally.day.day for tally in DailyFigure.objects.all()] == [14]


def test_figures_do_not_mix(count: Counting) -> None:
    by_day("x", last_days(NOW, 2), NOW, count)
    by_day("y", last_days(NOW, 2), NOW, count)
    assert count.asked == [15, 16, 15, 16]
