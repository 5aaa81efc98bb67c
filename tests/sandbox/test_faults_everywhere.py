"""Every fault on every protocol, at every door where it means something."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from PIL import Image
from pytest_httpserver import HTTPServer

from jobs.dispatch.download import DownloadFailed, fetch
from providers.aidge.adapter import Aidge
from providers.aliyun_market.adapter import AliyunMarket
from providers.contract import ImageRef, Outcome, Provider, ProviderError, TryOnRequest
from providers.dashscope.adapter import DashScope
from sandbox import Sandbox
from sandbox.faults import KINDS
from tests.sandbox.calls import hosted, picture

SIZE = (600, 800)
HURRY_S = 0.3


@dataclass(frozen=True)
class Protocol:
    """One provider's, as our adapter speaks it."""

    name: str
    model: str
    adapter: Callable[[Sandbox], Provider]

    def tryon(self, server: HTTPServer) -> TryOnRequest:
        image = ImageRef("a" * 64, picture, hosted(server, "a.jpg", picture(*SIZE)))
        return TryOnRequest("tryon", self.model, image, {"top": image})


PROTOCOLS = [
    Protocol(
        "dashscope",
        "aitryon-plus",
        lambda at: DashScope(api_key="sk-test", base_url=at.dashscope_url, timeout_s=HURRY_S),
    ),
    Protocol(
        "aliyun-market",
        "full",
        lambda at: AliyunMarket(
            appcode="sandbox", base_url=at.aliyun_market_url, timeout_s=HURRY_S
        ),
    ),
    Protocol(
        "aidge",
        "aidge-tryon",
        lambda at: Aidge(
            app_key="512345", app_secret="sandbox", base_url=at.aidge_url, timeout_s=HURRY_S
        ),
    ),
]
every_protocol = pytest.mark.parametrize("protocol", PROTOCOLS, ids=[p.name for p in PROTOCOLS])


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    limits = {"submits_per_second": 0, "queries_per_second": 0}
    with Sandbox(task_seconds=0, instant=True, subtask_spread=0, **limits) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


def strike(sandbox: Sandbox, kind: str, on: str, **options: Any) -> None:
    """The next request at this door."""
    sandbox.set_faults([{"kind": kind, "on": on, "times": 1, "seconds": 3, **options}])


def submitted(sandbox: Sandbox, protocol: Protocol, server: HTTPServer) -> Outcome:
    [outcome] = protocol.adapter(sandbox).submit([protocol.tryon(server)])
    return outcome


def made(sandbox: Sandbox, protocol: Protocol, server: HTTPServer) -> Outcome:
    """A finished try-on, and no fault on the way; at most 3 seconds are waited for it."""
    outcome = submitted(sandbox, protocol, server)
    assert outcome.state == "pending", outcome.error
    deadline = time.monotonic() + 3
    while outcome.state in ("pending", "running") and time.monotonic() < deadline:
        [outcome] = protocol.adapter(sandbox).poll([outcome.remote_id])
    assert outcome.state == "succeeded", outcome
    return outcome


def kind_and_sent(outcome: Outcome) -> tuple[str, str]:
    return (outcome.error.kind, outcome.error.sent) if outcome.error else (outcome.state, "")


