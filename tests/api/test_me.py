"""Who is asking, what is left of today, and the end of an account."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from api.resources import me
from api.urls import urlpatterns
from catalog.models import Person, Upload
from jobs.models import Batch, LedgerEntry, Quota, Result, TryOnJob
from tests.api.conftest import HOUSE, client_of, member
from tests.factories import make_job, make_result

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


def test_the_team_sees_its_rights(merch: APIClient) -> None:
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


def rights_of_views() -> set[str]:
    named = {
        right
        for pattern in urlpatterns
        for right in pattern.callback.cls.required_permissions.values()
    }
    return {right for right in named if "." in right}


def test_every_permission_that_an_address_needs_is_listed(boss: User) -> None:
    told = client_of(boss).get(ME).json()["permissions"]
    assert rights_of_views() <= set(told)
    assert told == sorted(set(told))


@pytest.mark.parametrize("role", ["anonymous", *HOUSE])
def test_rights_are_those_of_the_role(role: str) -> None:
    user = None if role == "anonymous" else member(role)
    answer = client_of(user).get(ME)
    assert answer.status_code == (200 if user else 401)
    if user:
        held = user.get_all_permissions()
        assert answer.json()["permissions"] == sorted(set(me.RIGHTS) & held)
        assert answer.json()["is_shopper"] is False


def test_a_users_own_quota_is_shown(api: APIClient, shopper: User) -> None:
    Quota.objects.create(user=shopper, daily_tryons=3, daily_budget=None)
    quota = api.get(ME).json()["quota"]
    assert quota["tryons"]["limit"] == 3
    assert quota["budget"]["limit"] is None


def test_the_language_is_the_one_asked_for(api: APIClient) -> None:
    assert api.get(ME, headers={"Accept-Language": "zh-hans"}).json()["language"] == "zh-hans"


def test_a_team_member_is_not_erased_by_an_app() -> None:
    """Also without the right to see try-ons: on the staff, or with any right at all."""
    staff, editor = member("shopper", "staff"), member("shopper", "editor")
    User.objects.filter(pk=staff.pk).update(is_staff=True)
    editor.user_permissions.add(Permission.objects.get(codename="view_gallery"))
    for user in (staff, editor):
        client = client_of(User.objects.get(pk=user.pk))
        assert client.delete(ME, {"confirm": user.username}).status_code == 403
        assert User.objects.filter(pk=user.pk).exists()


@pytest.mark.parametrize(
    "body",
    [
        {"confirm": "Shopper"},
        {"confirm": ["shopper"]},
        {"confirm": {"$ne": ""}},
        {"confirm": True},
        {"confirm": "shopper\x00"},
        {"confirm": "x" * 100_000},
    ],
)
def test_hostile_confirmations_end_nothing(api: APIClient, shopper: User, body: Any) -> None:
    answer = api.delete(ME, body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/confirm")
    assert User.objects.filter(pk=shopper.pk).exists()
