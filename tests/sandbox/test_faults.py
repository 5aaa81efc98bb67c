"""Faults on demand, as the adapter meets them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from PIL import Image
from pytest_httpserver import HTTPServer

from providers.contract import ImageRef, Outcome, ProviderError, TryOnRequest
from providers.dashscope.adapter import DashScope
from sandbox import Sandbox
from sandbox.faults import Fault
from tests.sandbox.calls import finished, hosted, picture


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(task_seconds=0, instant=True) as running:
        yield running


@pytest.fixture
def wanted(httpserver: HTTPServer) -> TryOnRequest:
    image = ImageRef("a" * 64, picture, hosted(httpserver))
    return TryOnRequest("tryon", "aitryon-plus", image, {"top": image})


@pytest.fixture
def provider(sandbox: Sandbox) -> DashScope:
    return DashScope(api_key="sk-test", base_url=sandbox.dashscope_url, timeout_s=1)


def submit(provider: DashScope, wanted: TryOnRequest) -> Outcome:
    [outcome] = provider.submit([wanted])
    return outcome


def kind_and_sent(outcome: Outcome) -> tuple[str, str]:
    return (outcome.error.kind, outcome.error.sent) if outcome.error else (outcome.state, "")


def test_it_works(sandbox: Sandbox, provider: DashScope, wanted: TryOnRequest) -> None:
    sandbox.set_faults([{"kind": "throttle", "on": "submit", "times": 1}])
    assert kind_and_sent(submit(provider, wanted)) == ("throttled", "no")
    assert kind_and_sent(submit(provider, wanted)) == ("pending", "")
    assert sandbox.ledger()["faults"] == {"throttle": 1}


@pytest.mark.parametrize(
    ("kind", "expected", "accepted"),
    [
        ("throttle", ("throttled", "no"), 0),
        ("500", ("transient", "maybe"), 0),
        ("hang", ("transient", "maybe"), 0),
        ("drop_after_accept", ("transient", "maybe"), 1),
        ("malformed", ("transient", "maybe"), 1),
        # A byte now and then keeps the socket's timeout from striking; the deadline must.
        ("slow_drip", ("transient", "maybe"), 1),
    ],
)
def test_on_submit(
    sandbox: Sandbox,
    provider: DashScope,
    wanted: TryOnRequest,
    kind: str,
    expected: tuple[str, str],
    accepted: int,
) -> None:
    sandbox.set_faults([{"kind": kind, "times": 1, "seconds": 5}])
    since = datetime.now(UTC)
    assert kind_and_sent(submit(provider, wanted)) == expected
    assert sandbox.ledger()["counters"]["accepted"] == accepted
    # What was accepted unseen is found by listing.
    assert len(provider.recent(since, datetime.now(UTC))) == accepted


@pytest.mark.parametrize("kind", ["throttle", "500", "hang", "drop_after_accept", "malformed"])
def test_on_query(sandbox: Sandbox, provider: DashScope, wanted: TryOnRequest, kind: str) -> None:
    task_id = submit(provider, wanted).remote_id
    finished(sandbox, task_id)
    sandbox.set_faults([{"kind": kind, "on": "query", "times": 1}])
    [asked] = provider.poll([task_id])
    assert kind_and_sent(asked)[1] == "no"
    [again] = provider.poll([task_id])
    assert again.state == "succeeded"


@pytest.mark.parametrize(("status", "state"), [("UNKNOWN", "lost"), ("SUSPENDED", "running")])
def test_statuses(
    sandbox: Sandbox, provider: DashScope, wanted: TryOnRequest, status: str, state: str
) -> None:
    task_id = submit(provider, wanted).remote_id
    sandbox.set_faults([{"kind": "unknown_status", "on": "query", "status": status}])
    [outcome] = provider.poll([task_id])
    assert outcome.state == state


@pytest.mark.parametrize("kind", ["500", "malformed", "drop_after_accept"])
def test_on_list(sandbox: Sandbox, provider: DashScope, kind: str) -> None:
    sandbox.set_faults([{"kind": kind, "on": "list"}])
    now = datetime.now(UTC)
    with pytest.raises(ProviderError):
        provider.recent(now - timedelta(minutes=1), now)


def result_url(sandbox: Sandbox, provider: DashScope, wanted: TryOnRequest) -> str:
    task_id = submit(provider, wanted).remote_id
    return str(finished(sandbox, task_id)["output"]["image_url"])


def test_an_expired_result(sandbox: Sandbox, provider: DashScope, wanted: TryOnRequest) -> None:
    sandbox.set_faults([{"kind": "expired_url", "on": "query"}])
    assert requests.get(result_url(sandbox, provider, wanted), timeout=5).status_code == 403
    sandbox.set_faults([{"kind": "expired_url", "on": "result"}])
    assert requests.get(result_url(sandbox, provider, wanted), timeout=5).status_code == 403


def test_a_truncated_result(sandbox: Sandbox, provider: DashScope, wanted: TryOnRequest) -> None:
    url = result_url(sandbox, provider, wanted)
    sandbox.set_faults([{"kind": "truncated_image", "on": "result", "times": 1}])
    with pytest.raises(requests.RequestException):
        requests.get(url, timeout=5)
    assert requests.get(url, timeout=5).status_code == 200


def test_a_slow_result(sandbox: Sandbox, provider: DashScope, wanted: TryOnRequest) -> None:
    url = result_url(sandbox, provider, wanted)
    sandbox.set_faults([{"kind": "slow_drip", "on": "result", "seconds": 0.3}])
    response = requests.get(url, timeout=5, stream=True)
    assert len(response.raw.read1(65536)) < int(response.headers["Content-Length"])
    assert response.elapsed.total_seconds() < 0.3


def test_a_result_of_the_wrong_size(
    sandbox: Sandbox, provider: DashScope, wanted: TryOnRequest
) -> None:
    url = result_url(sandbox, provider, wanted)
    sandbox.set_faults([{"kind": "wrong_size", "on": "result"}])
    with Image.open(io.BytesIO(requests.get(url, timeout=5).content)) as image:
        assert image.size == (150, 200)


def test_rates_repeat_with_their_seed() -> None:
    def struck(seed: int) -> list[bool]:
        fault = Fault("500", rate=0.3, seed=seed)
        return [fault.matches("submit") for _ in range(200)]

    assert struck(1) == struck(1) != struck(2)
    assert 30 < sum(struck(1)) < 90


@pytest.mark.parametrize(
    "faults", ['[{"kind": "flood"}]', '[{"kind": "500", "on": "x"}]', "{", '[{"sort": "500"}]', "7"]
)
def test_wrong_faults_are_refused_over_http(sandbox: Sandbox, faults: str) -> None:
    url = f"{sandbox.url}/_control/faults"
    assert requests.post(url, data=faults, timeout=5).status_code == 400


def test_faults_are_set_over_http(sandbox: Sandbox, provider: DashScope, wanted: Any) -> None:
    url = f"{sandbox.url}/_control/faults"
    assert requests.post(url, json=[{"kind": "500"}], timeout=5).status_code == 200
    assert kind_and_sent(submit(provider, wanted)) == ("transient", "maybe")
    assert requests.post(url, json=[], timeout=5).status_code == 200
    assert kind_and_sent(submit(provider, wanted)) == ("pending", "")