def size_of(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as image:
        return image.size


def downloaded(sandbox: Sandbox, url: str) -> bytes:
    return fetch(url, trusted=sandbox.url.partition("://")[2])


@every_protocol
def test_it_works(sandbox: Sandbox, httpserver: HTTPServer, protocol: Protocol) -> None:
    """Without a fault: what is made has the size of the person's photo."""
    [image] = made(sandbox, protocol, httpserver).images
    assert size_of(downloaded(sandbox, image.url)) == SIZE
    assert sandbox.ledger()["faults"] == {}


@every_protocol
@pytest.mark.parametrize(
    ("kind", "expected", "accepted"),
    [
        ("throttle", ("throttled", "no"), 0),
        ("500", ("transient", "maybe"), 0),
        ("hang", ("transient", "maybe"), 0),
        ("drop_after_accept", ("transient", "maybe"), 1),
        ("malformed", ("transient", "maybe"), 1),
        ("slow_drip", ("transient", "maybe"), 1),
        # A submit that was cut off is unreadable; the others have nothing there to spoil.
        ("truncated_image", ("transient", "maybe"), 1),
        ("unknown_status", ("pending", ""), 1),
        ("expired_url", ("pending", ""), 1),
        ("wrong_size", ("pending", ""), 1),
    ],
)
def test_on_submit(
    sandbox: Sandbox,
    httpserver: HTTPServer,
    protocol: Protocol,
    kind: str,
    expected: tuple[str, str],
    accepted: int,
) -> None:
    strike(sandbox, kind, "submit")
    assert kind_and_sent(submitted(sandbox, protocol, httpserver)) == expected
    assert sandbox.ledger()["counters"]["accepted"] == accepted
    assert sandbox.ledger()["faults"] == {kind: 1}
    assert kind_and_sent(submitted(sandbox, protocol, httpserver)) == ("pending", "")


@every_protocol
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("throttle", ("throttled", "no")),
        ("500", ("transient", "no")),
        ("hang", ("transient", "no")),
        ("drop_after_accept", ("transient", "no")),
        ("malformed", ("transient", "no")),
        ("slow_drip", ("transient", "no")),
        ("truncated_image", ("transient", "no")),
        ("unknown_status", ("running", "")),
        ("expired_url", ("succeeded", "")),
        ("wrong_size", ("succeeded", "")),
    ],
)
def test_on_query(
    sandbox: Sandbox,
    httpserver: HTTPServer,
    protocol: Protocol,
    kind: str,
    expected: tuple[str, str],
) -> None:
    remote_id = made(sandbox, protocol, httpserver).remote_id
    strike(sandbox, kind, "query", status="SUSPENDED")
    provider = protocol.adapter(sandbox)
    [asked] = provider.poll([remote_id])
    assert kind_and_sent(asked) == expected
    assert sandbox.ledger()["faults"] == {kind: 1}
    if kind == "expired_url":
        with pytest.raises(DownloadFailed) as caught:
            downloaded(sandbox, asked.images[0].url)
        assert caught.value.gone
    # The task is none the worse for it.
    [again] = provider.poll([remote_id])
    assert again.state == "succeeded"


@every_protocol
@pytest.mark.parametrize(
    ("kind", "status"),
    [("throttle", (403, 429)), ("500", (500,)), ("expired_url", (403,)), ("malformed", (200,))],
)
def test_results_that_are_refused(
    sandbox: Sandbox,
    httpserver: HTTPServer,
    protocol: Protocol,
    kind: str,
    status: tuple[int, ...],
) -> None:
    [image] = made(sandbox, protocol, httpserver).images
    strike(sandbox, kind, "result")
    answer = requests.get(image.url, timeout=5)
    assert answer.status_code in status
    assert not answer.headers["Content-Type"].startswith("image/")
    assert size_of(downloaded(sandbox, image.url)) == SIZE


@every_protocol
@pytest.mark.parametrize("kind", ["hang", "drop_after_accept", "truncated_image"])
def test_results_that_break_off(
    sandbox: Sandbox, httpserver: HTTPServer, protocol: Protocol, kind: str
) -> None:
    [image] = made(sandbox, protocol, httpserver).images
    strike(sandbox, kind, "result", seconds=0.2)
    with pytest.raises(DownloadFailed) as caught:
        downloaded(sandbox, image.url)
    assert not caught.value.gone
    assert size_of(downloaded(sandbox, image.url)) == SIZE


@every_protocol
def test_results_that_drip(sandbox: Sandbox, httpserver: HTTPServer, protocol: Protocol) -> None:
    [image] = made(sandbox, protocol, httpserver).images
    strike(sandbox, "slow_drip", "result", seconds=0.3)
    since = time.monotonic()
    assert size_of(downloaded(sandbox, image.url)) == SIZE
    assert time.monotonic() - since >= 0.25


