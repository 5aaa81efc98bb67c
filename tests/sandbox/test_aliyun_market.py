"""Aliyun Market's protocol over real sockets: the manual to the letter, by curl and the adapter."""

from __future__ import annotations

import io
import json
import re
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image
from pytest_httpserver import HTTPServer
from werkzeug import Response

from providers.aliyun_market.adapter import AliyunMarket
from providers.contract import ImageRef, Outcome, TryOnRequest
from sandbox import Sandbox
from sandbox.http_messages import Refused
from sandbox.result_images import INFERENCE_FAILED, PreparedRenderer
from tests.sandbox.aliyun_market_calls import (
    QUERY,
    SUBMIT,
    accepted,
    finished,
    post,
    query,
    refused,
    stopped,
    submit,
    task_of,
)
from tests.sandbox.calls import hosted, picture

BAD_URL, BAD_IMAGE, BUSY = (400, "23500006"), (400, "23500007"), (403, "23500004")
EMPTY, ILLEGAL, NO_RECORD = (400, "23500009"), (400, "23500013"), (400, "23500008")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        task_seconds=0,
        instant=True,
        submits_per_second=0,
        queries_per_second=0,
        fetch_seconds=0.3,
        subtask_reasons=True,
    ) as running:
        yield running


def provider(sandbox: Sandbox, **options: Any) -> AliyunMarket:
    return AliyunMarket(appcode="sandbox", base_url=sandbox.aliyun_market_url, **options)


def wanted(server: HTTPServer, slot: str = "top", **changes: Any) -> TryOnRequest:
    image = ImageRef("a" * 64, picture, hosted(server, data=picture(420, 560)), photo_type="worn")
    return TryOnRequest("tryon", "full", image, {slot: image}, **changes)


def kind_and_sent(outcome: Outcome) -> tuple[str, str]:
    return (outcome.error.kind, outcome.error.sent) if outcome.error else (outcome.state, "")


