"""Webhooks against receivers that mean no good: addresses inside, drips, floods, dead ends."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.conftest import Server
from tests.factories import make_job, make_user
from webhooks import endpoints, outbox, post, url_policy
from webhooks import tasks as webhooks_tasks
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookMessage
from webhooks.models.delivery import CLAIM, MOST_ATTEMPTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def local(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_LOCAL = True


@pytest.fixture
def boss() -> User:
    return make_user("boss", is_superuser=True)


@pytest.fixture
def dripping(local: None, monkeypatch: pytest.MonkeyPatch, drip: Server) -> Server:
    monkeypatch.setattr(post, "TOTAL_TIMEOUT_S", 0.4)
    return drip


def test_it_works(boss: User) -> None:
    endpoint = endpoints.create_endpoint(boss, url="https://hooks.example.com:8443/x?key=1")
    assert str(endpoint) == "https://hooks.example.com:8443/x"
    assert endpoint.secret.startswith("whsec_")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/x", "private"),
        ("https://10.1.2.3/x", "private"),
        ("https://192.168.0.1/x", "private"),
        ("https://169.254.169.254/latest/meta-data", "private"),
        ("https://100.100.100.200/latest/meta-data", "private"),
        ("https://0.0.0.0/x", "private"),
        ("https://0/x", "private"),
        ("https://127.1/x", "private"),
        ("https://2130706433/x", "private"),
        ("https://0x7f000001/x", "private"),
        ("https://0177.0.0.1/x", "private"),
        ("https://[::1]/x", "private"),
        ("https://[::]/x", "private"),
        ("https://[::ffff:10.0.0.1]/x", "private"),
        ("https://[::127.0.0.1]/x", "private"),
        ("https://[64:ff9b::a00:1]/x", "private"),
        ("https://[fe80::1]/x", "private"),
        ("https://[fd00::1]/x", "private"),
        ("https://localhost/x", "host"),
        ("https://intranet./x", "host"),
        ("http://hooks.example.com/x", "scheme"),
        ("file:///etc/passwd", "url"),
        ("gopher://hooks.example.com/x", "scheme"),
        ("https://hooks.example.com:22/x", "port"),
        ("https://hooks.example.com:0/x", "port"),
        ("https://hooks.example.com:99999/x", "url"),
        ("https://user:pass@hooks.example.com/x", "credentials"),
        ("https://hooks.example.com@10.0.0.1/x", "credentials"),
        ("https://hooks.example.com/x#y", "credentials"),
        ("https://hooks.example.com\\@10.0.0.1/x", "url"),
        ("https://hooks.example.com/x\r\nHost: y", "url"),
        ("https://hooks.example.com/\x00", "url"),
        ("https://hööks.example.com/x", "url"),
        ("https://[::1/x", "url"),
        ("https:///x", "url"),
        ("", "url"),
        ("https://hooks.example.com/" + "x" * 500, "url"),
    ],
)
def test_what_cannot_be_an_address(url: str, code: str, boss: User) -> None:
    with pytest.raises(endpoints.EndpointRefused) as refused:
        endpoints.create_endpoint(boss, url=url)
    assert (refused.value.field, refused.value.code) == ("url", code)
    assert not WebhookEndpoint.objects.exists()
    # Nor where it has come into the database in another way.
    assert post.post(url, b"{}", {}).code == "refused"


def test_a_developer_reaches_this_machine_and_nothing_beside_it(local: None) -> None:
    url_policy.check("http://localhost:3000/x")
    url_policy.check("http://127.0.0.1:3000/x")
    for url in ("http://10.0.0.1/x", "http://169.254.169.254/x", "ftp://localhost/x"):
        with pytest.raises(url_policy.TargetRefused):
            url_policy.check(url)


def test_a_setting_that_means_nothing_allows_nothing(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_LOCAL = "perhaps"
    with pytest.raises(url_policy.TargetRefused):
        url_policy.check("http://127.0.0.1/x")


def test_unknown_events_and_too_many_endpoints(boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "MAX_PER_USER", 1)
    url = "https://hooks.example.com/x"
    for wrong in ("job.started", "webhook.test"):
        with pytest.raises(endpoints.EndpointRefused, match=wrong):
            endpoints.create_endpoint(boss, url=url, events=[wrong])
    endpoints.create_endpoint(boss, url=url)
    with pytest.raises(endpoints.EndpointRefused) as refused:
        endpoints.create_endpoint(boss, url=url)
    assert refused.value.code == "too_many"
    endpoints.create_endpoint(make_user("other", is_superuser=True), url=url)


# --- time ---


@pytest.mark.parametrize(
    ("first", "again"),
    [(b"", b""), (b"", b"H"), (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), (b"HTTP/1.1 200", b" ")],
)
def test_headers_that_drip_end_in_time(dripping: Server, first: bytes, again: bytes) -> None:
    answer = post.post(dripping(first, again), b"{}", {})
    assert (answer.status, answer.code) == (None, "timeout")
    assert answer.duration_ms < 5000


def test_nor_does_a_greeting_under_tls_go_on_for_ever(dripping: Server) -> None:
    url = dripping(b"\x16\x03\x03\x40\x00\x02", b"\x00").replace("http:", "https:")
    assert post.post(url, b"{}", {}).code == "timeout"


def test_a_body_that_drips_keeps_nobody_waiting(dripping: Server) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nreceived\x00\x1b"
    answer = post.post(dripping(head, b"x"), b"{}", {})
    assert (answer.status, answer.is_success) == (200, True)
    assert answer.body.startswith("received")
    assert answer.body.isprintable()


@pytest.mark.parametrize(
    "greeting", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\xff" * 9000, b"HTTP/1.1 x y\r\n\r\n"]
)
def test_what_is_no_answer(dripping: Server, greeting: bytes) -> None:
    answer = post.post(dripping(greeting, b"\r\n"), b"{}", {})
    assert (answer.status, answer.is_success) == (None, False)
    assert answer.code in {"unreachable", "timeout"}


def test_a_slow_endpoint_keeps_only_itself_waiting(local: None, boss: User) -> None:
    """It answers only once the other has received everything."""
    received_ids, all_received = list[str](), threading.Event()

    def fast(request: Request) -> Response:
        received_ids.append(request.headers["webhook-id"])
        if len(received_ids) == 3:
            all_received.set()
        return Response(status=200)

    def slow(_request: Request) -> Response:
        return Response(status=200 if all_received.wait(10) else 500)

    with HTTPServer(threaded=True) as httpserver:
        httpserver.expect_request("/slow").respond_with_handler(slow)
        httpserver.expect_request("/fast").respond_with_handler(fast)
        for path in ("/slow", "/fast"):
            WebhookEndpoint.objects.create(owner=boss, url=httpserver.url_for(path))
        for _n in range(3):
            outbox.emit("job.completed", {"job_id": 1})
        webhooks_tasks.deliver()
        assert len(received_ids) == 3
        assert set(WebhookAttempt.objects.values_list("status", flat=True)) == {200}


# --- what is left behind ---


@pytest.fixture
def waiting(local: None, boss: User, httpserver: HTTPServer) -> WebhookDelivery:
    """One event for an endpoint that answers 200."""
    httpserver.expect_request("/hook").respond_with_data("ok")
    WebhookEndpoint.objects.create(owner=boss, url=httpserver.url_for("/hook"))
    outbox.emit("job.completed", {"job_id": 1})
    return WebhookDelivery.objects.get()


def test_what_a_dead_worker_held_is_sent_after_its_claim(
    waiting: WebhookDelivery, httpserver: HTTPServer
) -> None:
    assert waiting.take(timezone.now())
    webhooks_tasks.deliver()
    assert httpserver.log == []
    WebhookDelivery.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    webhooks_tasks.deliver()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, len(httpserver.log)) == ("delivered", 2, 1)


def test_what_kills_every_worker_is_given_up(
    waiting: WebhookDelivery, httpserver: HTTPServer
) -> None:
    WebhookDelivery.objects.update(attempts=MOST_ATTEMPTS)
    webhooks_tasks.deliver()
    waiting.refresh_from_db()
    assert (waiting.state, httpserver.log) == ("failed", [])


def test_who_lost_the_claim_writes_nothing(waiting: WebhookDelivery) -> None:
    from webhooks.delivery import settle

    assert waiting.take(timezone.now())
    WebhookDelivery.objects.update(claimed_until=timezone.now() - CLAIM)
    assert WebhookDelivery.objects.get().take(timezone.now())
    settle(waiting, post.Answer(status=200))
    waiting.refresh_from_db()
    assert (waiting.state, WebhookAttempt.objects.count()) == ("waiting", 0)


def test_an_endpoint_deleted_meanwhile_undoes_nothing(boss: User, local: None) -> None:
    endpoint = WebhookEndpoint.objects.create(owner=boss, url="https://hooks.example.com/x")

    def payloads() -> list[dict[str, Any]]:
        WebhookEndpoint.objects.get(pk=endpoint.pk).delete()
        return [{"job_id": 1}]

    outbox.emit_all("job.completed", payloads)
    assert not outbox.is_left(timezone.now())
    webhooks_tasks.deliver()
    WebhookMessage.objects.update(created_at=timezone.now() - timedelta(days=31))
    outbox.prune(timezone.now())
    assert not WebhookDelivery.objects.exists()


def test_deleting_an_endpoint_deletes_its_log(waiting: WebhookDelivery) -> None:
    webhooks_tasks.deliver()
    waiting.endpoint.delete()
    assert not WebhookAttempt.objects.exists()
    assert not WebhookDelivery.objects.exists()


def test_disabled_nothing_is_written_sent_or_sent_anew(
    waiting: WebhookDelivery, httpserver: HTTPServer
) -> None:
    endpoint = waiting.endpoint
    assert endpoint.disable("hand", timezone.now())
    assert not endpoint.disable("gone", timezone.now())
    assert outbox.send_test(endpoint) is None
    assert not outbox.redeliver(waiting)
    make_job("running").succeed()
    webhooks_tasks.deliver()
    assert (WebhookMessage.objects.count(), httpserver.log) == (1, [])
    assert WebhookDelivery.objects.get().state == "failed"
    assert endpoint.enable()
    assert outbox.redeliver(waiting)
    assert outbox.send_test(endpoint)
    webhooks_tasks.deliver()
    assert len(httpserver.log) == 2


def test_an_inactive_owner_receives_nothing(
    waiting: WebhookDelivery, httpserver: HTTPServer
) -> None:
    User.objects.update(is_active=False)
    outbox.emit("job.completed", {"job_id": 2})
    webhooks_tasks.deliver()
    assert (WebhookMessage.objects.count(), httpserver.log) == (1, [])


def test_answers_and_addresses_show_no_secret(
    waiting: WebhookDelivery, client: Any, boss: User
) -> None:
    WebhookEndpoint.objects.update(url="http://localhost:1/hook?token=k3y0nly")
    webhooks_tasks.deliver()
    client.force_login(boss)
    User.objects.update(is_staff=True)
    for page in ("webhookendpoint", "webhookdelivery"):
        pk = waiting.pk if page == "webhookdelivery" else waiting.endpoint_id
        for path in (f"/admin/webhooks/{page}/", f"/admin/webhooks/{page}/{pk}/change/"):
            shown = client.get(path).content.decode()
            assert "localhost:1/hook" in shown
            assert "k3y0nly" not in shown
            assert "whsec_" not in shown
            assert waiting.endpoint.secret[6:20] not in shown
