"""How many jobs finish: by the hour for a day, by the day for two weeks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ..amounts import count
from ..models import TryOnJob
from .kept import kept

HOURS, DAYS, WEEK = 24, 14, 7
ENDS = (TryOnJob.State.SUCCEEDED, TryOnJob.State.FAILED)


@dataclass(frozen=True)
class Slot:
    """Jobs that ended within the hour or day that begins at `at`."""

    at: datetime
    succeeded: int
    failed: int

    @property
    def total(self) -> int:
        return self.succeeded + self.failed


@dataclass(frozen=True)
class Throughput:
    hours: list[Slot]
    days: list[Slot]

    @property
    def day(self) -> int:
        return sum(slot.total for slot in self.hours)

    @property
    def week(self) -> int:
        """Jobs that ended today and on the six days before."""
        return sum(slot.total for slot in self.days[-WEEK:])

    @property
    def hours_words(self) -> str:
        return _best(self.hours, "TIME_FORMAT", _("Most in one hour: %(n)s, from %(at)s"))

    @property
    def days_words(self) -> str:
        return _best(self.days, "MONTH_DAY_FORMAT", _("Most in one day: %(n)s, on %(at)s"))


def _best(slots: Sequence[Slot], format: str, text: str) -> str:
    best = max(slots, key=lambda slot: slot.total)
    if not best.total:
        return _("Nothing has finished")
    return text % {"n": count(best.total), "at": date_format(best.at, format)}


def throughput(now: datetime) -> Throughput:
    hour = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    today = hour.replace(hour=0)
    counts = kept("throughput", lambda: _counts(today - timedelta(days=DAYS - 1)))
    hours = [hour - timedelta(hours=n) for n in reversed(range(HOURS))]
    days = [today - timedelta(days=n) for n in reversed(range(DAYS))]
    return Throughput(
        _slots(hours, counts, lambda at: at), _slots(days, counts, lambda at: at.replace(hour=0))
    )


def _counts(since: datetime) -> list[tuple[datetime, str, int]]:
    """(hour, state, jobs) of every hour in which a job ended."""
    ended = TryOnJob.objects.filter(finished_at__gte=since, state__in=ENDS).order_by()
    rows = ended.annotate(hour=TruncHour("finished_at")).values_list("hour", "state")
    return list(rows.annotate(n=Count("id")))


def _slots(
    starts: Sequence[datetime],
    counts: Sequence[tuple[datetime, str, int]],
    start: Callable[[datetime], Any],
) -> list[Slot]:
    found: Counter[tuple[datetime, str]] = Counter()
    for hour, state, n in counts:
        found[start(hour), state] += n
    return [Slot(at, *(found[at, state] for state in ENDS)) for at in starts]