def test_it_works(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    [task] = finished(sandbox, accepted(submit(sandbox, task_of(httpserver))))
    assert set(task) == {"status", "results"}
    [url] = task["results"]
    image = requests.get(url, timeout=5)
    assert (image.status_code, image.headers["Content-Type"]) == (200, "image/jpeg")


def test_the_manuals_own_example_by_curl(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    """All three garments in one sub-task, the mode in the examples' spelling."""
    url = hosted(httpserver, data=picture(420, 560))
    garment = {"type": 1, "url": url}
    task = {
        "model_image": url,
        "upper_image": garment,
        "lower_image": garment,
        "full_image": garment,
        "inferenceMode": 1,
    }
    answer = curl(sandbox, SUBMIT, "fdfdgfrte", {"data": {"task_list": [task]}})
    key, request_id = answer["data"]["result_key"], answer["requestId"]
    assert answer == {
        "code": 0,
        "data": {"result_key": key, "task_list": [{**task, "status": "WAITING"}]},
        "message": "success",
        "requestId": request_id,
        "severity": "info",
        "success": True,
    }
    assert re.fullmatch("[0-9a-f]{32}", key)
    finished(sandbox, key)
    answer = curl(sandbox, QUERY, "fdfdgfrte2", {"data": {"result_key": key}})
    assert (answer["code"], answer["data"]["result_key"]) == (0, key)
    assert answer["data"]["task_list"][0]["status"] == "SUCCESS"


def curl(sandbox: Sandbox, path: str, nonce: str, body: dict[str, Any]) -> dict[str, Any]:
    command = ["curl", "--silent", "--noproxy", "*", "-X", "POST"]
    for header in ("Content-Type: application/json", "Authorization: APPCODE sandbox"):
        command += ["-H", header]
    command += ["-H", f"X-Ca-Nonce: {nonce}", "-d", json.dumps(body)]
    done = subprocess.run(
        [*command, sandbox.aliyun_market_url + path], capture_output=True, timeout=10, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


# --- headers


@pytest.mark.parametrize("value", ["", "APPCODE", "Bearer sandbox", "sandbox", "appcode sandbox"])
def test_wrong_tokens(sandbox: Sandbox, value: str) -> None:
    response = submit(sandbox, Authorization=value)
    assert refused(response) == (401, "23500001")
    assert response.json()["message"] == "Authorization required to perform current operation"


@pytest.mark.parametrize(
    ("gateway", "no_nonce", "used", "no_key", "no_path", "not_post", "not_json"),
    [
        (
            "dedicated",
            (400, "I400MH"),
            (400, "I400NC"),
            (400, "A400AC"),
            (404, "I404NF"),
            (405, "I405UM"),
            (400, "I400HD"),
        ),
        ("classic", (400, ""), (400, ""), (400, ""), (400, ""), (400, ""), (400, "")),
    ],
)
def test_the_gateway(
    httpserver: HTTPServer,
    gateway: str,
    no_nonce: tuple[int, str],
    used: tuple[int, str],
    no_key: tuple[int, str],
    no_path: tuple[int, str],
    not_post: tuple[int, str],
    not_json: tuple[int, str],
) -> None:
    with Sandbox(instant=True, gateway=gateway, api_keys=("sandbox",)) as sandbox:
        task = task_of(httpserver)
        assert stopped(submit(sandbox, task, **{"X-Ca-Nonce": ""}))[:2] == no_nonce
        accepted(submit(sandbox, task, **{"X-Ca-Nonce": "n-1"}))
        assert stopped(query(sandbox, "k", **{"X-Ca-Nonce": "n-1"})) == (*used, "Nonce Used")
        assert stopped(submit(sandbox, task, appcode="other")) == (*no_key, "Invalid AppCode")
        assert stopped(post(sandbox, "/api/v1/tryon/submit", {}))[:2] == no_path
        asked = requests.get(sandbox.aliyun_market_url + SUBMIT, timeout=5)
        assert stopped(asked)[:2] == not_post
        plain = submit(sandbox, task, **{"Content-Type": "text/plain"})
        assert stopped(plain)[:2] == not_json
        assert sandbox.ledger()["counters"]["accepted"] == 1


@pytest.mark.parametrize(
    ("gateway", "expected"),
    [
        ("dedicated", (429, "T429PA", "Throttled by API")),
        ("classic", (403, "", "Throttled by API Flow Control")),
    ],
)
def test_rates(httpserver: HTTPServer, gateway: str, expected: tuple[int, str, str]) -> None:
    options: dict[str, Any] = {"submits_per_second": 1, "queries_per_second": 1}
    with Sandbox(instant=True, gateway=gateway, **options) as sandbox:
        key = accepted(submit(sandbox, task_of(httpserver)))
        assert stopped(submit(sandbox, task_of(httpserver))) == expected
        accepted(submit(sandbox, task_of(httpserver), appcode="another"))
        assert query(sandbox, key).status_code == 200
        assert stopped(query(sandbox, key)) == expected
        assert sandbox.ledger()["counters"]["throttled"] == 2
        outcome = provider(sandbox).submit([wanted(httpserver)])[0]
        assert kind_and_sent(outcome) == ("throttled", "no")


# --- bodies


def test_what_is_documented_is_taken(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    url = hosted(httpserver, data=picture(420, 560))
    plain = {"model_image": url, "lower_image": {"url": url, "type": 0}}
    for extra in (
        {},
        {"inference_mode": 1},
        {"inference_mode": "1"},
        {"inferenceMode": 0, "inference_mode": 0},
        {"full_image": {"url": url, "type": "1"}},
    ):
        accepted(submit(sandbox, {**plain, **extra}))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"model_image": None}, EMPTY),
        ({"model_image": ""}, EMPTY),
        ({"model_image": ["http://h/p.jpg"]}, ILLEGAL),
        ({"model_image": "oss://a/b.jpg"}, BAD_URL),
        ({"model_image": "/home/me/p.jpg"}, BAD_URL),
        ({"upper_image": "http://h/p.jpg"}, ILLEGAL),
        ({"upper_image": {"url": "http://h/p.jpg"}}, EMPTY),
        ({"upper_image": {"type": 0}}, EMPTY),
        ({"upper_image": {"url": "http://h/p.jpg", "type": 2}}, ILLEGAL),
        ({"upper_image": {"url": "http://h/p.jpg", "type": True}}, ILLEGAL),
        ({"upper_image": {"url": "http://h/p.jpg", "type": 1, "kind": "x"}}, ILLEGAL),
        ({"inferenceMode": 2}, ILLEGAL),
        ({"inferenceMode": False}, ILLEGAL),
        ({"inferenceMode": 1, "inference_mode": 0}, ILLEGAL),
        ({"prompt": "x"}, ILLEGAL),
    ],
)
def test_wrong_fields(
    sandbox: Sandbox, httpserver: HTTPServer, changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    good, bad = task_of(httpserver), task_of(httpserver, **changes)
    before = sandbox.ledger()["counters"]["accepted"]
    assert refused(submit(sandbox, good, bad)) == expected
    assert sandbox.ledger()["counters"]["accepted"] == before  # the whole call is refused


def test_wrong_lists(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    task = task_of(httpserver)
    accepted(submit(sandbox, *[task] * 10))
    assert refused(submit(sandbox, *[task] * 11)) == ILLEGAL
    assert refused(submit(sandbox)) == EMPTY
    assert refused(post(sandbox, SUBMIT, {"task_list": "x"})) == ILLEGAL
    assert refused(submit(sandbox, "x")) == ILLEGAL
    assert refused(submit(sandbox, {"model_image": task["model_image"]})) == EMPTY
    assert refused(post(sandbox, SUBMIT, {})) == EMPTY
    assert refused(post(sandbox, SUBMIT, [1])) == ILLEGAL
    assert refused(post(sandbox, QUERY, {"result_key": ""})) == EMPTY
    assert refused(post(sandbox, QUERY, {"result_key": 7})) == ILLEGAL


@pytest.mark.parametrize(
    ("data", "expected"), [(b"", (400, "23500012")), (b"{", ILLEGAL), (b"[]", ILLEGAL)]
)
def test_bodies_that_are_no_object(
    sandbox: Sandbox, data: bytes, expected: tuple[int, str]
) -> None:
    headers = {
        "Authorization": "APPCODE sandbox",
        "X-Ca-Nonce": repr(data),
        "Content-Type": "application/json",
    }
    url = sandbox.aliyun_market_url + SUBMIT
    assert refused(requests.post(url, data=data, headers=headers, timeout=5)) == expected


# --- images


def judged(
    sandbox: Sandbox, server: HTTPServer, data: bytes, kind: str = "image/jpeg"
) -> tuple[str, str]:
    server.expect_request("/garment").respond_with_data(data, content_type=kind)
    return outcome_of(sandbox, server, server.url_for("/garment"))


def outcome_of(sandbox: Sandbox, server: HTTPServer, url: str) -> tuple[str, str]:
    task = task_of(server, upper_image={"url": url, "type": 0})
    [done] = finished(sandbox, accepted(submit(sandbox, task)))
    return done["status"], done.get("code", "")


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((400, 400), ("SUCCESS", "")),
        ((399, 600), ("FAILED", "23500007")),
        ((4096, 400), ("SUCCESS", "")),
        ((4097, 400), ("FAILED", "23500007")),
    ],
)
def test_sides(
    sandbox: Sandbox, httpserver: HTTPServer, size: tuple[int, int], expected: tuple[str, str]
) -> None:
    assert judged(sandbox, httpserver, picture(*size)) == expected


