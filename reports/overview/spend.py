"""What this month has cost so far, day by day, and where it is going."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate

from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from jobs.models import LedgerEntry
from jobs.models.ledger import month_of
from portal.number_format import yuan
from reports.figure_cache import Rows, by_day, last_days
from reports.overview.accounts import AccountStatus


@dataclass(frozen=True)
class Spend:
    """CNY, billed and reserved. `days` is the sum at the end of each day so far, today last.

    `budget` is None unless every account that costs money has one: a sum of some would mislead.
    """

    month: date
    days: list[Decimal]
    budget: Decimal | None
    projected: Decimal | None

    @property
    def total(self) -> Decimal:
        return self.days[-1]

    @property
    def last(self) -> date:
        return self.month.replace(day=calendar.monthrange(self.month.year, self.month.month)[1])

    @property
    def over(self) -> Decimal | None:
        """By how much the budget will be exceeded at this pace."""
        if self.budget is None or self.projected is None or self.projected <= self.budget:
            return None
        return self.projected - self.budget

    @property
    def text(self) -> str:
        """What the chart shows, for users who cannot see it."""
        parts = [_("%(amount)s so far") % {"amount": yuan(self.total)}]
        if self.projected is not None:
            at = date_format(self.last, "MONTH_DAY_FORMAT")
            text = _("at this pace %(amount)s on %(at)s")
            parts.append(text % {"amount": yuan(self.projected), "at": at})
        if self.budget is not None:
            parts.append(_("the budget is %(amount)s") % {"amount": yuan(self.budget)})
        return "; ".join(parts)


def spend(now: datetime, accounts: Sequence[AccountStatus]) -> Spend:
    month, today = month_of(now), timezone.localdate(now)
    total = sum((each.spent for each in accounts), Decimal(0))
    days = last_days(now, today.day)
    added = by_day("spent", days, now, _added)
    before = [sum((Decimal(amount) for (amount,) in added[day]), Decimal(0)) for day in days[:-1]]
    return Spend(month, [*accumulate(before), total], _budget(accounts), _projected(total, now))


def _added(since: datetime, until: datetime) -> Rows:
    """[[CNY]]: what was added to the spend of its own month."""
    entries = LedgerEntry.objects.filter(month=month_of(since), at__gte=since, at__lt=until)
    return [[str(entries.order_by().aggregate(n=Sum("amount"))["n"] or 0)]]


def _budget(accounts: Sequence[AccountStatus]) -> Decimal | None:
    budgets = [each.budget for each in accounts if each.budget is not None or each.spent]
    known = [budget for budget in budgets if budget is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(budgets) else None


def _projected(total: Decimal, now: datetime) -> Decimal | None:
    """The month's end at the pace of the month so far; None on the first day."""
    local = timezone.localtime(now)
    elapsed = local.day - 1 + (local.hour * 60 + local.minute) / 1440
    length = calendar.monthrange(local.year, local.month)[1]
    return (total * Decimal(length / elapsed)).quantize(Decimal("0.01")) if elapsed >= 1 else None
