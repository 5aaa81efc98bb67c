"""Batches through the API: an estimate first, then exactly that; held, resumed, stopped."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from jobs.models import Batch, ProviderAccount, TryOnJob
from tests.factories import make_batch, make_garment, make_job, make_person

BATCHES = "/api/v1/batches"
pytestmark = pytest.mark.django_db


def order(persons: int = 2, outfits: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "persons": [make_person().pk for _n in range(persons)],
        "outfits": [{"top": make_garment("top").pk} for _n in range(outfits)],
        **more,
    }


def launch(client: APIClient, body: dict[str, Any], key: str = "", **more: Any) -> Any:
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    return client.post(BATCHES, body | more, headers=headers)


def estimate(client: APIClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"{BATCHES}/estimate", body)
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()
    return told


def test_it_works(merch: APIClient, account: ProviderAccount, work: Any) -> None:
    body = order(name="Spring")
    told = estimate(merch, body)
    assert (told["count"], told["made_before"], told["refused"]) == (4, 0, [])
    assert told["total"] == {"amount": "2.00", "currency": "CNY"}
    assert not Batch.objects.exists()
    made = launch(merch, body, agreement=told["agreement"])
    assert made.status_code == 202, made.content
    batch = made.json()
    assert (batch["name"], batch["total"], batch["finished"]) == ("Spring", 4, 0)
    assert batch["poll_after_ms"]
    work()
    batch = merch.get(made["Location"]).json()
    assert (batch["counts"]["succeeded"], batch["poll_after_ms"]) == (4, None)
    assert batch["spent"] == {"amount": "2.00", "currency": "CNY"}


def test_what_was_not_agreed_to_is_not_launched(merch: APIClient, account: ProviderAccount) -> None:
    body = order()
    for agreement in ({}, {"agreement": "1:4:0.50"}):
        answer = launch(merch, body, **agreement)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert answer.json()["estimate"]["count"] == 4
    assert not Batch.objects.exists()


def test_what_was_made_meanwhile_changes_the_agreement(
    merch: APIClient, account: ProviderAccount
) -> None:
    body = order(1, 1)
    told = estimate(merch, body)
    assert launch(merch, body, agreement=told["agreement"]).status_code == 202
    assert launch(merch, body, agreement=told["agreement"]).status_code == 409
    assert estimate(merch, body)["made_before"] == 1
    again = estimate(merch, body | {"again": True})
    assert launch(merch, body, again=True, agreement=again["agreement"]).status_code == 202
    assert TryOnJob.objects.count() == 2


def test_sent_again_it_is_one_batch(merch: APIClient, account: ProviderAccount) -> None:
    body = order()
    agreement = estimate(merch, body)["agreement"]
    first = launch(merch, body, "k1", agreement=agreement)
    again = launch(merch, body, "k1", agreement=agreement)
    assert again.json() == first.json()
    assert (Batch.objects.count(), again["Idempotency-Replayed"]) == (1, "true")


def test_refused_cells_are_named(merch: APIClient, account: ProviderAccount) -> None:
    body = order(1, 1)
    silent = make_person(consent_scope="")
    body["persons"].append(silent.pk)
    told = estimate(merch, body)
    assert told["count"] == 1
    assert [cell["person"] for cell in told["refused"]] == [silent.pk]
    assert "consent" in " ".join(told["refusals"]).lower()


def test_a_budget_that_is_too_small_is_shown(merch: APIClient, account: ProviderAccount) -> None:
    body = order(budget="0.50")
    told = estimate(merch, body)
    assert told["refusals"]
    answer = launch(merch, body, agreement=told["agreement"])
    assert (answer.status_code, answer.json()["code"]) == (422, "refused")
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"persons": []}, "/persons"),
        ({"persons": [10**9]}, "/persons"),
        ({"persons": "x"}, "/persons"),
        ({"outfits": []}, "/outfits"),
        ({"outfits": [{}]}, "/outfits/0"),
        ({"outfits": [{"top": 10**9}]}, "/outfits/0/top"),
        ({"outfits": "x"}, "/outfits"),
        ({"budget": "-1"}, "/budget"),
        ({"budget": "NaN"}, "/budget"),
        ({"provider": "nobody"}, "/provider"),
        ({"recipe": {"samples": 99}}, "/recipe/samples"),
    ],
)
def test_hostile_orders_are_pointed_at(
    merch: APIClient, account: ProviderAccount, change: dict[str, Any], pointer: str
) -> None:
    answer = merch.post(f"{BATCHES}/estimate", order(1, 1) | change)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


def test_a_batch_is_held_resumed_and_stopped(merch: APIClient, account: ProviderAccount) -> None:
    body = order()
    made = launch(merch, body, agreement=estimate(merch, body)["agreement"]).json()
    path = f"{BATCHES}/{made['id']}"
    for _twice in range(2):
        assert merch.post(f"{path}/pause").json()["paused"] is True
    assert merch.get(path).json()["expected_s"] is None
    assert merch.post(f"{path}/resume").json()["paused"] is False
    done = merch.post(f"{path}/cancel").json()
    assert (done["stopped"], done["left"]) == (4, 0)
    assert done["batch"]["counts"]["canceled"] == 4


def test_shoppers_batches_are_theirs(
    api: APIClient, merch: APIClient, shopper: User, as_role: Any
) -> None:
    own = make_batch(owner=shopper)
    house = make_batch()
    assert [row["id"] for row in api.get(BATCHES).json()["results"]] == [own.pk]
    assert [row["id"] for row in merch.get(BATCHES).json()["results"]] == [house.pk]
    assert merch.get(f"{BATCHES}/{own.pk}").status_code == 404
    assert merch.post(f"{BATCHES}/{own.pk}/cancel").status_code == 404
    for client in (api, as_role("reviewer")):
        assert client.post(f"{BATCHES}/estimate", {}).status_code == 403
        assert client.post(f"{BATCHES}/{house.pk}/pause").status_code == 403


def test_filters(merch: APIClient) -> None:
    running = make_job(batch=make_batch(name="Spring drop")).batch
    finished = make_job("succeeded").batch
    for query, wanted in (
        ({"state": "running"}, running),
        ({"state": "finished"}, finished),
        ({"name": "spring"}, running),
    ):
        assert [row["id"] for row in merch.get(BATCHES, query).json()["results"]] == [wanted.pk]


def test_a_list_costs_the_same_however_long(
    merch: APIClient, django_assert_max_num_queries: Any
) -> None:
    for _n in range(5):
        make_job()
    with django_assert_max_num_queries(6) as few:
        merch.get(BATCHES, {"page_size": 1})
    with django_assert_max_num_queries(len(few)):
        merch.get(BATCHES, {"page_size": 5})


def test_an_order_is_looked_up_at_once_however_large(
    merch: APIClient, account: ProviderAccount, django_assert_max_num_queries: Any
) -> None:
    small, large = order(1, 1), order(6, 6)
    with django_assert_max_num_queries(10) as few:
        estimate(merch, small)
    with django_assert_max_num_queries(len(few)):
        estimate(merch, large)


@pytest.mark.parametrize("n", [3001, 100_000])
def test_a_huge_order_is_refused_before_anything_is_looked_up(
    merch: APIClient, django_assert_max_num_queries: Any, n: int
) -> None:
    person, outfit = make_person().pk, {"top": make_garment("top").pk}
    wide = {"persons": [person] * n, "outfits": [outfit]}
    # Of outfits, a megabyte has not so many.
    long = {"persons": [person], "outfits": [outfit] * min(n, 50_000)}
    for body in (wide, long):
        with django_assert_max_num_queries(8):
            answer = merch.post(f"{BATCHES}/estimate", body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "")


@pytest.mark.parametrize("pk", [True, 1e400, -1, 0, 1.5, 2**63, "1", None, [], {}])
def test_hostile_ids_among_many_are_pointed_at(
    merch: APIClient, account: ProviderAccount, pk: Any
) -> None:
    body = order(1, 1)
    body["persons"].append(pk)
    text = json.dumps(body).replace("Infinity", "1e400")
    answer = merch.generic("POST", f"{BATCHES}/estimate", text, "application/json")
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"].startswith("/persons")
    body = order(1, 2)
    body["outfits"][1]["top"] = pk
    text = json.dumps(body).replace("Infinity", "1e400")
    answer = merch.generic("POST", f"{BATCHES}/estimate", text, "application/json")
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"].startswith("/outfits")


def test_a_batch_of_ones_own_does_not_tell_its_model(api: APIClient, shopper: User) -> None:
    own = make_batch(owner=shopper, recipe={"model": "aitryon-plus", "keep_rest": True})
    told = api.get(f"{BATCHES}/{own.pk}").json()
    assert (told["provider"], told["recipe"]) == (None, {"keep_rest": True})
