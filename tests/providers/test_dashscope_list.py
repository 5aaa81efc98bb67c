"""DashScope's task list, which unknown outcomes are reconciled by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from tests.providers.dashscope_calls import KEY, adapter
from tests.providers.test_dashscope_wire import answering

# 2025-04-25 16:07:08.109 in Beijing.
CREATED_MS = 1745568428109
SINCE = datetime(2025, 4, 25, 8, 0, 0, 500_000, tzinfo=UTC)
UNTIL = datetime(2025, 4, 25, 8, 10, 0, 500_000, tzinfo=UTC)


def row(task_id: str, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "api_key_id": "1",
        "gmt_create": CREATED_MS,
        "start_time": CREATED_MS,
        "end_time": 1745568430000,
        "model_name": "aitryon-plus",
        "region": "cn-beijing",
        "request_id": "r",
        "status": "SUCCEEDED",
        "task_id": task_id,
        "user_api_unique_key": "apikey:v1:aigc:image2image:image-synthesis:aitryon-plus",
    } | (changes or {})


def page(rows: list[dict[str, Any]], key: str = "data", **counts: int) -> dict[str, Any]:
    return {key: rows, "request_id": "r", **counts}


def listed(server: HTTPServer, body: dict[str, Any]) -> list[str]:
    answering(server, body)
    return [task.remote_id for task in adapter(server.url_for("/")).recent(SINCE, UNTIL)]


def test_it_works(httpserver: HTTPServer) -> None:
    seen = answering(httpserver, page([row("a")], total=1, total_page=1, page_no=1, page_size=100))
    [task] = adapter(httpserver.url_for("/")).recent(SINCE, UNTIL)
    assert (task.remote_id, task.model, task.state) == ("a", "aitryon-plus", "succeeded")
    assert task.created_at == datetime(2025, 4, 25, 8, 7, 8, 109_000, tzinfo=UTC)
    [request] = seen
    assert (request.method, request.path) == ("GET", "/api/v1/tasks/")
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert dict(request.args) == {
        "start_time": "20250425160000",
        "end_time": "20250425161001",
        "page_no": "1",
        "page_size": "100",
    }


def test_the_sdks_key(httpserver: HTTPServer) -> None:
    assert listed(httpserver, page([row("a")], key="tasks", total_page=1)) == ["a"]


def test_every_page_is_read_and_each_task_once(httpserver: HTTPServer) -> None:
    pages = [[row("a"), row("b")], [row("b"), row("c")]]
    for number, rows in enumerate(pages, start=1):
        httpserver.expect_request(
            "/api/v1/tasks/",
            query_string={
                "start_time": "20250425160000",
                "end_time": "20250425161001",
                "page_no": str(number),
                "page_size": "100",
            },
        ).respond_with_json(page(rows, total=3, total_page=2))
    tasks = adapter(httpserver.url_for("/")).recent(SINCE, UNTIL)
    assert [task.remote_id for task in tasks] == ["a", "b", "c"]


def test_without_counts_it_reads_until_a_page_is_empty(httpserver: HTTPServer) -> None:
    for rows in ([row("a")], [row("b")], []):
        httpserver.expect_ordered_request("/api/v1/tasks/").respond_with_json(page(rows))
    tasks = adapter(httpserver.url_for("/")).recent(SINCE, UNTIL)
    assert [task.remote_id for task in tasks] == ["a", "b"]


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({}, True),
        ({"gmt_create": str(CREATED_MS)}, True),
        ({"gmt_create": None}, True),
        ({"gmt_create": None, "start_time": None}, True),
        ({"gmt_create": CREATED_MS - 3_600_000}, False),
        ({"gmt_create": CREATED_MS + 3_600_000}, False),
        ({"task_id": ""}, False),
    ],
)
def test_rows(httpserver: HTTPServer, changes: dict[str, Any], kept: bool) -> None:
    found = listed(httpserver, page([row("a", changes)], total_page=1))
    assert found == (["a"] if kept else [])


def test_a_window_of_more_than_a_day_is_asked_in_parts(httpserver: HTTPServer) -> None:
    seen = answering(httpserver, page([], total_page=0))
    until = datetime(2025, 4, 26, 12, tzinfo=UTC)
    adapter(httpserver.url_for("/")).recent(until - timedelta(hours=30), until)
    windows = [(request.args["start_time"], request.args["end_time"]) for request in seen]
    assert windows == [("20250425140000", "20250426140000"), ("20250426140000", "20250426200000")]