@pytest.mark.parametrize(
    ("kind", "status"),
    [("PNG", "SUCCESS"), ("WEBP", "SUCCESS"), ("GIF", "FAILED"), ("BMP", "FAILED")],
)
def test_formats(sandbox: Sandbox, httpserver: HTTPServer, kind: str, status: str) -> None:
    assert judged(sandbox, httpserver, picture(420, 420, kind))[0] == status


def test_a_missing_image(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    for url in (httpserver.url_for("/gone.jpg"), "http://no-such-host.invalid/1.jpg"):
        assert outcome_of(sandbox, httpserver, url) == ("FAILED", "23500006")
    assert judged(sandbox, httpserver, b"<html>", "text/html") == ("FAILED", "23500007")


def test_a_large_image_without_a_length(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    """Neither is a rule of this provider."""

    def streamed(_: object) -> Response:
        parts = [picture(420, 420), bytes(6 * 1024 * 1024)]
        return Response(iter(parts), content_type="image/jpeg")

    httpserver.expect_request("/garment").respond_with_handler(streamed)
    url = httpserver.url_for("/garment")
    assert outcome_of(sandbox, httpserver, url) == ("SUCCESS", "")


def test_bad_images_can_be_refused_at_submit(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True, image_errors="submit") as sandbox:
        gone = {"url": httpserver.url_for("/gone.jpg"), "type": 0}
        tasks = [task_of(httpserver), task_of(httpserver, upper_image=gone)]
        assert refused(submit(sandbox, *tasks)) == BAD_URL
        accepted(submit(sandbox, tasks[0]))
        assert sandbox.ledger()["counters"]["accepted"] == 1


# --- results


def test_several_images_and_their_bill(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True, images_per_result=4) as sandbox:
        gone = {"url": httpserver.url_for("/gone.jpg"), "type": 0}
        key = accepted(submit(sandbox, task_of(httpserver), task_of(httpserver, upper_image=gone)))
        good, bad = finished(sandbox, key)
        assert bad == {"status": "FAILED"}  # the manual documents no reason
        assert len({requests.get(url, timeout=5).content for url in good["results"]}) == 4
        counters = sandbox.ledger()["counters"]
        assert (counters["billed"], counters["billed_by_model"]) == (4, {"full": 4})
        assert [(t["state"], t["billed"], t["error"]) for t in sandbox.ledger()["tasks"]] == [
            ("SUCCEEDED", 4, ""),
            ("FAILED", 0, "23500006"),
        ]


def test_sub_tasks_end_apart(httpserver: HTTPServer) -> None:
    """The first is over before the second, which is over before the third has a place."""
    options: dict[str, Any] = {"task_seconds": 0.1, "subtask_spread": 1, "concurrency": 2}
    with Sandbox(instant=True, **options) as sandbox:
        key = accepted(submit(sandbox, *[task_of(httpserver)] * 3))
        words = [task["status"] for task in query(sandbox, key).json()["data"]["task_list"]]
        assert words == ["RUNNING", "RUNNING", "WAITING"]
        finished(sandbox, key)
        ended = [task["ended_at"] - task["started_at"] for task in sandbox.ledger()["tasks"]]
        assert ended == pytest.approx([0.1, 0.2, 0.3], abs=0.05)
        counters = sandbox.ledger()["counters"]
        assert (counters["submits"], counters["accepted"], counters["max_running"]) == (1, 3, 2)


def test_surplus_can_be_refused(httpserver: HTTPServer) -> None:
    options: dict[str, Any] = {"task_seconds": 60, "concurrency": 1, "overflow": "refuse"}
    with Sandbox(instant=True, **options) as sandbox:
        accepted(submit(sandbox, task_of(httpserver), task_of(httpserver)))
        assert refused(submit(sandbox, task_of(httpserver))) == BUSY
        accepted(submit(sandbox, task_of(httpserver, inferenceMode=0)))
        assert sandbox.ledger()["counters"]["throttled"] == 1


def test_keys_are_an_accounts_own_and_forgotten(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True, result_seconds=0.3) as sandbox:
        key = accepted(submit(sandbox, task_of(httpserver)))
        [task] = finished(sandbox, key)
        assert refused(query(sandbox, key, appcode="another")) == NO_RECORD
        assert refused(query(sandbox, "nothing")) == NO_RECORD
        time.sleep(0.35)
        assert refused(query(sandbox, key)) == NO_RECORD
        assert requests.get(task["results"][0], timeout=5).status_code == 403
        assert [o.state for o in provider(sandbox).poll([f"{key}#0"])] == ["lost"]


def test_reset_and_secrets(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True) as sandbox:
        key = accepted(submit(sandbox, task_of(httpserver), **{"X-Ca-Nonce": "n"}))
        ledger = json.dumps(sandbox.ledger())
        assert "person.jpg" in ledger
        assert "s3cr3t" not in ledger
        sandbox.reset()
        assert refused(query(sandbox, key, **{"X-Ca-Nonce": "n"})) == NO_RECORD


class Broken(PreparedRenderer):
    """An engine that refuses the photo, or breaks."""

    def __init__(self, refusal: Exception) -> None:
        self._refusal = refusal

    def tryon(self, *_: Any) -> Any:
        raise self._refusal


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (Refused(400, "InvalidPerson", "x"), "23500007"),
        (INFERENCE_FAILED, "23500011"),
        (RuntimeError(), "23500011"),
    ],
)
def test_the_engines_refusals(httpserver: HTTPServer, raised: Exception, code: str) -> None:
    with Sandbox(task_seconds=0, renderer=Broken(raised), subtask_reasons=True) as sandbox:
        [task] = finished(sandbox, accepted(submit(sandbox, task_of(httpserver))))
    assert (task["status"], task["code"]) == ("FAILED", code)


