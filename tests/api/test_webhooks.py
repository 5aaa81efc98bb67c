"""Endpoints of webhooks through the API: one's own, secrets told once, deliveries sent anew."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.test import APIClient

from tests.api.conftest import client_of, member
from tests.factories import make_job
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

WEBHOOKS = "/api/v1/webhooks"
pytestmark = pytest.mark.django_db


def make(client: APIClient, key: str = "", **body: Any) -> Any:
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    return client.post(WEBHOOKS, {"url": "https://example.com/hook", **body}, headers=headers)


def test_it_works(merch: APIClient) -> None:
    made = make(merch, events=["job.completed"], description="ERP")
    assert made.status_code == 201, made.content
    assert made.json()["secret"].startswith("whsec_")
    path = f"{WEBHOOKS}/{made.json()['id']}"
    told = merch.get(path).json()
    assert (told["enabled"], told["events"]) == (True, ["job.completed"])
    assert "secret" not in told
    job = make_job("running")
    job.succeed()
    [delivery] = merch.get(f"{path}/deliveries").json()["results"]
    assert (delivery["type"], delivery["state"]) == ("job.completed", "waiting")
    assert delivery["payload"]["job_id"] == job.pk
    assert merch.delete(path).status_code == 204
    assert merch.get(path).status_code == 404


def test_what_shoppers_do_sends_no_event(merch: APIClient, shopper: User) -> None:
    make(merch)
    make_job("running", owner=shopper).succeed()
    assert not WebhookDelivery.objects.exists()


def test_a_lost_answer_is_repeated_with_its_secret(merch: APIClient) -> None:
    first, again = make(merch, "k1"), make(merch, "k1")
    assert again.json() == first.json()
    assert WebhookEndpoint.objects.count() == 1


def test_each_sees_ones_own(merch: APIClient) -> None:
    pk = make(merch).json()["id"]
    other = client_of(member("merchandiser", "other"))
    assert other.get(WEBHOOKS).json()["results"] == []
    for method, path in (
        ("get", ""),
        ("patch", ""),
        ("delete", ""),
        ("post", "/rotate"),
        ("post", "/test"),
        ("post", "/enable"),
        ("get", "/deliveries"),
    ):
        assert getattr(other, method)(f"{WEBHOOKS}/{pk}{path}").status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x",
        "https://127.0.0.1/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/x",
        "https://100.100.100.200/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://[::127.0.0.1]/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://localhost/x",
        "https://example.com:22/x",
        "https://user:pw@example.com/x",
        "ftp://example.com",
        "javascript:alert(1)",
        "https://",
        "https://exa mple.com",
        "https://example.com/" + "x" * 500,
        "",
        None,
        7.5,
        "https://example.com/\u0000",
    ],
)
def test_addresses_that_must_not_be_called(merch: APIClient, url: Any) -> None:
    answer = make(merch, url=url)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"] == "/url"
    mine = make(merch).json()["id"]
    assert merch.patch(f"{WEBHOOKS}/{mine}", {"url": url}).status_code == 400


def test_events_that_do_not_exist(merch: APIClient) -> None:
    for events in (["hat.worn"], ["webhook.test"], "job.completed", [1]):
        answer = make(merch, events=events)
        assert answer.json()["errors"][0]["pointer"].startswith("/events")


def test_one_has_so_many(merch: APIClient) -> None:
    for _n in range(10):
        assert make(merch).status_code == 201
    assert make(merch).status_code == 409


def test_a_rotated_secret_is_shown_once(merch: APIClient) -> None:
    made = make(merch).json()
    rotated = merch.post(f"{WEBHOOKS}/{made['id']}/rotate").json()
    assert rotated["secret"] != made["secret"]
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.secrets(timezone.now()) == [rotated["secret"], made["secret"]]


def test_a_test_and_its_redelivery(merch: APIClient) -> None:
    pk = make(merch).json()["id"]
    sent = merch.post(f"{WEBHOOKS}/{pk}/test")
    assert (sent.status_code, sent.json()["type"]) == (202, "webhook.test")
    again = f"{WEBHOOKS}/{pk}/deliveries/{sent.json()['id']}/redeliver"
    WebhookDelivery.objects.update(state="failed")
    assert merch.post(again).json()["state"] == "waiting"
    assert merch.post(f"{WEBHOOKS}/{pk}/deliveries/999999/redeliver").status_code == 404
    WebhookEndpoint.objects.get().disable("hand", timezone.now())
    assert merch.post(again).status_code == 409
    assert merch.post(f"{WEBHOOKS}/{pk}/test").status_code == 409
    assert merch.post(f"{WEBHOOKS}/{pk}/enable").json()["enabled"] is True
    assert merch.post(again).status_code == 202


def test_secrets_are_not_shown_twice(merch: APIClient) -> None:
    pk = make(merch).json()["id"]
    path = f"{WEBHOOKS}/{pk}"
    merch.post(f"{path}/rotate")
    for answer in (
        merch.get(WEBHOOKS),
        merch.get(path),
        merch.patch(path, {"description": "ERP"}),
        merch.post(f"{path}/enable"),
        merch.post(f"{path}/test"),
        merch.get(f"{path}/deliveries"),
    ):
        assert answer.status_code in (200, 202)
        assert "whsec_" not in answer.content.decode()


def test_a_delivery_is_of_its_endpoint(merch: APIClient) -> None:
    one, other = (make(merch).json()["id"] for _twice in range(2))
    sent = merch.post(f"{WEBHOOKS}/{one}/test").json()["id"]
    WebhookDelivery.objects.update(state="failed")
    assert merch.post(f"{WEBHOOKS}/{other}/deliveries/{sent}/redeliver").status_code == 404
    assert merch.get(f"{WEBHOOKS}/{other}/deliveries").json()["results"] == []


def test_the_log_tells_of_every_attempt(merch: APIClient) -> None:
    path = f"{WEBHOOKS}/{make(merch).json()['id']}"
    sent = [merch.post(f"{path}/test").json()["id"] for _n in range(3)]
    for status in (500, 204):
        WebhookAttempt.objects.create(delivery_id=sent[2], status=status, duration_ms=7)
    page = merch.get(f"{path}/deliveries?page_size=2").json()
    assert [each["id"] for each in page["results"]] == [sent[2], sent[1]]
    assert [attempt["status"] for attempt in page["results"][0]["log"]] == [500, 204]
    assert [each["id"] for each in merch.get(page["next"]).json()["results"]] == [sent[0]]


def test_the_log_costs_the_same_however_long(
    merch: APIClient, django_assert_num_queries: Any
) -> None:
    path = f"{WEBHOOKS}/{make(merch).json()['id']}"
    for _n in range(5):
        sent = merch.post(f"{path}/test").json()["id"]
        WebhookAttempt.objects.create(delivery_id=sent, status=500)
    merch.get(f"{path}/deliveries")
    for size in (1, 5):
        with django_assert_num_queries(3):
            merch.get(f"{path}/deliveries?page_size={size}")


@pytest.mark.parametrize("change", ["patch", "enable", "redeliver"])
def test_what_is_deleted_at_this_moment_is_not_there(
    merch: APIClient, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    path = f"{WEBHOOKS}/{make(merch).json()['id']}"
    again = f"{path}/deliveries/{merch.post(f'{path}/test').json()['id']}/redeliver"
    real = QuerySet.update

    def deleting(rows: QuerySet, **values: Any) -> int:
        """Somebody else deletes it right after it was changed."""
        n = real(rows, **values)
        WebhookEndpoint.objects.all().delete()
        return n

    monkeypatch.setattr(QuerySet, "update", deleting)
    answer = {
        "patch": lambda: merch.patch(path, {"description": "ERP"}),
        "enable": lambda: merch.post(f"{path}/enable"),
        "redeliver": lambda: merch.post(again),
    }[change]()
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("pk", ["0", "9" * 18, "9" * 40, "x", "-1", "1.5"])
def test_hostile_ids_are_404(merch: APIClient, pk: str) -> None:
    path = f"{WEBHOOKS}/{make(merch).json()['id']}/deliveries/{pk}/redeliver"
    assert merch.post(path).status_code == 404
    for action in ("", "/rotate", "/test", "/enable", "/deliveries"):
        call = merch.get if action in ("", "/deliveries") else merch.post
        assert call(f"{WEBHOOKS}/{pk}{action}").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"secret": "whsec_x"}, "/secret"),
        ({"enabled": False}, "/enabled"),
        ({"description": "x" * 201}, "/description"),
        ({"description": "\x00"}, "/description"),
        ({"events": ["job.completed"] * 51}, "/events"),
        ({"events": [{}]}, "/events"),
        ({"events": None}, "/events"),
    ],
)
def test_hostile_bodies_are_pointed_at(
    merch: APIClient, body: dict[str, Any], pointer: str
) -> None:
    mine = make(merch).json()
    for answer in (make(merch, **body), merch.patch(f"{WEBHOOKS}/{mine['id']}", body)):
        assert answer.status_code == 400, answer.content
        assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert WebhookEndpoint.objects.get().secret == mine["secret"]


def test_without_the_permission_it_is_forbidden(api: APIClient, as_role: Any) -> None:
    for client in (api, as_role("reviewer"), as_role("publisher"), as_role("auditor")):
        assert make(client).status_code == 403
    assert not WebhookEndpoint.objects.exists()
