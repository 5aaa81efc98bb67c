"""Who is asking, what is left of today, and the end of an account."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from catalog.models import Person, Upload
from jobs.models import Batch, LedgerEntry, Result, TryOnJob
from tests.builders import make_job, make_result

ME = "/api/v1/me"
pytestmark = pytest.mark.django_db


def test_it_works(api: APIClient, shopper: User, settings: Any) -> None:
    settings.SHOPPER_DAILY_TRYONS, settings.SHOPPER_DAILY_BUDGET = 5, Decimal(2)
    make_job(owner=shopper, created_by=shopper)
    told = api.get(ME).json()
    assert (told["id"], told["username"], told["is_shopper"]) == (shopper.pk, "shopper", True)
    assert told["permissions"] == []
    assert told["quota"]["tryons"] == {"limit": 5, "used": 1}
    assert told["quota"]["budget"]["limit"] == {"amount": "2.00", "currency": "CNY"}
    assert told["quota"]["resets_at"].endswith("Z")


def test_the_house_sees_its_rights(merch: APIClient) -> None:
    told = merch.get(ME).json()
    assert (told["roles"], told["is_shopper"]) == (["merchandiser"], False)
    assert "jobs.add_batch" in told["permissions"]
    assert "jobs.change_result" not in told["permissions"]
    assert told["quota"]["tryons"]["limit"] is None


def test_an_account_ends_with_all_that_is_its(
    api: APIClient, shopper: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    result = make_result(job=make_job("succeeded", owner=shopper, created_by=shopper))
    house = make_result()
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(ME, {"confirm": "shopper"}).status_code == 204
    assert not User.objects.filter(pk=shopper.pk).exists()
    for model in (Person, Batch, TryOnJob, Result):
        assert not model._default_manager.filter(owner__isnull=False).exists()
    assert list(Result.objects.all()) == [house]
    assert not Path(settings.MEDIA_ROOT, result.large.name).exists()
    assert not Upload.objects.exists()
    assert not LedgerEntry.objects.filter(step__isnull=False).exists()


def test_it_is_not_done_by_mistake(api: APIClient, merch: APIClient, shopper: User) -> None:
    for body in ({}, {"confirm": "x"}, {"confirm": None}):
        answer = api.delete(ME, body)
        assert answer.json()["errors"][0]["pointer"] == "/confirm"
    assert merch.delete(ME, {"confirm": "merchandiser"}).status_code == 403
    make_job("running", owner=shopper)
    late = api.delete(ME, {"confirm": "shopper"})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    assert User.objects.filter(pk=shopper.pk).exists()
