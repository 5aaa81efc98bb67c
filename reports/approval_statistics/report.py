"""The statistics of a period: figures by provider, model and outfit; rejections by week."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from jobs.models import Result
from reports.approval_statistics import counts
from reports.approval_statistics.daily import daily_rows
from reports.approval_statistics.outfit_kinds import KINDS
from reports.approval_statistics.row import StatisticsRow
from reports.approval_statistics.scope import Scope
from reports.figure_cache import cached_figures

Group = tuple[str, str, str]
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both in it, in the site's time zone."""

    first: date
    last: date

    @classmethod
    def of_days(cls, days: int, now: datetime) -> Period:
        """So many days, today among them."""
        today = timezone.localdate(now)
        return cls(today - timedelta(days=days - 1), today)


@dataclass(frozen=True)
class Report:
    """`rows` by kind of outfit. `weeks`: the rejections of each week from a Monday, by reason."""

    period: Period
    rows: list[StatisticsRow]
    weeks: dict[date, Counter[str]]

    @property
    def models(self) -> list[tuple[StatisticsRow, list[StatisticsRow]]]:
        """Each provider's model as a whole, and its kinds of outfits."""
        wholes: dict[tuple[str, str], tuple[StatisticsRow, list[StatisticsRow]]] = {}
        for row in self.rows:
            key = row.provider, row.model
            whole, parts = wholes.setdefault(key, (StatisticsRow(*key), []))
            whole += row
            parts.append(row)
        return list(wholes.values())

    @property
    def total(self) -> StatisticsRow:
        total = StatisticsRow("", "")
        for row in self.rows:
            total += row
        return total

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """The most frequent first."""
        return sum(self.weeks.values(), Counter[str]()).most_common()


def report(period: Period, now: datetime, scope: Scope | None = None) -> Report:
    """Compute the report; it is cached for a minute and the same for everybody."""
    within = scope or Scope()
    name = f"statistics:{period.first}:{period.last}:{within}"
    return cached_figures(name, lambda: _compute(period, now, within))


def _compute(period: Period, now: datetime, scope: Scope) -> Report:
    rows: dict[Group, StatisticsRow] = {}
    weeks = _weeks(period)

    def row_of(*group: str) -> StatisticsRow:
        return rows.setdefault(group, StatisticsRow(*group))  # type: ignore[arg-type]

    for day, *group, verdict, reason, n in _reviews(period, now, scope):
        if verdict == Result.Review.APPROVED:
            row_of(*group).approved += n
        else:
            row_of(*group).rejected += n
            weeks[_monday(date.fromisoformat(day))][reason] += n
    for *group, amount in daily_rows(counts.costs, period.first, period.last, now, scope):
        row_of(*group).billed += Decimal(amount)
    for *group, took, n in daily_rows(counts.seconds, period.first, period.last, now, scope):
        row_of(*group).took[took] += n
    # A reason that was undone as often as given drops out.
    whole = {week: +reasons for week, reasons in weeks.items()}
    filled = [row for row in rows.values() if not row.empty]
    return Report(period, sorted(filled, key=_sort_key), whole)


def _sort_key(row: StatisticsRow) -> tuple[str, str, int]:
    """Tops first, as everywhere; deleted garments last."""
    known = row.kind in KINDS
    return row.provider, row.model, KINDS.index(row.kind) if known else len(KINDS)


def _reviews(period: Period, now: datetime, scope: Scope) -> list[list]:
    """What was decided in the period and stands today: undone later, it is taken off later."""
    today = timezone.localdate(now)
    rows = daily_rows(counts.reviews, period.first, max(today, period.last), now, scope)
    first, last = period.first.isoformat(), period.last.isoformat()
    return [row for row in rows if first <= row[0] <= last]


def _weeks(period: Period) -> dict[date, Counter[str]]:
    """Every week of the period, also those in which nothing was rejected."""
    week, weeks = _monday(period.first), dict[date, Counter[str]]()
    while week <= period.last:
        weeks[week] = Counter()
        week += WEEK
    return weeks


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def approvals_by_kind(days: int, now: datetime) -> dict[str, dict[str, tuple[int, int]]]:
    """(approved, reviewed) of each provider by kind of outfit, in so many days."""
    return cached_figures(
        f"approvals-by-kind:{days}", lambda: _by_kind(Period.of_days(days, now), now)
    )


def _by_kind(period: Period, now: datetime) -> dict[str, dict[str, tuple[int, int]]]:
    found: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for _day, provider, _model, kind, verdict, _reason, n in _reviews(period, now, Scope()):
        approved, reviewed = found[provider].get(kind, (0, 0))
        good = n if verdict == Result.Review.APPROVED else 0
        found[provider][kind] = approved + good, reviewed + n
    return dict(found)
