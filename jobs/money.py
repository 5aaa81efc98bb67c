"""What images cost: price tables, the estimate of a launch, and the most that a call may cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from .models import ProviderAccount, Step
from .models.ledger import month_of
from .providers import registry
from .recipe import Recipe

PERIODS = ("month", "ever")


@dataclass(frozen=True)
class Used:
    """Images billed so far: those of the free quota ever, the paid ones in the counting period."""

    free: int = 0
    paid: int = 0


@dataclass(frozen=True)
class Charge:
    """CNY for some images, and how many of them were free."""

    cost: Decimal = Decimal(0)
    free: int = 0
    paid: int = 0


@dataclass(frozen=True)
class PriceTable:
    """CNY per image, by graduated tiers of the images paid for in one counting period.

    `tiers`: (up to and including this many images, price of each); the last has no end (None).
    The first `free` images ever cost nothing up to and including the day `free_until`.
    """

    tiers: tuple[tuple[int | None, Decimal], ...]
    free: int = 0
    free_until: date | None = None
    period: str = "month"

    @property
    def is_plain(self) -> bool:
        """Whether every image costs the same: then nothing needs to be counted."""
        return len(self.tiers) == 1 and not self.free

    def price_at(self, paid: int) -> Decimal:
        """The next image's price after `paid` paid ones."""
        return next(price for end, price in self.tiers if end is None or paid < end)

    def total(self, images: int) -> Decimal:
        """The first `images` paid images of a period together."""
        total, begin = Decimal(0), 0
        for end, price in self.tiers:
            stop = images if end is None else min(end, images)
            total += max(0, stop - begin) * price
            begin = max(begin, stop)
        return total

    def charge(self, used: Used, images: int, on: date) -> Charge:
        """So many more images, billed on a day."""
        free = min(images, self._free_left(used, on))
        paid = images - free
        return Charge(self.total(used.paid + paid) - self.total(used.paid), free, paid)

    def bound(self, used: Used, images: int, in_flight: int, on: date) -> Decimal:
        """The most that a call of so many images may cost, whatever becomes of those in flight."""
        if self._free_left(used, on) >= in_flight + images:
            return Decimal(0)
        last = used.paid + in_flight + images - 1
        begins = [0, *(end for end, _price in self.tiers if end is not None)]
        reached = [begin for begin in begins if used.paid < begin <= last]
        return images * max(self.price_at(paid) for paid in [used.paid, *reached])

    def _free_left(self, used: Used, on: date) -> int:
        if self.free_until and on > self.free_until:
            return 0
        return max(0, self.free - used.free)


def parse(spec: Any) -> PriceTable:
    """The table that settings describe. Raises ValueError with what is wrong."""
    if not isinstance(spec, Mapping):
        raise ValueError("a price table is a dict")
    if unknown := set(spec) - {"price", "tiers", "free", "free_until", "period"}:
        raise ValueError(f"unknown keys: {', '.join(sorted(map(str, unknown)))}")
    if ("price" in spec) == ("tiers" in spec):
        raise ValueError("give either price or tiers")
    free, period = spec.get("free", 0), spec.get("period", "month")
    if not isinstance(free, int) or free < 0:
        raise ValueError("free is a number of images")
    if period not in PERIODS:
        raise ValueError(f"period is one of {', '.join(PERIODS)}")
    until = spec.get("free_until")
    day = date.fromisoformat(until) if isinstance(until, str) else until
    return PriceTable(_tiers(spec), free, day, period)


def _tiers(spec: Mapping[str, Any]) -> tuple[tuple[int | None, Decimal], ...]:
    try:
        rows = [(end, Decimal(price)) for end, price in spec.get("tiers", [])]
        rows = rows or [(None, Decimal(spec["price"]))]
    except (InvalidOperation, TypeError, KeyError) as error:
        raise ValueError("a price is a decimal number in quotes") from error
    ends = [end for end, _price in rows]
    if ends[-1] is not None or not all(isinstance(end, int) and end > 0 for end in ends[:-1]):
        raise ValueError("every tier ends at a number of images, and the last at None")
    if sorted(set(ends[:-1])) != ends[:-1]:
        raise ValueError("tiers must rise")
    if any(not price.is_finite() or price < 0 for _end, price in rows):
        raise ValueError("a price is not negative")
    return tuple(rows)


def table(alias: str, model: str) -> PriceTable:
    """The price of one model of one account: the settings' own, else what the adapter knows."""
    spec = registry.prices(alias).get(model)
    if spec is not None:
        return parse(spec)
    known = registry.capabilities(alias).models.get(model)
    return PriceTable(((None, known.price if known else Decimal(0)),))


def used(account: ProviderAccount, model: str, prices: PriceTable, now: datetime) -> Used:
    """What counts for the next image's price; no query where every image costs the same."""
    if prices.is_plain:
        return Used()
    rows = list(account.totals.filter(model=model))
    month = month_of(now)
    period = [row for row in rows if prices.period == "ever" or row.month == month]
    return Used(sum(row.free_images for row in rows), sum(row.paid_images for row in period))


def bound(step: Step, at_work: Iterable[Step], now: datetime) -> Decimal:
    """What is reserved before a call: the most that it may cost."""
    prices = table(step.account.alias, step.model)
    others = [other for other in at_work if other.model == step.model and other.pk != step.pk]
    in_flight = sum(other.most_images() for other in others)
    so_far = used(step.account, step.model, prices, now)
    return prices.bound(so_far, step.most_images(), in_flight, timezone.localdate(now))


def charge(step: Step, images: int) -> Charge:
    """What the provider bills for so many images of a call, by the month and day of the call."""
    at = step.submitted_at or timezone.now()
    return _charge(step.account, step.model, images, at)


def _charge(account: ProviderAccount, model: str, images: int, at: datetime) -> Charge:
    prices = table(account.alias, model)
    return prices.charge(used(account, model, prices, at), images, timezone.localdate(at))


@dataclass(frozen=True)
class Estimate:
    """What so many try-ons cost if all succeed, and what the account may still spend."""

    count: int
    total: Decimal
    spent: Decimal
    budget: Decimal | None

    def refusals(self, batch_budget: Decimal | None = None) -> list[str]:
        """Which budgets it does not fit into, with the numbers; empty when it fits."""
        reasons = []
        if batch_budget is not None and self.total > batch_budget:
            text = _("This launch costs up to %(total)s CNY, its budget is %(budget)s CNY.")
            reasons.append(text % {"total": self.total, "budget": batch_budget})
        if self.budget is not None and self.spent + self.total > self.budget:
            text = _(
                "This launch costs up to %(total)s CNY. Of this month’s budget of %(budget)s CNY, "
                "%(spent)s CNY are spent or reserved."
            )
            said = {"total": self.total, "budget": self.budget, "spent": self.spent.normalize()}
            reasons.append(text % said)
        return reasons


def estimate(recipe: Recipe, account: ProviderAccount, count: int, now: datetime) -> Estimate:
    """Every call of `count` jobs, at the tiers and with the free quota of today."""
    calls = recipe.calls(registry.capabilities(account.alias))
    charges = [_charge(account, model, images * count, now) for _op, model, images in calls]
    total = sum((each.cost for each in charges), Decimal(0))
    return Estimate(count, total, account.spent_this_month(now), account.month_budget)
