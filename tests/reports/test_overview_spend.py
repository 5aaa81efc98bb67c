"""Spend, its pace and the accounts, against figures worked out by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from jobs.models import LedgerEntry, MonthTotal, ProviderAccount
from reports import charts
from reports.overview import accounts
from reports.overview.spend import Spend, spend
from tests.factories import make_account, make_job

pytestmark = pytest.mark.django_db
# 15.5 of March's 31 days are over: the month's end is twice of what it is now.
NOW = datetime(2026, 3, 16, 12, 0, tzinfo=timezone.get_default_timezone())
MARCH = date(2026, 3, 1)


def pay(account: ProviderAccount, amount: str, at: datetime = NOW, kind: str = "settle") -> None:
    rest = {"account": account, "month": MARCH}
    LedgerEntry.objects.create(at=at, kind=kind, amount=Decimal(amount), **rest)
    total = MonthTotal.objects.get_or_create(model="", **rest)[0]
    total.billed += Decimal(amount)
    total.save()


def figures(now: datetime = NOW) -> Spend:
    return spend(now, accounts.account_statuses(now))


@pytest.fixture
def local() -> ProviderAccount:
    account = make_account()
    ProviderAccount.objects.exclude(pk=account.pk).update(month_budget=None)
    return account


def budget(account: ProviderAccount, amount: str | None) -> None:
    ProviderAccount.objects.filter(pk=account.pk).update(month_budget=amount)


def test_it_works(local: ProviderAccount) -> None:
    budget(local, "150.00")
    pay(local, "30", NOW - timedelta(days=15))
    pay(local, "40", NOW - timedelta(days=1))
    pay(local, "10", NOW)
    found = figures()
    assert found.days == [30] * 14 + [70, 80]
    assert found.total == 80
    assert found.projected == Decimal("160.00")
    assert found.over == Decimal("10.00")
    assert found.text == ("¥80.00 so far; at this pace ¥160.00 on 31 March; the budget is ¥150.00")


def test_what_was_reserved_and_released_is_not_spent(local: ProviderAccount) -> None:
    yesterday = NOW - timedelta(days=1)
    for kind, amount in (("reserve", "0.5"), ("release", "-0.5"), ("settle", "0.2")):
        pay(local, amount, yesterday, kind)
    assert figures().days[-2:] == [Decimal("0.2"), Decimal("0.2")]


def test_a_budget_of_some_accounts_is_no_budget(local: ProviderAccount) -> None:
    other = make_account("dashscope")
    budget(local, "10")
    pay(local, "1")
    assert figures().budget == 10
    pay(other, "1")
    assert figures().budget is None
    budget(other, "5")
    assert figures().budget == 15


def test_the_first_day_has_no_pace(local: ProviderAccount) -> None:
    pay(local, "1", NOW.replace(day=1))
    found = figures(NOW.replace(day=1))
    assert (found.projected, found.over, found.days) == (None, None, [1])


def test_the_plot_shows_budget_and_pace(local: ProviderAccount) -> None:
    pay(local, "80")
    drawn = charts.month(figures())
    assert 'class="next"' in drawn
    assert 'class="goal"' not in drawn
    budget(local, "100")
    assert 'class="goal"' in charts.month(figures())
    assert "style" not in drawn


def of(account: ProviderAccount, **kwargs: Any) -> accounts.AccountStatus:
    return next(each for each in accounts.account_statuses(NOW) if each.account == account)


def test_an_account_shows_its_limits_and_its_spend(local: ProviderAccount) -> None:
    for step_state in ("remote", "remote", "storing"):
        make_job("running", step_state=step_state)
    ProviderAccount.objects.filter(pk=local.pk).update(concurrency=5)
    pay(local, "3")
    shown = of(local)
    assert (shown.at_work, shown.at_once, shown.spent) == (2, 5, 3)
    assert str(shown.badge.word) == "Working"
    local.pause("no credit")
    assert of(local).badge.word == "Paused"


def test_an_account_without_its_key_says_so(settings: Any) -> None:
    account = make_account("gone")
    assert of(account).badge.word == "Not configured"
    assert "settings.PROVIDERS" in of(account).unavailable
    assert of(account).at_once is None