@every_protocol
@pytest.mark.parametrize(
    ("kind", "size"), [("wrong_size", (SIZE[0] // 2, SIZE[1] // 2)), ("unknown_status", SIZE)]
)
def test_results_of_another_size(
    sandbox: Sandbox,
    httpserver: HTTPServer,
    protocol: Protocol,
    kind: str,
    size: tuple[int, int],
) -> None:
    [image] = made(sandbox, protocol, httpserver).images
    strike(sandbox, kind, "result")
    assert size_of(downloaded(sandbox, image.url)) == size
    assert sandbox.ledger()["faults"] == {kind: 1}


# --- the doors that only DashScope has

REFUSED = ("throttle", "500", "hang", "drop_after_accept", "malformed", "slow_drip")


def dashscope(sandbox: Sandbox, **options: Any) -> DashScope:
    fields = {"api_key": "sk-test", "base_url": sandbox.dashscope_url, "timeout_s": HURRY_S}
    return DashScope(**(fields | options))


def parse(server: HTTPServer) -> TryOnRequest:
    image = ImageRef("a" * 64, picture, hosted(server, "a.jpg", picture(*SIZE)))
    return TryOnRequest("parse", "aitryon-parsing-v1", image, parts=("top", "bottom"))


@pytest.mark.parametrize("kind", KINDS)
def test_on_parse(sandbox: Sandbox, httpserver: HTTPServer, kind: str) -> None:
    strike(sandbox, kind, "parse")
    [outcome] = dashscope(sandbox).submit([parse(httpserver)])
    expected = {
        "throttle": ("throttled", "no"),
        "expired_url": ("succeeded", ""),
        "wrong_size": ("succeeded", ""),
        "unknown_status": ("succeeded", ""),
    }
    assert kind_and_sent(outcome) == expected.get(kind, ("transient", "maybe"))
    for image in outcome.images:
        status = requests.get(image.url, timeout=5).status_code
        assert status == (403 if kind == "expired_url" else 200)
    assert sandbox.ledger()["faults"] == {kind: 1}


@pytest.mark.parametrize("kind", [*REFUSED, "truncated_image", "unknown_status"])
def test_on_list(sandbox: Sandbox, httpserver: HTTPServer, kind: str) -> None:
    made(sandbox, PROTOCOLS[0], httpserver)
    provider, now = dashscope(sandbox), datetime.now(UTC)
    window = (now - timedelta(minutes=1), now + timedelta(minutes=1))
    strike(sandbox, kind, "list", status="SUSPENDED")
    if kind == "unknown_status":
        assert [task.state for task in provider.recent(*window)] == ["running"]
    else:
        with pytest.raises(ProviderError) as caught:
            provider.recent(*window)
        assert caught.value.sent == "no"
    assert [task.state for task in provider.recent(*window)] == ["succeeded"]


@pytest.mark.parametrize("kind", REFUSED)
def test_on_cancel(httpserver: HTTPServer, kind: str) -> None:
    """Not agreed to, as far as anybody can tell; the next question says what came of it."""
    with Sandbox(task_seconds=60, concurrency=1, instant=True) as sandbox:
        provider = dashscope(sandbox)
        _, waiting = (submitted(sandbox, PROTOCOLS[0], httpserver).remote_id for _ in range(2))
        strike(sandbox, kind, "cancel", seconds=1)
        assert provider.cancel(waiting) is False
        [asked] = provider.poll([waiting])
        done = kind in ("drop_after_accept", "malformed", "slow_drip")
        assert asked.state == ("canceled" if done else "pending")


@pytest.mark.parametrize("kind", REFUSED)
def test_on_upload(sandbox: Sandbox, httpserver: HTTPServer, kind: str) -> None:
    """What fails before the paid call proves that it was not made."""
    strike(sandbox, kind, "upload")
    provider = dashscope(sandbox, delivery="dashscope-upload")
    [outcome] = provider.submit([PROTOCOLS[0].tryon(httpserver)])
    assert kind_and_sent(outcome)[1] == "no"
    assert sandbox.ledger()["counters"]["submits"] == 0
    [again] = provider.submit([PROTOCOLS[0].tryon(httpserver)])
    assert again.state == "pending"
