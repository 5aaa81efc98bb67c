"""How many jobs finish: by the hour for a day, by the day for two weeks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import ExtractHour
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from jobs.models import TryOnJob
from portal.number_format import count
from reports.figure_cache import Rows, by_day, last_days

HOURS, DAYS, WEEK = 24, 14, 7
ENDS = (TryOnJob.State.SUCCEEDED, TryOnJob.State.FAILED)


@dataclass(frozen=True)
class TimeSlot:
    """Jobs that ended within the hour or day that begins at `at`."""

    at: date
    succeeded: int
    failed: int

    @property
    def total(self) -> int:
        return self.succeeded + self.failed


@dataclass(frozen=True)
class Throughput:
    hours: list[TimeSlot]
    days: list[TimeSlot]

    @property
    def day(self) -> int:
        return sum(slot.total for slot in self.hours)

    @property
    def week(self) -> int:
        """Jobs that ended today and on the six days before."""
        return sum(slot.total for slot in self.days[-WEEK:])

    @property
    def hours_text(self) -> str:
        return _busiest(self.hours, "TIME_FORMAT", _("Most in one hour: %(n)s, from %(at)s"))

    @property
    def days_text(self) -> str:
        return _busiest(self.days, "MONTH_DAY_FORMAT", _("Most in one day: %(n)s, on %(at)s"))


def _busiest(slots: Sequence[TimeSlot], format: str, text: str) -> str:
    best = max(slots, key=lambda slot: slot.total)
    if not best.total:
        return _("Nothing has finished")
    return text % {"n": count(best.total), "at": date_format(best.at, format)}


def throughput(now: datetime) -> Throughput:
    days = last_days(now, DAYS)
    rows = by_day("finished", days, now, _counts)
    found: Counter[tuple[date, int, str]] = Counter()
    for day, counts in rows.items():
        for hour, state, n in counts:
            found[day, hour, state] += n
    hour = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    hours = [timezone.localtime(hour - timedelta(hours=ago)) for ago in reversed(range(HOURS))]
    return Throughput(
        [TimeSlot(at, *(found[at.date(), at.hour, state] for state in ENDS)) for at in hours],
        [TimeSlot(day, *(_sum(rows[day], state) for state in ENDS)) for day in days],
    )


def _sum(rows: Rows, state: str) -> int:
    return sum(n for _hour, its_state, n in rows if its_state == state)


def _counts(since: datetime, until: datetime) -> Rows:
    """[hour of the day, state, jobs] of every hour in which a job ended."""
    ended = TryOnJob.objects.filter(
        finished_at__gte=since, finished_at__lt=until, state__in=ENDS
    ).order_by()
    rows = ended.annotate(hour=ExtractHour("finished_at")).values_list("hour", "state")
    return [list(row) for row in rows.annotate(n=Count("*"))]
