"""What a shopper may ask for in a day, in number and in money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from api.retention import prune
from catalog.models import Garment, Person
from jobs.models import ErasedUse, ProviderAccount, Quota, TryOnJob
from tests.api.test_jobs import JOBS, me, post, shown, top
from tests.factories import make_garment, make_job, make_person

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


def test_the_team_has_no_daily_limit(
    merch: APIClient, account: ProviderAccount, settings: Any
) -> None:
    settings.SHOPPER_DAILY_TRYONS, settings.SHOPPER_DAILY_BUDGET = 0, Decimal(0)
    order = {"person": make_person().pk, "top": shown(make_garment("top")).pk}
    assert post(merch, **order).status_code == 202


def test_erasing_a_photo_gives_nothing_back(
    api: APIClient, account: ProviderAccount, me: Person, top: Garment, work: Any, settings: Any
) -> None:
    settings.SHOPPER_DAILY_TRYONS, settings.SHOPPER_DAILY_BUDGET = 2, Decimal("5.00")
    assert post(api, person=me.pk, top=top.pk).status_code == 202
    work()
    assert api.delete(f"/api/v1/persons/{me.pk}").status_code == 204
    assert not TryOnJob.objects.exists()
    quota = api.get("/api/v1/me").json()["quota"]
    assert quota["tryons"]["used"] == 1
    assert quota["budget"]["spent"] == {"amount": "0.50", "currency": "CNY"}
    new = make_person(owner=me.owner, consent_scope="tryon")
    assert post(api, person=new.pk, top=top.pk).status_code == 202
    late = post(api, person=new.pk, top=top.pk, again=True)
    assert (late.status_code, late.json()["used"]) == (409, 2)


def test_what_was_erased_counts_for_its_day_only(shopper: User, settings: Any) -> None:
    settings.SHOPPER_DAILY_TRYONS = 5
    now = timezone.now()
    old, new = make_job("failed", created_by=shopper), make_job("failed", created_by=shopper)
    stopped = make_job("canceled", created_by=shopper)
    TryOnJob.objects.filter(pk=old.pk).update(created_at=now - timezone.timedelta(days=1))
    for job in (old, new, stopped):
        ErasedUse.keep(TryOnJob.objects.filter(pk=job.pk), now)
    TryOnJob.objects.all().delete()
    assert Quota.today(shopper, now).used == 1
    assert Quota.today(shopper, now + timezone.timedelta(days=1)).used == 0
    prune(now + timezone.timedelta(days=9))
    assert not ErasedUse.objects.exists()


def test_a_job_counts_in_full_until_it_has_ended(
    api: APIClient, account: ProviderAccount, me: Person, top: Garment, settings: Any
) -> None:
    settings.SHOPPER_DAILY_TRYONS, settings.SHOPPER_DAILY_BUDGET = None, Decimal("0.60")
    assert post(api, person=me.pk, top=top.pk, recipe={"keep_rest": True}).status_code == 202
    # Its first call is paid for; the second, dear one waits in line and is not reserved yet.
    job = TryOnJob.objects.get()
    job.steps.update(state="done", cost=Decimal("0.004"))
    job.start()
    assert post(api, person=me.pk, top=top.pk).json()["code"] == "budget-exhausted"