class Watching(PreparedRenderer):
    def __init__(self) -> None:
        self.worn: list[list[str]] = []

    def tryon(self, person: Any, garments: Any, resolution: int, label: str) -> Any:
        self.worn.append(sorted(garments))
        return super().tryon(person, garments, resolution, label)


def test_what_is_worn(httpserver: HTTPServer) -> None:
    watching = Watching()
    with Sandbox(task_seconds=0, renderer=watching) as sandbox:
        for fields in (
            ("upper_image", "lower_image"),
            ("full_image",),
            ("upper_image", "full_image"),
        ):
            finished(sandbox, accepted(submit(sandbox, task_of(httpserver, *fields))))
    assert watching.worn == [["bottom", "top"], ["dress"], ["dress"]]


# --- the adapter


def test_the_adapter(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True, images_per_result=2) as sandbox:
        market = provider(sandbox)
        bad = wanted(httpserver, "bottom")
        gone = ImageRef("b", picture, httpserver.url_for("/gone.jpg"), photo_type="flat")
        bad = TryOnRequest("tryon", "fast", bad.person, {"bottom": gone})
        sent = market.submit([wanted(httpserver), bad, wanted(httpserver, "dress")])
        ids = [outcome.remote_id for outcome in sent]
        finished(sandbox, market.query_key(ids[0]))
        first, second, third = market.poll(ids)
        assert (first.state, first.usage, len(first.images)) == ("succeeded", 2, 2)
        assert kind_and_sent(second) == ("transient", "yes")
        with Image.open(io.BytesIO(requests.get(third.images[1].url, timeout=5).content)) as image:
            assert image.size == (420, 560)
        counters = sandbox.ledger()["counters"]
        assert (counters["submits"], counters["accepted"], counters["billed"]) == (1, 3, 4)


