"""Estimates, reservations, bills and caps, through the real dispatcher."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from jobs.billing import charges, ledger_check
from jobs.launch.create import LaunchRefused, launch
from jobs.models import Batch, MonthTotal, ProviderAccount, Step
from jobs.models.ledger import month_of
from jobs.recipe import Recipe
from providers.contract import Outcome, RemoteImage
from tests.factories import make_garment, make_person
from tests.fake_provider import Fake

Work = Callable[..., None]
TIERS = {"tiers": [[2, "0.40"], [3, "0.30"], [None, "0.10"]]}


def ask(account: ProviderAccount, count: int = 1, **kwargs: Any) -> Batch:
    outfits = [{"top": make_garment()} for _n in range(count)]
    return launch(persons=[make_person()], outfits=outfits, account=account, **kwargs)


def costs() -> list[str]:
    """What each step cost, without needless zeros."""
    rows = Step.objects.order_by("ended_at", "id").values_list("cost", flat=True)
    return [f"{cost.normalize():f}" for cost in rows if cost is not None]


def month_total(account: ProviderAccount, **values: Any) -> MonthTotal:
    fields = {"account": account, "model": "fake", "month": month_of(timezone.now())}
    return MonthTotal.objects.create(**(fields | values))


def test_it_works(account: ProviderAccount, work: Work) -> None:
    batch = ask(account, 2)
    work()
    batch.refresh_from_db()
    assert batch.spent == Decimal("1.00")
    assert account.spent_this_month(timezone.now()) == Decimal("1.00")
    assert ledger_check.differences() == []


@pytest.mark.parametrize(
    ("recipe", "total"),
    [
        (Recipe(), "1.00"),
        (Recipe(samples=2), "2.00"),
        (Recipe(refine=True), "1.60"),
        (Recipe(keep_rest=True, refine=True), "1.608"),
        (Recipe(model="nobody's"), "0"),
    ],
)
def test_the_estimate_counts_every_call(
    account: ProviderAccount, recipe: Recipe, total: str
) -> None:
    assert charges.estimate(recipe, account, 2, timezone.now()).total == Decimal(total)


def test_the_estimate_goes_through_the_tiers(account: ProviderAccount, settings: Any) -> None:
    settings.PROVIDERS["fake"]["PRICES"] = {"fake": TIERS}
    month_total(account, paid_images=1)
    assert charges.estimate(Recipe(), account, 4, timezone.now()).total == Decimal("0.90")


def test_tiers_are_billed_as_they_are_reached(
    account: ProviderAccount, work: Work, settings: Any
) -> None:
    settings.PROVIDERS["fake"]["PRICES"] = {"fake": TIERS}
    ask(account, 5)
    work()
    assert sorted(costs()) == ["0.1", "0.1", "0.3", "0.4", "0.4"]
    assert ledger_check.differences() == []


def test_a_new_month_begins_at_the_first_tier_again(
    account: ProviderAccount, settings: Any
) -> None:
    last_month = month_of(timezone.now() - timedelta(days=32))
    month_total(account, paid_images=10, month=last_month)
    for period, total in (("month", "0.40"), ("ever", "0.10")):
        settings.PROVIDERS["fake"]["PRICES"] = {"fake": TIERS | {"period": period}}
        assert charges.estimate(Recipe(), account, 1, timezone.now()).total == Decimal(total)


def test_the_free_quota_is_used_first(account: ProviderAccount, work: Work, settings: Any) -> None:
    settings.PROVIDERS["fake"]["PRICES"] = {"fake": {"price": "0.50", "free": 2}}
    ask(account, 3)
    work()
    assert sorted(costs()) == ["0", "0", "0.5"]
    total = MonthTotal.objects.get()
    assert (total.free_images, total.paid_images) == (2, 1)
    assert ledger_check.differences() == []


def test_the_most_that_it_may_cost_is_reserved(
    account: ProviderAccount, fake: Fake, work: Work, settings: Any
) -> None:
    from dataclasses import replace

    fake.capabilities = replace(fake.capabilities, samples=4)
    image = RemoteImage(url="https://results.example/1.jpg")
    fake.polls.append(Outcome("running"))
    fake.polls.append(Outcome("succeeded", "task-1", images=[image] * 3, usage=3))
    ask(account, recipe=Recipe(samples=4))
    work(until=lambda: Step.objects.filter(state="remote").exists())
    assert account.spent_this_month(timezone.now()) == Decimal("2.00")
    work()
    assert account.spent_this_month(timezone.now()) == Decimal("1.50")
    assert ledger_check.differences() == []


def test_a_launch_over_the_months_budget_is_refused_with_the_numbers(
    account: ProviderAccount,
) -> None:
    account.month_budget = Decimal("10.00")
    month_total(account, billed="9.20")
    with pytest.raises(LaunchRefused, match=r"up to 1\.00 CNY.* 10\.00 CNY, 9\.20 CNY"):
        ask(account, 2)
    assert not Batch.objects.exists()


def test_a_launch_over_its_own_budget_is_refused(account: ProviderAccount) -> None:
    with pytest.raises(LaunchRefused, match=r"up to 1\.00 CNY, its budget is 0\.80 CNY"):
        ask(account, 2, budget=Decimal("0.80"))
    assert not Batch.objects.exists()


def test_a_batch_at_its_budget_stops_and_goes_on_when_it_is_raised(
    account: ProviderAccount, work: Work
) -> None:
    batch, other = ask(account, 3, budget=Decimal("1.50")), ask(account)
    batch.set_budget(Decimal("1.20"))
    work(until=lambda: Step.objects.filter(state="done").count() == 3)
    batch.refresh_from_db()
    assert (batch.stopped_at is not None, batch.spent) == (True, Decimal("1.00"))
    assert other.counts()["succeeded"] == 1
    assert list(Step.objects.open()) == []
    batch.set_budget(None)
    work()
    assert batch.counts()["succeeded"] == 3
    assert ledger_check.differences() == []


def test_money_that_comes_back_starts_a_stopped_batch(
    account: ProviderAccount, fake: Fake, work: Work
) -> None:
    """Two may fly at once for 1.00; one of them fails and costs nothing, so a third is made."""
    from tests.fake_provider import refused

    fake.answers.append(Outcome("pending", fake.accept()))
    fake.polls.append(refused(sent="yes"))
    batch = ask(account, 3, budget=Decimal("1.50"))
    batch.set_budget(Decimal("1.00"))
    work()
    assert batch.counts() == batch.counts() | {"succeeded": 2, "failed": 1}


def test_an_account_at_its_budget_pauses(account: ProviderAccount, work: Work) -> None:
    ask(account, 2)
    ProviderAccount.objects.filter(pk=account.pk).update(month_budget="0.60")
    work(until=lambda: ProviderAccount.objects.filter(state="paused").exists())
    assert account.spent_this_month(timezone.now()) <= Decimal("0.60")
    assert Step.objects.filter(state="waiting").count() == 1


def test_what_was_reserved_last_month_is_spent_there(account: ProviderAccount, work: Work) -> None:
    ask(account)
    work(until=lambda: Step.objects.filter(state="remote").exists())
    later = timezone.now() + timedelta(days=32)
    work()
    assert account.spent_this_month(later) == 0
    assert account.spent_this_month(timezone.now()) == Decimal("0.50")
