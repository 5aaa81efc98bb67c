"""Asking after tasks: both shapes, times, cancelling, forgetting, results and their life."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
import requests
from pytest_httpserver import HTTPServer

from sandbox import Sandbox
from tests.sandbox.calls import accepted, body_of, finished, get, picture, post, refused


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(task_seconds=0.05, instant=True) as running:
        yield running


def test_it_works(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    task_id = accepted(post(sandbox, body_of(httpserver)))
    first = get(sandbox, f"/tasks/{task_id}").json()["output"]
    assert first["task_status"] == "RUNNING"
    assert set(first) == {"task_id", "task_status", "submit_time", "scheduled_time"}
    body = finished(sandbox, task_id)
    assert body["usage"] == {"image_count": 1}
    assert set(body["output"]) == set(first) | {"end_time", "image_url"}
    assert requests.get(body["output"]["image_url"], timeout=5).status_code == 200


def test_times_are_beijing_times(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    output = finished(sandbox, accepted(post(sandbox, body_of(httpserver))))["output"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", output["submit_time"])
    at = datetime.fromisoformat(output["submit_time"] + "+08:00")
    assert abs(at - datetime.now(timezone(timedelta(hours=8)))) < timedelta(seconds=5)
    assert output["submit_time"] <= output["scheduled_time"] <= output["end_time"]


def test_the_older_shape(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True, result_shape="results") as sandbox:
        output = finished(sandbox, accepted(post(sandbox, body_of(httpserver))))["output"]
    assert set(output["results"]) == {"image_url"}
    assert "image_url" not in output


def test_every_task_has_another_image(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    ids = [accepted(post(sandbox, body_of(httpserver))) for _ in range(2)]
    urls = [finished(sandbox, i)["output"]["image_url"] for i in ids]
    assert all(task_id in url for task_id, url in zip(ids, urls, strict=True))
    assert len({requests.get(url, timeout=5).content for url in urls}) == 2


@pytest.mark.parametrize(("resolution", "size"), [(-1, (300, 400)), (1024, (576, 1024))])
def test_sizes(
    sandbox: Sandbox, httpserver: HTTPServer, resolution: int, size: tuple[int, int]
) -> None:
    import io

    from PIL import Image

    body = body_of(httpserver, parameters={"resolution": resolution})
    url = finished(sandbox, accepted(post(sandbox, body)))["output"]["image_url"]
    with Image.open(io.BytesIO(requests.get(url, timeout=5).content)) as image:
        assert image.size == size


def test_no_such_task_is_unknown(sandbox: Sandbox) -> None:
    response = get(sandbox, "/tasks/86ecf553-d340-4e21-x")
    assert response.status_code == 200
    assert response.json()["output"] == {
        "task_id": "86ecf553-d340-4e21-x",
        "task_status": "UNKNOWN",
    }


def test_another_accounts_task_is_unknown(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    task_id = accepted(post(sandbox, body_of(httpserver)))
    answer = get(sandbox, f"/tasks/{task_id}", key="sk-other").json()
    assert answer["output"]["task_status"] == "UNKNOWN"


def test_cancel(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=60, concurrency=1, instant=True) as sandbox:
        running, waiting = [accepted(post(sandbox, body_of(httpserver))) for _ in range(2)]
        assert refused(post(sandbox, None, f"/tasks/{running}/cancel")) == (
            400,
            "UnsupportedOperation",
        )
        assert set(post(sandbox, None, f"/tasks/{waiting}/cancel").json()) == {"request_id"}
        answer = get(sandbox, f"/tasks/{waiting}").json()
        assert answer["output"]["task_status"] == "CANCELED"
        assert sandbox.ledger()["counters"]["billed"] == 0


def test_a_day_later_all_is_forgotten(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True, result_seconds=0.25) as sandbox:
        task_id = accepted(post(sandbox, body_of(httpserver)))
        url = finished(sandbox, task_id)["output"]["image_url"]
        assert requests.get(url, timeout=5).status_code == 200
        time.sleep(0.3)
        gone = requests.get(url, timeout=5)
        assert (gone.status_code, "Request has expired" in gone.text) == (403, True)
        assert get(sandbox, f"/tasks/{task_id}").json()["output"]["task_status"] == "UNKNOWN"
        assert get(sandbox, "/tasks").json()["total"] == 0
        assert sandbox.ledger()["counters"]["billed"] == 1


def test_a_result_needs_its_signature(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    output = finished(sandbox, accepted(post(sandbox, body_of(httpserver))))["output"]
    plain = output["image_url"].partition("&")[0]
    assert requests.get(plain, timeout=5).status_code == 403
    assert requests.get(f"{sandbox.url}/dashscope/results/x.jpg", timeout=5).status_code == 404


def test_the_refiner_wants_equal_sizes(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    for size, word in (((300, 400), "SUCCEEDED"), ((300, 401), "FAILED")):
        name = f"coarse{size[1]}.jpg"
        httpserver.expect_request(f"/{name}").respond_with_data(
            picture(*size), content_type="image/jpeg"
        )
        body = body_of(httpserver, model="aitryon-refiner", parameters={"gender": "man"})
        body["input"]["coarse_image_url"] = httpserver.url_for(f"/{name}")
        output = finished(sandbox, accepted(post(sandbox, body)))["output"]
        assert output["task_status"] == word
    assert "not the same" in output["message"]