@pytest.mark.parametrize(
    ("kind", "expected", "count"),
    [
        ("throttle", ("throttled", "no"), 0),
        ("500", ("transient", "maybe"), 0),
        ("hang", ("transient", "maybe"), 0),
        ("drop_after_accept", ("transient", "maybe"), 2),
        ("malformed", ("transient", "maybe"), 2),
        ("slow_drip", ("transient", "maybe"), 2),
    ],
)
def test_faults_on_submit(
    httpserver: HTTPServer, kind: str, expected: tuple[str, str], count: int
) -> None:
    with Sandbox(task_seconds=0, instant=True) as sandbox:
        sandbox.set_faults([{"kind": kind, "times": 1, "seconds": 5}])
        # Short only where it is waited for: a busy machine may be slow to answer the others.
        timeout_s = 0.4 if kind in ("hang", "slow_drip") else 5
        sent = provider(sandbox, timeout_s=timeout_s).submit([wanted(httpserver)] * 2)
        assert [kind_and_sent(outcome) for outcome in sent] == [expected] * 2
        assert sandbox.ledger()["counters"]["accepted"] == count
        assert sandbox.ledger()["faults"] == {kind: 1}


@pytest.mark.parametrize("kind", ["throttle", "500", "hang", "drop_after_accept", "malformed"])
def test_faults_on_query(httpserver: HTTPServer, kind: str) -> None:
    with Sandbox(task_seconds=0, instant=True) as sandbox:
        market, hasty = provider(sandbox), provider(sandbox, timeout_s=0.4)
        [sent] = market.submit([wanted(httpserver)])
        finished(sandbox, market.query_key(sent.remote_id))
        sandbox.set_faults([{"kind": kind, "on": "query", "times": 1}])
        assert kind_and_sent(hasty.poll([sent.remote_id])[0])[1] == "no"
        assert market.poll([sent.remote_id])[0].state == "succeeded"


def test_an_undocumented_status(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True) as sandbox:
        market = provider(sandbox)
        [sent] = market.submit([wanted(httpserver)])
        finished(sandbox, market.query_key(sent.remote_id))
        sandbox.set_faults([{"kind": "unknown_status", "on": "query", "status": "PAUSED"}])
        assert market.poll([sent.remote_id])[0].state == "running"


def test_faults_on_results(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True) as sandbox:
        [task] = finished(sandbox, accepted(submit(sandbox, task_of(httpserver))))
        [url] = task["results"]
        sandbox.set_faults([{"kind": "truncated_image", "on": "result", "times": 1}])
        with pytest.raises(requests.RequestException):
            requests.get(url, timeout=5)
        sandbox.set_faults([{"kind": "expired_url", "on": "result", "times": 1}])
        assert requests.get(url, timeout=5).status_code == 403
        assert requests.get(url.partition("?")[0], timeout=5).status_code == 403
        assert requests.post(url, timeout=5).status_code == 405
        assert requests.get(url, timeout=5).status_code == 200
