"""What a shopper may ask for in a day, in number and in money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Garment, Person
from jobs.models import ProviderAccount, Quota, TryOnJob
from tests.builders import make_garment, make_job, make_person

from .test_jobs import JOBS, me, post, shown, top
from .test_jobs import account as account
from .test_jobs import fake as fake

__all__ = ["me", "top"]
pytestmark = pytest.mark.django_db


def test_it_works(
    api: APIClient, account: ProviderAccount, me: Person, top: Garment, settings: Any
) -> None:
    settings.SHOPPER_DAILY_TRYONS, settings.SHOPPER_DAILY_BUDGET = 2, None
    order = {"person": me.pk, "top": top.pk, "again": True}
    assert [post(api, **order).status_code for _n in range(2)] == [202, 202]
    late = post(api, **order)
    assert (late.status_code, late.json()["code"]) == (409, "daily-limit-reached")
    assert (late.json()["limit"], late.json()["used"]) == (2, 2)
    assert late.json()["resets_at"].endswith("Z")
    assert TryOnJob.objects.count() == 2


def test_what_was_stopped_in_time_does_not_count(
    api: APIClient, account: ProviderAccount, me: Person, top: Garment, settings: Any
) -> None:
    settings.SHOPPER_DAILY_TRYONS = 1
    job = post(api, person=me.pk, top=top.pk).json()["id"]
    api.post(f"{JOBS}/{job}/cancel")
    assert post(api, person=me.pk, top=top.pk).status_code == 202
    assert post(api, f"{JOBS}/{job}/repeat").json()["code"] in {"daily-limit-reached", "refused"}


def test_money_is_counted_before_it_is_spent(
    api: APIClient, account: ProviderAccount, me: Person, top: Garment, settings: Any
) -> None:
    settings.SHOPPER_DAILY_TRYONS, settings.SHOPPER_DAILY_BUDGET = None, Decimal("0.60")
    order = {"person": me.pk, "top": top.pk, "again": True}
    assert post(api, **order).status_code == 202
    late = post(api, **order)
    assert (late.status_code, late.json()["code"]) == (402, "budget-exhausted")
    assert late.json()["spent"] == {"amount": "0.50", "currency": "CNY"}
    assert late.json()["estimate"] == {"amount": "0.50", "currency": "CNY"}


def test_one_may_have_a_quota_of_ones_own(shopper: User, settings: Any) -> None:
    settings.SHOPPER_DAILY_TRYONS = 1
    Quota.objects.create(user=shopper, daily_tryons=7)
    day = Quota.today(shopper, timezone.now())
    assert (day.tryons, day.budget) == (7, None)


def test_yesterday_is_over(shopper: User, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    day = Quota.today(shopper, timezone.now())
    begin = day.ends_at - timezone.timedelta(days=1)
    make_job(created_by=shopper, created_at=begin - timezone.timedelta(seconds=1))
    make_job(created_by=shopper, created_at=begin)
    assert Quota.today(shopper, timezone.now()).used == 1


def test_the_house_has_no_daily_limit(
    merch: APIClient, account: ProviderAccount, settings: Any
) -> None:
    settings.SHOPPER_DAILY_TRYONS, settings.SHOPPER_DAILY_BUDGET = 0, Decimal(0)
    order = {"person": make_person().pk, "top": shown(make_garment("top")).pk}
    assert post(merch, **order).status_code == 202
