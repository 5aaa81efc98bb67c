"""Webhooks: written with the transaction, signed, retried, and sent to public hosts only."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import checks
from django.db import transaction
from django.utils import timezone
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError
from werkzeug import Request, Response

from review.decide import approve
from tests.factories import make_batch, make_gallery, make_job, make_result, make_user
from webhooks import delivery as webhook_delivery
from webhooks import outbox, post, subscribers
from webhooks import tasks as webhooks_tasks
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookMessage
from webhooks.models.delivery import MOST_ATTEMPTS, RETRY_AFTER
from webhooks.models.endpoint import DISABLED_AFTER, OLD_SECRET_SIGNS_FOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def local(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_LOCAL = True


@pytest.fixture
def boss() -> User:
    return make_user("boss", is_superuser=True)


@pytest.fixture
def endpoint(local: None, boss: User, httpserver: HTTPServer) -> WebhookEndpoint:
    url, events = httpserver.url_for("/hook"), ["job.completed", "gallery.published"]
    return WebhookEndpoint.objects.create(owner=boss, url=url, events=events)


@pytest.fixture
def received(httpserver: HTTPServer) -> list[Request]:
    """What the receiver was sent; it answers 204."""
    requests: list[Request] = []

    def answer(request: Request) -> Response:
        request.get_data()
        requests.append(request)
        return Response(status=204)

    httpserver.expect_request("/hook").respond_with_handler(answer)
    return requests


def due_now() -> None:
    WebhookDelivery.objects.update(due_at=timezone.now())


def test_it_works(endpoint: WebhookEndpoint, received: list[Request]) -> None:
    job = make_job("running")
    job.succeed()
    webhooks_tasks.deliver()
    [request] = received
    event = Webhook(endpoint.secret).verify(request.get_data(), dict(request.headers))
    assert event["type"] == "job.completed"
    assert event["data"]["job_id"] == job.pk
    assert (event["data"]["state"], event["timestamp"][-1]) == ("succeeded", "Z")
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("delivered", 1)
    assert request.headers["webhook-id"] == delivery.message_id
    assert WebhookAttempt.objects.get().status == 204


def test_what_was_rolled_back_is_not_sent(endpoint: WebhookEndpoint) -> None:
    job = make_job("running")
    with transaction.atomic():
        job.succeed()
        transaction.set_rollback(True)
    assert not WebhookMessage.objects.exists()


def test_without_endpoints_nothing_is_written(django_assert_num_queries: Any, boss: User) -> None:
    with django_assert_num_queries(1):
        subscribers.on_job_ended([1, 2], [])
    assert not WebhookMessage.objects.exists()


def test_only_what_is_wanted(endpoint: WebhookEndpoint) -> None:
    WebhookEndpoint.objects.update(events=["review.decided"])
    make_job("running").succeed()
    result = make_result()
    approve(result, make_user("reviewer"))
    assert [m.type for m in WebhookMessage.objects.all()] == ["review.decided"]
    assert WebhookMessage.objects.get().payload["review"] == "approved"


def test_every_event_is_sent(endpoint: WebhookEndpoint, boss: User) -> None:
    from galleries import publishing

    WebhookEndpoint.objects.update(events=[])
    job = make_job("running", batch=make_batch())
    result = make_result(job=job, step=job.steps.get())
    job.succeed()
    approve(result, boss)
    result.publish(boss)
    result.unpublish(boss)
    gallery = make_gallery(shown_from=None)
    publishing.show(gallery, 0, boss)
    gallery.refresh_from_db()
    publishing.unpublish(gallery, gallery.version, boss)
    assert {m.type for m in WebhookMessage.objects.all()} == {
        "job.completed",
        "batch.completed",
        "review.decided",
        "result.published",
        "result.unpublished",
        "gallery.published",
        "gallery.unpublished",
    }


def test_cancelling_a_batch_sends_an_event_for_each_job(
    endpoint: WebhookEndpoint, boss: User
) -> None:
    batch = make_batch()
    jobs = [make_job(batch=batch) for _n in range(3)]
    batch.cancel(boss)
    ended = WebhookMessage.objects.filter(type="job.completed")
    assert {m.payload["job_id"] for m in ended} == {job.pk for job in jobs}


def test_both_secrets_sign_after_a_rotation(
    endpoint: WebhookEndpoint, received: list[Request]
) -> None:
    old = endpoint.secret
    endpoint.rotate(timezone.now())
    make_job("running").succeed()
    webhooks_tasks.deliver()
    [request] = received
    for secret in (old, endpoint.secret):
        Webhook(secret).verify(request.get_data(), dict(request.headers))
    forged = request.get_data().replace(b"succeeded", b"failed")
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(forged, dict(request.headers))
    later = timezone.now() + OLD_SECRET_SIGNS_FOR + timedelta(seconds=1)
    assert endpoint.secrets(later) == [endpoint.secret]


def test_failures_are_tried_again_and_then_given_up(
    endpoint: WebhookEndpoint, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/hook").respond_with_data("no " * 500, status=500)
    make_job("running").succeed()
    for n in range(MOST_ATTEMPTS):
        due_now()
        before = timezone.now()
        webhook_delivery.deliver_due()
        delivery = WebhookDelivery.objects.get()
        assert delivery.attempts == n + 1
        if n < len(RETRY_AFTER):
            wait = delivery.due_at - before
            assert RETRY_AFTER[n] <= wait <= RETRY_AFTER[n] * 1.25 + timedelta(seconds=5)
    assert delivery.state == "failed"
    assert {a.status for a in WebhookAttempt.objects.all()} == {500}
    assert len(WebhookAttempt.objects.latest("pk").body) <= 300
    ids = {log[0].headers["webhook-id"] for log in httpserver.log}
    assert ids == {delivery.message_id}


def test_gone_is_gone(endpoint: WebhookEndpoint, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("", status=410)
    make_job("running").succeed()
    make_job("running").succeed()
    webhooks_tasks.deliver()
    endpoint.refresh_from_db()
    assert (endpoint.is_enabled, endpoint.disabled_why) == (False, "gone")
    assert {d.state for d in WebhookDelivery.objects.all()} == {"failed"}
    make_job("running").succeed()
    assert WebhookMessage.objects.count() == 2


def test_days_of_failure_disable_it(endpoint: WebhookEndpoint, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_data("", status=503)
    make_job("running").succeed()
    webhooks_tasks.deliver()
    WebhookEndpoint.objects.update(failing_since=timezone.now() - DISABLED_AFTER)
    due_now()
    webhooks_tasks.deliver()
    endpoint.refresh_from_db()
    assert endpoint.disabled_why == "failing"


def test_a_delivery_is_sent_anew(endpoint: WebhookEndpoint, received: list[Request]) -> None:
    make_job("running").succeed()
    webhooks_tasks.deliver()
    assert outbox.redeliver(WebhookDelivery.objects.get())
    webhooks_tasks.deliver()
    assert len({request.headers["webhook-id"] for request in received}) == 1
    assert len(received) == 2


def test_of_two_workers_one_delivers(endpoint: WebhookEndpoint) -> None:
    make_job("running").succeed()
    delivery = WebhookDelivery.objects.get()
    same = WebhookDelivery.objects.get()
    assert delivery.take(timezone.now())
    assert not same.take(timezone.now())


def test_an_owner_without_the_right_receives_nothing(
    endpoint: WebhookEndpoint, received: list[Request], boss: User
) -> None:
    make_job("running").succeed()
    User.objects.update(is_superuser=False)
    webhooks_tasks.deliver()
    endpoint.refresh_from_db()
    assert (received, endpoint.disabled_why) == ([], "right")


def test_old_messages_are_deleted(endpoint: WebhookEndpoint, received: list[Request]) -> None:
    make_job("running").succeed()
    webhooks_tasks.deliver()
    WebhookMessage.objects.update(created_at=timezone.now() - timedelta(days=31))
    webhooks_tasks.deliver()
    assert not WebhookMessage.objects.exists()
    assert not WebhookAttempt.objects.exists()


# --- where it may lead ---


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "127.0.0.1", "::1", "fd00::1"])
def test_a_name_that_leads_inside_is_not_called(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET

    def resolve(*_args: Any, **kwargs: Any) -> list[Any]:
        if kwargs.get("flags"):
            raise socket.gaierror("a name is no number")
        return [(family, socket.SOCK_STREAM, 6, "", (address, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    answer = post.post("https://hooks.example.com/x", b"{}", {})
    assert answer.code == "private"


def test_redirects_are_not_followed(endpoint: WebhookEndpoint, httpserver: HTTPServer) -> None:
    headers = {"Location": "http://169.254.169.254/latest"}
    httpserver.expect_request("/hook").respond_with_data("", status=302, headers=headers)
    answer = post.post(endpoint.url, b"{}", {})
    assert (answer.status, answer.is_success) == (302, False)


def test_an_endless_answer_ends(endpoint: WebhookEndpoint, httpserver: HTTPServer) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    httpserver.expect_request("/hook").respond_with_handler(lambda _r: Response(endless()))
    answer = post.post(endpoint.url, b"{}", {})
    assert (answer.status, len(answer.body)) == (200, 300)


def test_nobody_there(local: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert post.post(f"http://127.0.0.1:{port}/x", b"{}", {}).code == "unreachable"


def test_the_body_is_what_was_signed(endpoint: WebhookEndpoint, received: list[Request]) -> None:
    subscribers.on_gallery_shown(make_gallery(), "shown")
    webhooks_tasks.deliver()
    body = received[0].get_data().decode()
    assert body == WebhookMessage.objects.get().body()
    assert set(json.loads(body)) == {"type", "timestamp", "data"}


def test_a_wrong_setting_is_named(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_LOCAL = "perhaps"
    assert "jobs.E030" in [m.id for m in checks.run_checks(tags=["webhooks"])]
