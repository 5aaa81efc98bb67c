"""The control door and what the ledger tells."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests
from pytest_httpserver import HTTPServer

from sandbox import Sandbox
from tests.sandbox.calls import PARSING, accepted, body_of, finished, get, hosted, post


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(task_seconds=0.05, concurrency=2, instant=True) as running:
        yield running


def test_it_works(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    task_id = accepted(post(sandbox, body_of(httpserver)))
    finished(sandbox, task_id)
    ledger = requests.get(f"{sandbox.url}/_control/ledger", timeout=5).json()
    [entry] = ledger["tasks"]
    assert (entry["task_id"], entry["model"]) == (task_id, "aitryon-plus")
    assert (entry["state"], entry["billed"], entry["error"]) == ("SUCCEEDED", 1, "")
    assert entry["received_at"] <= entry["started_at"] < entry["ended_at"]
    counters = ledger["counters"]
    assert counters["queries"] >= 1
    assert {name: counters[name] for name in ("submits", "accepted", "billed")} == {
        "submits": 1,
        "accepted": 1,
        "billed": 1,
    }


def test_the_ledger_has_no_secret(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    finished(sandbox, accepted(post(sandbox, body_of(httpserver))))
    ledger_text = json.dumps(sandbox.ledger())
    assert "person.jpg" in ledger_text
    assert "s3cr3t" not in ledger_text
    assert "sk-test" not in ledger_text


def test_running_intervals_never_pass_the_limit(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    ids = [accepted(post(sandbox, body_of(httpserver))) for _ in range(6)]
    for task_id in ids:
        finished(sandbox, task_id)
    ledger = sandbox.ledger()
    edges = sorted(
        edge
        for task in ledger["tasks"]
        for edge in ((task["started_at"], 1), (task["ended_at"], -1))
    )
    running = [sum(step for _, step in edges[: i + 1]) for i in range(len(edges))]
    assert max(running) == ledger["counters"]["max_running"] == 2


def test_failures_are_free(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    body = body_of(httpserver)
    body["input"]["top_garment_url"] = httpserver.url_for("/gone.jpg")
    finished(sandbox, accepted(post(sandbox, body)))
    post(sandbox, {**body, "model": ""})
    ledger = sandbox.ledger()
    assert [(task["state"], task["error"]) for task in ledger["tasks"]] == [
        ("FAILED", "InvalidURL")
    ]
    assert ledger["counters"]["billed"] == 0
    assert ledger["counters"]["refused"] == {"BadRequest.EmptyModel": 1}


def test_parses_are_billed(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    body = {
        "model": "aitryon-parsing-v1",
        "input": {"image_url": hosted(httpserver)},
        "parameters": {"clothes_type": ["upper"]},
    }
    post(sandbox, body, PARSING, headers={})
    ledger = sandbox.ledger()
    assert ledger["counters"]["billed_by_model"] == {"aitryon-parsing-v1": 1}
    assert ledger["parses"][0]["request"]["parameters"] == {"clothes_type": ["upper"]}


def test_reset(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    task_id = accepted(post(sandbox, body_of(httpserver)))
    sandbox.set_faults([{"kind": "500", "on": "query"}])
    assert requests.post(f"{sandbox.url}/_control/reset", timeout=5).status_code == 200
    ledger = sandbox.ledger()
    assert (ledger["tasks"], ledger["counters"]["submits"], ledger["faults"]) == ([], 0, {})
    answer = get(sandbox, f"/tasks/{task_id}").json()
    assert answer["output"]["task_status"] == "UNKNOWN"


@pytest.mark.parametrize("path", ["/_control/", "/_control/nothing", "/", "/nobody/api"])
def test_no_such_endpoint(sandbox: Sandbox, path: str) -> None:
    assert requests.get(sandbox.url + path, timeout=5).status_code == 404
