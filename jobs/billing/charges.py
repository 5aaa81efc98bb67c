"""What a launch costs, what to reserve for a call, and what its images are charged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.models import ProviderAccount, Step
from jobs.models.ledger import month_of
from jobs.recipe import Recipe
from portal.number_format import cny
from providers import registry
from providers.pricing import Charge, PriceTable, Used, table


def usage(account: ProviderAccount, model: str, prices: PriceTable, now: datetime) -> Used:
    """Return what determines the next image's price; no query where all cost the same."""
    if prices.is_plain:
        return Used()
    rows = list(account.totals.filter(model=model))
    month = month_of(now)
    period = [row for row in rows if prices.period == "ever" or row.month == month]
    return Used(sum(row.free_images for row in rows), sum(row.paid_images for row in period))


def max_charge(step: Step, at_work: Iterable[Step], now: datetime) -> Decimal:
    """Return what is reserved before a call: the most that it may cost."""
    prices = table(step.account.alias, step.model)
    others = [other for other in at_work if other.model == step.model and other.pk != step.pk]
    in_flight = sum(other.max_billed_images() for other in others)
    so_far = usage(step.account, step.model, prices, now)
    return prices.max_cost(so_far, step.max_billed_images(), in_flight, timezone.localdate(now))


def charge(step: Step, images: int) -> Charge:
    """What the provider bills for so many images of a call, by the month and day of the call."""
    at = step.submitted_at or timezone.now()
    return _charge(step.account, step.model, images, at)


def _charge(account: ProviderAccount, model: str, images: int, at: datetime) -> Charge:
    prices = table(account.alias, model)
    return prices.charge(usage(account, model, prices, at), images, timezone.localdate(at))


@dataclass(frozen=True)
class Estimate:
    """What so many try-ons cost if all succeed, and what the account may still spend.

    `budget` of this month, and `spent` of it; nothing is spent of no budget.
    """

    count: int
    total: Decimal
    spent: Decimal = Decimal(0)
    budget: Decimal | None = None

    def refusals(self, batch_budget: Decimal | None = None) -> list[str]:
        """Say which budgets it exceeds, with the numbers; empty if none."""
        reasons = []
        if batch_budget is not None and self.total > batch_budget:
            text = _("This launch costs up to %(total)s CNY, its budget is %(budget)s CNY.")
            reasons.append(text % {"total": cny(self.total), "budget": cny(batch_budget)})
        if self.budget is not None and self.spent + self.total > self.budget:
            text = _(
                "This launch costs up to %(total)s CNY. Of this month’s budget of %(budget)s CNY, "
                "%(spent)s CNY are spent or reserved."
            )
            sums = {"total": self.total, "budget": self.budget, "spent": self.spent}
            reasons.append(text % {name: cny(amount) for name, amount in sums.items()})
        return reasons


def estimate(recipe: Recipe, account: ProviderAccount, count: int, now: datetime) -> Estimate:
    """Every call of `count` jobs, at the tiers and with the free quota of today."""
    calls = recipe.calls(registry.capabilities(account.alias))
    charges = [_charge(account, model, images * count, now) for _op, model, images in calls]
    total = sum((each.cost for each in charges), Decimal(0))
    if account.month_budget is None:
        return Estimate(count, total)
    return Estimate(count, total, account.spent_this_month(now), account.month_budget)


def next_price(account: ProviderAccount, model: str, now: datetime) -> Decimal:
    """What the next image of a model costs; 0 where it costs nothing, or no price is set."""
    prices = table(account.alias, model)
    return prices.price_at(usage(account, model, prices, now).paid)
