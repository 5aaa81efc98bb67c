"""Aidge's tasks: how they end, queues, limits, quotas, and faults as the adapter meets them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from sandbox import Sandbox
from tests.sandbox.aidge_calls import (
    QUERY,
    accepted,
    adapter_for,
    ask,
    element,
    finished,
    kind_and_sent,
    made,
    refused,
    send,
    signed,
    submit,
    urls,
    wanted,
)

EXHAUSTED = ("ResourcesExhausted", "Sorry, your calling resources have been exhausted.")
SLOW = (501, "rate limit exceed")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        task_seconds=0, instant=True, submits_per_second=0, queries_per_second=0, fetch_seconds=0.3
    ) as running:
        yield running


# --- tasks and their parts


def test_it_works(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=60, concurrency=1, instant=True) as sandbox:
        first, second = [accepted(submit(sandbox, element(httpserver))) for _ in range(2)]
        data = [ask(sandbox, task_id)["data"] for task_id in (first, second)]
        assert data == [
            {"taskStatus": "running", "taskId": first},
            {"taskStatus": "submitted", "taskId": second},
        ]
        adapter = adapter_for(sandbox)
        outcomes = adapter.poll([first, second])
        assert [outcome.state for outcome in outcomes] == ["running", "pending"]


def test_parts_may_end_differently(httpserver: HTTPServer) -> None:
    gone = [{"imageUrl": httpserver.url_for("/gone.jpg"), "type": "tops"}]
    good, bad = element(httpserver), element(httpserver, clothesList=gone)
    with Sandbox(task_seconds=0, instant=True, aidge_image_errors="task") as sandbox:
        adapter = adapter_for(sandbox)
        mixed = accepted(submit(sandbox, good, bad))
        assert [len(part) for part in urls(finished(sandbox, mixed))] == [2, 0]
        [outcome] = adapter.poll([mixed])
        assert (outcome.state, outcome.usage, len(outcome.images)) == ("succeeded", 2, 2)
        failed = accepted(submit(sandbox, bad))
        body = finished(sandbox, failed)
        assert (body["data"]["taskStatus"], body["resCode"]) == ("failed", 701)
        [outcome] = adapter.poll([failed])
        assert outcome.error
        assert (outcome.error.code, outcome.error.kind, outcome.error.sent) == (
            "701",
            "input",
            "yes",
        )
        assert sandbox.ledger()["counters"]["billed"] == 2


def test_surplus_tasks_can_be_refused(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=60, concurrency=1, instant=True, overflow="refuse") as sandbox:
        accepted(submit(sandbox, element(httpserver)))
        assert refused(submit(sandbox, element(httpserver))) == SLOW


def test_an_account_sees_its_tasks_only(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    task_id = accepted(submit(sandbox, element(httpserver)))
    for body in ({"task_id": "x"}, {"task_id": 7}, {}):
        assert refused(send(sandbox, QUERY, body))[0] == 700
    other = send(sandbox, QUERY, {"task_id": task_id}, query=signed(app_key="500001"))
    assert refused(other)[0] == 700
    chinese = send(sandbox, QUERY, {"taskId": task_id}).json()
    assert chinese["data"]["taskId"] == task_id


def test_a_result_lives_for_a_while(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True, result_seconds=0.25) as sandbox:
        task_id = accepted(submit(sandbox, element(httpserver)))
        [[url, _]] = urls(finished(sandbox, task_id))
        time.sleep(0.3)
        assert requests.get(url, timeout=5).status_code == 403
        assert refused(send(sandbox, QUERY, {"task_id": task_id}))[0] == 700


def test_limits(httpserver: HTTPServer) -> None:
    with Sandbox(
        task_seconds=0, instant=True, submits_per_second=1, queries_per_second=1
    ) as sandbox:
        task_id = accepted(submit(sandbox, element(httpserver)))
        assert refused(submit(sandbox, element(httpserver))) == SLOW
        assert ask(sandbox, task_id)["resCode"] == 200
        assert refused(send(sandbox, QUERY, {"task_id": task_id})) == SLOW
        accepted(submit(sandbox, element(httpserver), query=signed(app_key="500001")))
        assert sandbox.ledger()["counters"]["throttled"] == 2


# --- quotas and shapes


def test_the_trial_quota(httpserver: HTTPServer) -> None:
    trial = {"x-iop-trial": "true"}
    one = element(httpserver, generateCount=3)
    with Sandbox(
        task_seconds=0, instant=True, aidge_paid_images=0, aidge_trial_images=4
    ) as sandbox:
        assert refused(submit(sandbox, one)) == EXHAUSTED
        assert refused(submit(sandbox, one, headers={"x-iop-trial": "false"})) == EXHAUSTED
        accepted(submit(sandbox, one, headers=trial))
        assert refused(submit(sandbox, one, headers=trial)) == EXHAUSTED
        for adapter in (adapter_for(sandbox), adapter_for(sandbox, trial=True)):
            [outcome] = adapter.submit([wanted(httpserver, samples=2)])
            assert outcome.error
            assert (outcome.error.kind, outcome.error.sent) == ("account", "no")
        [outcome] = adapter_for(sandbox, trial=True).submit([wanted(httpserver)])
        assert outcome.state == "pending"


def test_what_failed_is_given_back(httpserver: HTTPServer) -> None:
    gone = element(httpserver, clothesList=[{"imageUrl": httpserver.url_for("/gone.jpg")}])
    with Sandbox(
        task_seconds=0, instant=True, aidge_paid_images=2, aidge_image_errors="task"
    ) as sandbox:
        finished(sandbox, accepted(submit(sandbox, gone)))
        accepted(submit(sandbox, element(httpserver)))
        assert refused(submit(sandbox, element(httpserver))) == EXHAUSTED


@pytest.mark.parametrize(
    ("query", "changes", "status"),
    [({"sign": "0"}, {}, 401), ({}, {"viewType": "x"}, 400)],
)
def test_errors_may_have_a_status(
    httpserver: HTTPServer, query: dict[str, str], changes: dict[str, Any], status: int
) -> None:
    with Sandbox(instant=True, aidge_statuses=True) as sandbox:
        response = submit(sandbox, element(httpserver, **changes), query=signed(**query))
        assert response.status_code == status
        [outcome] = adapter_for(sandbox, app_secret="wrong").submit([wanted(httpserver)])
        assert outcome.error
        assert (outcome.error.kind, outcome.error.sent) == ("account", "no")


# --- faults, as the adapter meets them


@pytest.mark.parametrize(
    ("kind", "expected", "count"),
    [
        ("throttle", ("throttled", "no"), 0),
        ("500", ("transient", "maybe"), 0),
        ("hang", ("transient", "maybe"), 0),
        ("drop_after_accept", ("transient", "maybe"), 1),
        ("malformed", ("transient", "maybe"), 1),
        ("slow_drip", ("transient", "maybe"), 1),
    ],
)
def test_faults_on_submit(
    httpserver: HTTPServer, kind: str, expected: tuple[str, str], count: int
) -> None:
    with Sandbox(task_seconds=0, instant=True) as sandbox:
        adapter = adapter_for(sandbox, timeout_s=0.4)
        sandbox.set_faults([{"kind": kind, "times": 1, "seconds": 5}])
        [outcome] = adapter.submit([wanted(httpserver)])
        assert kind_and_sent(outcome) == expected
        assert sandbox.ledger()["counters"]["accepted"] == count


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("throttle", ("throttled", "no")),
        ("500", ("transient", "no")),
        ("hang", ("transient", "no")),
        ("drop_after_accept", ("transient", "no")),
        ("malformed", ("transient", "no")),
        ("unknown_status", ("running", "")),
    ],
)
def test_faults_on_query(httpserver: HTTPServer, kind: str, expected: tuple[str, str]) -> None:
    with Sandbox(task_seconds=0, instant=True) as sandbox:
        adapter = adapter_for(sandbox, timeout_s=0.4)
        [outcome] = adapter.submit([wanted(httpserver)])
        finished(sandbox, outcome.remote_id)
        sandbox.set_faults([{"kind": kind, "on": "query", "times": 1, "seconds": 5}])
        [asked] = adapter.poll([outcome.remote_id])
        assert kind_and_sent(asked) == expected
        [again] = adapter.poll([outcome.remote_id])
        assert again.state == "succeeded"


@pytest.mark.parametrize(("on", "kind"), [("query", "expired_url"), ("result", "expired_url")])
def test_an_expired_result(sandbox: Sandbox, httpserver: HTTPServer, on: str, kind: str) -> None:
    sandbox.set_faults([{"kind": kind, "on": on}])
    [image] = made(sandbox, wanted(httpserver)).images
    assert requests.get(image.url, timeout=5).status_code == 403
    sandbox.set_faults([])
