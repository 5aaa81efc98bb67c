"""Price tables: flat or in graduated tiers, with a free quota. Knows neither rows nor accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from providers import registry

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
        """Return the next image's price (CNY) after `paid` paid ones."""
        return next(price for end, price in self.tiers if end is None or paid < end)

    def total(self, images: int) -> Decimal:
        """Return the price (CNY) of the first `images` paid images of a period."""
        total, begin = Decimal(0), 0
        for end, price in self.tiers:
            stop = images if end is None else min(end, images)
            total += max(0, stop - begin) * price
            begin = max(begin, stop)
        return total

    def charge(self, used: Used, images: int, on: date) -> Charge:
        """Return what so many more images cost, billed on a day."""
        free = min(images, self.free_left(used, on))
        paid = images - free
        return Charge(self.total(used.paid + paid) - self.total(used.paid), free, paid)

    def max_cost(self, used: Used, images: int, in_flight: int, on: date) -> Decimal:
        """Return the most (CNY) that a call may cost, whatever becomes of images in flight."""
        if self.free_left(used, on) >= in_flight + images:
            return Decimal(0)
        last = used.paid + in_flight + images - 1
        begins = [0, *(end for end, _price in self.tiers if end is not None)]
        reached = [begin for begin in begins if used.paid < begin <= last]
        return images * max(self.price_at(paid) for paid in [used.paid, *reached])

    def free_left(self, used: Used, on: date) -> int:
        """Return how many free images are left on a day."""
        if self.free_until and on > self.free_until:
            return 0
        return max(0, self.free - used.free)


def parse(spec: Any) -> PriceTable:
    """Return the table that settings describe. Raises ValueError with what is wrong."""
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
    if not (day is None or isinstance(day, date)):
        raise ValueError("free_until is a day, YYYY-MM-DD")
    return PriceTable(_tiers(spec), free, day, period)


def _tiers(spec: Mapping[str, Any]) -> tuple[tuple[int | None, Decimal], ...]:
    try:
        tiers = spec["tiers"] if "tiers" in spec else [[None, spec["price"]]]
        rows = [(end, Decimal(str(price))) for end, price in tiers]
    except (InvalidOperation, TypeError, ValueError) as error:
        raise ValueError("a price is a decimal number, a tier a pair of end and price") from error
    if not rows:
        raise ValueError("there is no tier")
    ends = [end for end, _price in rows]
    if ends[-1] is not None or not all(isinstance(end, int) and end > 0 for end in ends[:-1]):
        raise ValueError("every tier ends at a number of images, and the last at None")
    if sorted(set(ends[:-1])) != ends[:-1]:
        raise ValueError("tiers must rise")
    if any(not price.is_finite() or price < 0 for _end, price in rows):
        raise ValueError("a price is not negative")
    return tuple(rows)


def table(alias: str, model: str) -> PriceTable:
    """Return the prices of one model of an account; 0 for a model without a price."""
    return parse(registry.prices(alias).get(model, {"price": 0}))
