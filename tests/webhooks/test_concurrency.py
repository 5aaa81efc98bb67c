"""Several workers and editors at one moment: each event once, and nobody's work undone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from pytest_httpserver import HTTPServer

from tests.factories import make_job, make_user
from webhooks import delivery, endpoints, outbox
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookMessage

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def boss() -> User:
    return make_user("boss", is_superuser=True)


@pytest.fixture
def endpoint(settings: Any, boss: User, httpserver: HTTPServer) -> WebhookEndpoint:
    settings.WEBHOOK_ALLOW_LOCAL = True
    httpserver.expect_request("/hook").respond_with_data("ok")
    return WebhookEndpoint.objects.create(owner=boss, url=httpserver.url_for("/hook"))


def together(*acts: Callable[[], Any]) -> None:
    """Each in a thread and a connection of its own, begun at one moment."""
    barrier, failed = threading.Barrier(len(acts)), list[Exception]()

    def run(act: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            act()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []


def test_it_works(endpoint: WebhookEndpoint, httpserver: HTTPServer) -> None:
    """Four workers, forty events: each is posted once."""
    with transaction.atomic():
        for n in range(40):
            outbox.emit("job.completed", {"job_id": n})
    together(*[delivery.deliver_due] * 4)
    assert set(WebhookDelivery.objects.values_list("state", "attempts")) == {("delivered", 1)}
    sent = [request.headers["webhook-id"] for request, _answer in httpserver.log]
    assert sorted(sent) == sorted(WebhookMessage.objects.values_list("pk", flat=True))
    assert WebhookAttempt.objects.count() == 40


def test_an_endpoint_deleted_while_a_job_ends_undoes_nothing(endpoint: WebhookEndpoint) -> None:
    jobs = [make_job("running") for _ in range(20)]

    def end() -> None:
        for job in jobs:
            assert job.succeed()

    together(end, endpoint.delete)
    outbox.emit("job.completed", {"job_id": 1})
    assert not outbox.is_left(timezone.now())


def test_an_endpoint_deleted_while_it_is_called(endpoint: WebhookEndpoint) -> None:
    with transaction.atomic():
        for n in range(20):
            outbox.emit("job.completed", {"job_id": n})
    together(delivery.deliver_due, delivery.deliver_due, endpoint.delete)
    assert not WebhookAttempt.objects.exists()
    assert not WebhookEndpoint.objects.exists()


def test_no_more_endpoints_than_allowed(boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "MAX_PER_USER", 2)
    refused = []

    def make() -> None:
        try:
            endpoints.create_endpoint(boss, url="https://hooks.example.com/x")
        except endpoints.EndpointRefused as error:
            refused.append(error.code)

    together(*[make] * 6)
    assert (WebhookEndpoint.objects.count(), refused) == (2, ["too_many"] * 4)


def test_of_two_rotations_one_counts(endpoint: WebhookEndpoint) -> None:
    done = []
    same = WebhookEndpoint.objects.get()
    now = timezone.now()
    together(
        lambda: done.append(endpoint.rotate(now)),
        lambda: done.append(same.rotate(now)),
    )
    assert sorted(done) == [False, True]
