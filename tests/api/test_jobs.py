"""Try-ons through the API: ordered, watched, stopped, asked for again; one's own and no other's."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from catalog.models import Collection, Garment, Person
from jobs.models import Batch, ProviderAccount, Result, TryOnJob
from tests.api.conftest import client_of, member
from tests.factories import make_garment, make_job, make_person, make_result

JOBS = "/api/v1/jobs"
pytestmark = pytest.mark.django_db


@pytest.fixture
def me(shopper: User) -> Person:
    return make_person(owner=shopper, name="Me", consent_scope="tryon")


@pytest.fixture
def top() -> Garment:
    return shown(make_garment("top"))


def shown(garment: Garment) -> Garment:
    spring, _new = Collection.objects.get_or_create(name="Spring", defaults={"in_app": True})
    garment.collections.add(spring)
    return garment


def post(client: APIClient, path: str = JOBS, key: str = "", **body: Any) -> Any:
    return client.post(path, body, headers={"Idempotency-Key": key or str(uuid.uuid4())})


def test_it_works(
    api: APIClient, account: ProviderAccount, me: Person, top: Garment, work: Callable[..., None]
) -> None:
    asked = post(api, person=me.pk, top=top.pk)
    assert asked.status_code == 202, asked.content
    job = asked.json()
    assert asked["Location"] == f"http://testserver{JOBS}/{job['id']}"
    assert (job["state"], job["provider"], job["cost"]) == ("queued", None, None)
    assert job["poll_after_ms"] == 500
    work()
    job = api.get(asked["Location"]).json()
    assert (job["state"], job["poll_after_ms"]) == ("succeeded", None)
    [image] = job["results"]
    result = Result.objects.get(pk=image["id"])
    assert (result.role, result.owner, image["review"]) == ("private", me.owner, None)
    assert image["image"]["version"] == result.sha256[:16]
    shown = b"".join(api.get(image["image"]["url"]).streaming_content)
    assert shown == result.large.read()
    assert not Result.objects.pending_review().exists()


def test_the_team_orders_with_a_provider_of_its_choice(
    merch: APIClient, account: ProviderAccount
) -> None:
    order = {"person": make_person().pk, "dress": make_garment("dress").pk}
    asked = post(merch, **order, provider="fake", recipe={"samples": 1, "refine": True})
    assert asked.status_code == 202, asked.content
    job = asked.json()
    assert (job["provider"], job["recipe"]["refine"]) == ("fake", True)
    assert job["cost"] == {"amount": "0.00", "currency": "CNY"}
    assert TryOnJob.objects.get().owner is None


def test_sent_again_under_its_key_it_is_one_job(
    api: APIClient, account: ProviderAccount, me: Person, top: Garment
) -> None:
    first = post(api, key="k1", person=me.pk, top=top.pk)
    again = post(api, key="k1", top=top.pk, person=me.pk)
    assert again.status_code == 202
    assert again["Idempotency-Replayed"] == "true"
    assert again["Location"] == first["Location"]
    assert again.json() == first.json()
    other = post(api, key="k1", person=me.pk, top=top.pk, again=True)
    assert (other.status_code, other.json()["code"]) == (422, "key-of-another-request")
    assert TryOnJob.objects.count() == 1


def test_keys_of_two_users_do_not_meet(
    api: APIClient, account: ProviderAccount, me: Person, top: Garment
) -> None:
    post(api, key="k1", person=me.pk, top=top.pk)
    other = member("shopper", "other")
    theirs = make_person(owner=other, consent_scope="tryon", wire_sha256=me.wire_sha256)
    assert post(client_of(other), key="k1", person=theirs.pk, top=top.pk).status_code == 202
    assert TryOnJob.objects.count() == 2


def test_what_was_made_before_is_shown_and_not_paid_for_again(
    api: APIClient, account: ProviderAccount, me: Person, top: Garment
) -> None:
    first = post(api, person=me.pk, top=top.pk)
    same = post(api, person=me.pk, top=top.pk)
    assert (same.status_code, same.json()["id"]) == (200, first.json()["id"])
    more = post(api, person=me.pk, top=top.pk, again=True)
    assert more.status_code == 202
    assert TryOnJob.objects.count() == 2


def test_an_order_without_a_key_makes_nothing(api: APIClient, me: Person, top: Garment) -> None:
    answer = api.post(JOBS, {"person": me.pk, "top": top.pk})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")
    for key in ("x" * 256, "ä", "a b"):
        answer = api.post(JOBS, {}, headers={"Idempotency-Key": key})
        assert answer.json()["code"] == "malformed"
    assert not Batch.objects.exists()


@pytest.mark.parametrize("missing", ["hidden person", "other's person", "hidden garment", "none"])
def test_what_one_may_not_see_does_not_exist(
    api: APIClient, me: Person, top: Garment, missing: str
) -> None:
    order = {"person": me.pk, "top": top.pk}
    if missing == "hidden person":
        order["person"] = make_person().pk
    elif missing == "other's person":
        order["person"] = make_person(owner=member("shopper", "other")).pk
    elif missing == "hidden garment":
        order["top"] = make_garment("top").pk
    else:
        order["person"] = 10**9
    answer = post(api, **order)
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["pointer"] == ("/top" if missing == "hidden garment" else "/person")
    assert error["code"] == "does_not_exist"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"person": "x"}, "/person"),
        ({"person": None}, "/person"),
        ({"person": True}, "/person"),
        ({"person": 2**70}, "/person"),
        ({"person": -1}, "/person"),
        ({"person": []}, "/person"),
        ({"top": {}}, "/top"),
        ({"recipe": []}, "/recipe"),
        ({"recipe": {"samples": 4}}, "/recipe/samples"),
        ({"recipe": {"model": "dear"}}, "/recipe/model"),
        ({"provider": "dashscope"}, "/provider"),
        ({"top": None}, ""),
        ({"again": "perhaps"}, "/again"),
        ({"keep_rest": True}, "/keep_rest"),
        ({"recipe": {"keeprest": True}}, "/recipe/keeprest"),
    ],
)
def test_hostile_orders_are_pointed_at(
    api: APIClient, me: Person, top: Garment, body: dict[str, Any], pointer: str
) -> None:
    answer = post(api, **({"person": me.pk, "top": top.pk} | body))
    assert answer.status_code == 400, answer.content
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert not TryOnJob.objects.exists()


def test_a_garment_goes_where_it_belongs(api: APIClient, me: Person, top: Garment) -> None:
    answer = post(api, person=me.pk, dress=top.pk)
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/dress"]


def test_a_refusal_says_why(
    api: APIClient, account: ProviderAccount, shopper: User, top: Garment
) -> None:
    silent = make_person(owner=shopper, consent_scope="")
    answer = post(api, key="k1", person=silent.pk, top=top.pk)
    assert (answer.status_code, answer.json()["code"]) == (422, "refused")
    assert "consent" in answer.json()["detail"].lower()
    silent.record_consent(scope="tryon", until=None, note="", document="")
    assert post(api, key="k1", person=silent.pk, top=top.pk).status_code == 202


def test_lists_show_ones_own(api: APIClient, shopper: User, merch: APIClient) -> None:
    mine = make_job(owner=shopper)
    theirs = make_job(owner=member("shopper", "other"))
    house = make_job("failed")
    assert [row["id"] for row in api.get(JOBS).json()["results"]] == [mine.pk]
    assert [row["id"] for row in merch.get(JOBS).json()["results"]] == [house.pk]
    for job in (theirs, house):
        for call in (api.get, api.post):
            path = f"{JOBS}/{job.pk}" + ("/cancel" if call == api.post else "")
            assert call(path).status_code == 404
    assert merch.get(f"{JOBS}/{mine.pk}").status_code == 404
    assert merch.get(JOBS, {"state": "failed"}).json()["results"][0]["id"] == house.pk
    assert merch.get(JOBS, {"garment": house.top_id}).json()["results"][0]["id"] == house.pk


def test_a_list_costs_the_same_however_long(
    merch: APIClient, django_assert_max_num_queries: Any
) -> None:
    for _n in range(5):
        make_result(job=make_job("succeeded"))
    with django_assert_max_num_queries(9) as few:
        merch.get(JOBS, {"page_size": 1})
    with django_assert_max_num_queries(len(few)):
        merch.get(JOBS, {"page_size": 5})


def test_stopping_in_time_costs_nothing(
    api: APIClient, account: ProviderAccount, me: Person, top: Garment
) -> None:
    job = post(api, person=me.pk, top=top.pk).json()
    stopped = api.post(f"{JOBS}/{job['id']}/cancel").json()
    assert (stopped["outcome"], stopped["state"]) == ("canceled", "canceled")
    assert api.post(f"{JOBS}/{job['id']}/cancel").json()["outcome"] == "ended"


def test_an_ended_job_is_asked_for_again_once(
    api: APIClient, account: ProviderAccount, me: Person, top: Garment
) -> None:
    job = post(api, person=me.pk, top=top.pk).json()
    path = f"{JOBS}/{job['id']}/repeat"
    early = post(api, path)
    assert (early.status_code, early.json()["code"]) == (409, "conflict")
    api.post(f"{JOBS}/{job['id']}/cancel")
    new = post(api, path)
    assert (new.status_code, new.json()["repeats"]) == (202, job["id"])
    late = post(api, path)
    assert (late.status_code, late.json()["repeated_by"]) == (409, new.json()["id"])
    assert TryOnJob.objects.get(pk=new.json()["id"]).owner == me.owner


def test_reviewers_ask_for_nothing(account: ProviderAccount, as_role: Any) -> None:
    reviewer, job = as_role("reviewer"), make_job("failed")
    order = {"person": make_person().pk, "top": make_garment("top").pk}
    for answer in (post(reviewer, **order), post(reviewer, f"{JOBS}/{job.pk}/repeat")):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_shoppers_learn_nothing_of_the_provider(api: APIClient, shopper: User) -> None:
    job = make_job("failed", owner=shopper, error_code="X1", error_message="secret", error_kind="")
    told = api.get(f"{JOBS}/{job.pk}").json()["error"]
    assert (told["code"], told["message"]) == (None, None)
    assert told["title"]


def test_who_sees_no_results_sees_none_of_a_job() -> None:
    result = make_result()
    user = member("shopper", "looker")
    user.user_permissions.add(Permission.objects.get(codename="view_tryonjob"))
    told = client_of(user).get(f"{JOBS}/{result.job_id}").json()
    assert (told["state"], told["results"]) == ("succeeded", [])
