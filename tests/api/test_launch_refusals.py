"""Why a try-on is not made: what is at fault is pointed at, the house's affairs stay inside."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from catalog.models import Garment, Person
from jobs.models import ProviderAccount, TryOnJob
from providers import registry
from providers.dashscope.adapter import DashScope
from tests.api.test_jobs import JOBS, post, shown
from tests.api.test_jobs import me as me
from tests.api.test_jobs import top as top
from tests.factories import make_garment, make_job, make_person
from tests.fake_provider import Fake

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake provider has the rules of a real one."""
    monkeypatch.setattr(Fake, "image_rules", DashScope.image_rules)


def test_it_works(
    api: APIClient, account: ProviderAccount, strict: None, me: Person, top: Garment
) -> None:
    Person.objects.filter(pk=me.pk).update(facts={"width": 50, "height": 50})
    answer = post(api, person=me.pk, top=top.pk)
    assert (answer.status_code, answer.json()["code"]) == (422, "refused")
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/person"}
    assert "fake" not in answer.content.decode()
    assert not TryOnJob.objects.exists()


def test_a_garment_is_pointed_at_by_its_slot(
    merch: APIClient, account: ProviderAccount, strict: None
) -> None:
    small = make_garment("dress", facts={"width": 50, "height": 50})
    answer = post(merch, person=make_person().pk, dress=small.pk)
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/dress"}


def test_a_missing_consent_is_the_persons(
    api: APIClient, account: ProviderAccount, shopper: User, top: Garment
) -> None:
    silent = make_person(owner=shopper, consent_scope="")
    [error] = post(api, person=silent.pk, top=top.pk).json()["errors"]
    assert (error["pointer"], error["code"]) == ("/person", "consent")


def test_who_could_do_it_is_shown_to_the_team_only(
    api: APIClient, merch: APIClient, account: ProviderAccount, settings: Any, me: Person
) -> None:
    settings.PROVIDERS |= {
        "fake": settings.PROVIDERS["fake"] | {"OPTIONS": {"slots": frozenset({"top"})}},
        "able": {"BACKEND": "tests.fake_provider.Fake"},
    }
    registry.clear_caches()
    dress = shown(make_garment("dress"))
    inside = post(merch, person=make_person().pk, dress=dress.pk, provider="fake").json()
    outside = post(api, person=me.pk, dress=dress.pk).json()
    assert inside["errors"][0]["detail"].endswith("These could: able.")
    assert "able" not in str(outside["errors"])


def test_a_used_up_budget_of_the_team_is_not_the_shoppers_fault(
    api: APIClient, merch: APIClient, account: ProviderAccount, me: Person, top: Garment
) -> None:
    ProviderAccount.objects.update(month_budget="0.10")
    outside = post(api, person=me.pk, top=top.pk)
    assert (outside.status_code, outside.json()["code"]) == (503, "unavailable")
    assert "0.10" not in outside.content.decode()
    inside = post(merch, person=make_person().pk, top=top.pk)
    assert (inside.status_code, inside.json()["code"]) == (422, "refused")
    assert "0.10" in inside.json()["detail"]


def test_nobody_there_is_a_problem_for_later(
    api: APIClient, merch: APIClient, account: ProviderAccount, settings: Any, me: Person
) -> None:
    job = make_job("failed", owner=me.owner, person=me, account=account)
    job.top.collections.add(shown(make_garment("top")).collections.get())
    settings.PROVIDERS["fake"]["OPTIONS"] = {"why": "Set FAKE_KEY."}
    for answer in (
        post(api, person=me.pk, top=job.top_id),
        post(api, f"{JOBS}/{job.pk}/repeat"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert "FAKE_KEY" not in answer.content.decode()


def test_what_is_not_shown_any_more_is_not_made_again(
    api: APIClient, account: ProviderAccount, me: Person, top: Garment
) -> None:
    job = make_job("failed", owner=me.owner, person=me, top=top, account=account)
    top.collections.clear()
    answer = post(api, f"{JOBS}/{job.pk}/repeat")
    assert (answer.status_code, answer.json()["code"]) == (422, "refused")
    assert TryOnJob.objects.count() == 1


@pytest.mark.parametrize("kind", ["account", "throttled", "transient", "unsupported", ""])
def test_problems_of_the_provider_are_explained_to_shoppers_plainly(
    api: APIClient, shopper: User, kind: str
) -> None:
    job = make_job("failed", owner=shopper, error_code="Arrearage", error_kind=kind)
    told = api.get(f"{JOBS}/{job.pk}").json()["error"]
    said = f"{told['title']} {told['help']}".lower()
    assert "account" not in said
    assert "provider" not in said


def test_problems_of_a_photo_are_explained_in_full(api: APIClient, shopper: User) -> None:
    job = make_job("failed", owner=shopper, error_code="InvalidPerson", error_kind="input")
    told = api.get(f"{JOBS}/{job.pk}").json()["error"]
    assert told["title"] == "Not exactly one person was found"


def test_what_nobody_knows_is_looked_at(api: APIClient, shopper: User) -> None:
    job = make_job("needs_attention", owner=shopper)
    told = api.get(f"{JOBS}/{job.pk}").json()
    assert "console" not in told["error"]["help"]
    assert (told["can_cancel"], told["can_repeat"], told["poll_after_ms"]) == (False, False, None)


def test_buttons_are_for_those_who_may_press_them(
    api: APIClient, merch: APIClient, as_role: Any, shopper: User
) -> None:
    house, failed, mine = make_job(), make_job("failed"), make_job(owner=shopper)
    for client, may in ((merch, True), (as_role("auditor"), False)):
        assert client.get(f"{JOBS}/{house.pk}").json()["can_cancel"] is may
        assert client.get(f"{JOBS}/{failed.pk}").json()["can_repeat"] is may
    assert api.get(f"{JOBS}/{mine.pk}").json()["can_cancel"] is True


def test_the_model_is_shown_to_the_team_only(
    api: APIClient, merch: APIClient, account: ProviderAccount, me: Person, top: Garment
) -> None:
    mine = post(api, person=me.pk, top=top.pk, recipe={"keep_rest": True}).json()
    assert mine["recipe"]["keep_rest"] is True
    assert "fake" not in str(mine)
    house = post(merch, person=make_person().pk, top=top.pk).json()
    assert house["recipe"]["model"] == "fake"
