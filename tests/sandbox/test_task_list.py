"""The batch list on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from sandbox import Sandbox
from sandbox.dashscope.task_list import window
from tests.sandbox.calls import accepted, body_of, get, post, refused

BEIJING = timezone(timedelta(hours=8))


def stamp(**ago: float) -> str:
    return (datetime.now(BEIJING) - timedelta(**ago)).strftime("%Y%m%d%H%M%S")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        task_seconds=60, concurrency=2, instant=True, submits_per_second=0, queries_per_second=0
    ) as running:
        yield running


@pytest.fixture
def ids(sandbox: Sandbox, httpserver: HTTPServer) -> list[str]:
    """Two running and one waiting task of aitryon-plus, one of aitryon."""
    sandbox.reset()
    body = body_of(httpserver)
    models = ("aitryon-plus", "aitryon-plus", "aitryon-plus", "aitryon")
    return [accepted(post(sandbox, body | {"model": model})) for model in models]


def listed(sandbox: Sandbox, **query: Any) -> list[str]:
    return [row["task_id"] for row in get(sandbox, "/tasks/", **query).json()["data"]]


@pytest.mark.parametrize("path", ["/tasks", "/tasks/"])
def test_it_works(sandbox: Sandbox, ids: list[str], path: str) -> None:
    body = get(sandbox, path).json()
    assert {key: body[key] for key in ("total", "total_page", "page_no", "page_size")} == {
        "total": 4,
        "total_page": 1,
        "page_no": 1,
        "page_size": 10,
    }
    row = body["data"][0]
    assert (row["task_id"], row["model_name"], row["status"]) == (ids[3], "aitryon", "RUNNING")
    assert row["gmt_create"] == pytest.approx(datetime.now().timestamp() * 1000, abs=5000)
    assert "end_time" not in row
    assert "output" not in body


@pytest.mark.parametrize(
    ("query", "which"),
    [
        ({"model_name": "aitryon"}, [3]),
        ({"status": "PENDING"}, [2]),
        ({"status": "RUNNING", "model_name": "aitryon-plus"}, [1, 0]),
        ({"status": "SUCCEEDED"}, []),
        ({"page_size": 3}, [3, 2, 1]),
        ({"page_size": 3, "page_no": 2}, [0]),
        ({"page_no": 9}, []),
        ({"region": "cn-beijing", "api_key_id": "1"}, [3, 2, 1, 0]),
    ],
)
def test_filters_and_pages(
    sandbox: Sandbox, ids: list[str], query: dict[str, Any], which: list[int]
) -> None:
    assert listed(sandbox, **query) == [ids[i] for i in which]


def test_by_id(sandbox: Sandbox, ids: list[str]) -> None:
    assert listed(sandbox, task_id=ids[1]) == [ids[1]]


def test_windows(sandbox: Sandbox, ids: list[str]) -> None:
    assert len(listed(sandbox, start_time=stamp(minutes=1), end_time=stamp(minutes=-1))) == 4
    assert listed(sandbox, start_time=stamp(hours=2), end_time=stamp(hours=1)) == []
    assert len(listed(sandbox, start_time=stamp(hours=1))) == 4
    assert listed(sandbox, end_time=stamp(hours=1)) == []


@pytest.mark.parametrize(
    "query",
    [
        {"start_time": "2025-04-25"},
        {"start_time": stamp(hours=30), "end_time": stamp(hours=1)},
        {"start_time": stamp(hours=1), "end_time": stamp(hours=2)},
        {"status": "DONE"},
        {"page_no": 0},
        {"page_size": "x"},
    ],
)
def test_wrong_queries(sandbox: Sandbox, query: dict[str, Any]) -> None:
    assert refused(get(sandbox, "/tasks", **query)) == (400, "InvalidParameter")


def test_a_missing_end_is_a_day_away() -> None:
    since, until = window({"start_time": "20250425000000"})
    assert until - since == 24 * 3600
    since, until = window({"end_time": "20250425000000"})
    assert until - since == 24 * 3600


def test_an_account_lists_its_tasks_only(sandbox: Sandbox, ids: list[str]) -> None:
    assert get(sandbox, "/tasks", key="sk-other").json()["data"] == []


def test_the_sdks_key(httpserver: HTTPServer) -> None:
    with Sandbox(instant=True, list_key="tasks") as sandbox:
        task_id = accepted(post(sandbox, body_of(httpserver)))
        assert [row["task_id"] for row in get(sandbox, "/tasks").json()["tasks"]] == [task_id]
