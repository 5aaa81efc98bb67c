"""Aidge's adapter against the documented bytes: what is sent, and what answers are read as."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from pytest_httpserver import HTTPServer
from werkzeug import Request

from providers.aidge import adapter as aidge_adapter
from providers.aidge.adapter import Aidge
from providers.aidge.signing import sign
from providers.contract import Outcome, TryOnRequest
from tests.providers.aidge_calls import (
    APP_KEY,
    QUERY,
    SECRET,
    SIGNED,
    SUBMIT,
    adapter,
    element,
    tryon,
    worn,
)
from tests.providers.dashscope_calls import failure, image, one
from tests.providers.test_dashscope_wire import TRANSPORT, answering

ACCEPTED = """{"code":"0","data":{"result":{"taskId":"3a4b5c6d"}},"resCode":200,
"resMessage":"success","success":true,"requestId":"2140a1b2","request_id":"2140a1b2"}"""
FINISHED = """{"code":"0","resCode":200,"resMessage":"success","success":true,"requestId":"r",
 "data":{"taskStatus":"finished","taskId":"3a4b5c6d",
 "taskResult":[{"taskStatus":"finished","taskResult":{"result":{"imageList":[
 {"imageUrl":"https://r.example/1.jpg?Expires=1&Signature=s3cr3t","clothes":"https://g.example/t"},
 {"imageUrl":"https://r.example/2.jpg"}]}}}]}}"""
NOW = 1700000000.0
# The vendor's own example of a secret, its signature by Python's hmac.
VECTOR = "6873910AD684AA9A8690955552D90E73D03074FDC35122604BC01170D91C762C"


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aidge_adapter, "time", SimpleNamespace(time=lambda: NOW))


def submitted(server: HTTPServer, request: TryOnRequest, **options: Any) -> Request:
    seen = answering(server, ACCEPTED)
    outcome = one(adapter(server.url_for(""), **options).submit([request]))
    assert outcome.state == "pending", outcome.error
    assert len(seen) == 1
    return seen[0]


def polled(server: HTTPServer, body: str | dict[str, Any], status: int = 200) -> Outcome:
    answering(server, body, status)
    return one(adapter(server.url_for("")).poll(["t-1"]))


def with_word(word: str, **data: Any) -> dict[str, Any]:
    return {"code": "0", "resCode": 200, "success": True, "data": {"taskStatus": word, **data}}


def part(word: str, *urls: str, **more: Any) -> dict[str, Any]:
    images = [{"imageUrl": url} for url in urls]
    return {"taskStatus": word, "taskResult": {"result": {"imageList": images}}, **more}


def test_it_works(httpserver: HTTPServer) -> None:
    seen = answering(httpserver, ACCEPTED)
    outcome = one(adapter(httpserver.url_for("")).submit([tryon("top", samples=4)]))
    assert (outcome.state, outcome.remote_id) == ("pending", "3a4b5c6d")
    assert outcome.raw["requestId"] == "2140a1b2"
    [request] = seen
    assert (request.method, request.path) == ("POST", SUBMIT)
    assert list(request.args.items()) == [
        ("partner_id", "aidge"),
        ("sign_method", "sha256"),
        ("sign_ver", "v2"),
        ("app_key", APP_KEY),
        ("timestamp", "1700000000000"),
        ("sign", VECTOR),
    ]
    assert {k: v for k, v in request.headers.items() if k not in TRANSPORT} == {
        "Content-Type": "application/json"
    }
    assert list(request.get_json()) == ["requestParams"]
    assert json.loads(request.get_json()["requestParams"]) == [
        {
            "clothesList": [{"imageUrl": SIGNED.format("top"), "type": "tops"}],
            "modelImage": [SIGNED.format("person")],
            "viewType": "mixed",
            "generateCount": 4,
        }
    ]


def test_the_signature_of_the_documents_secret() -> None:
    assert sign(SECRET, "1700000000000") == VECTOR


def test_a_netrc_adds_nothing(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("default login who password knows\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    request = submitted(httpserver, tryon())
    assert "Authorization" not in request.headers
    assert request.args["sign"] == VECTOR


def test_the_trial_quota_is_a_header(httpserver: HTTPServer) -> None:
    assert submitted(httpserver, tryon(), trial=True).headers["x-iop-trial"] == "true"


def test_a_dress(httpserver: HTTPServer) -> None:
    [clothes] = element(submitted(httpserver, tryon("dress")))["clothesList"]
    assert clothes == {"imageUrl": SIGNED.format("dress"), "type": "dresses"}


@pytest.mark.parametrize(
    ("view", "word"), [("full", "fullbody"), ("half", "halfbody"), ("", "mixed")]
)
def test_views(httpserver: HTTPServer, view: str, word: str) -> None:
    assert element(submitted(httpserver, tryon(view=view)))["viewType"] == word


@pytest.mark.parametrize(
    ("chosen", "known", "model"),
    [
        (
            {"base": "General", "style": "universal_1"},
            {"gender": "woman", "body": "curvy"},
            {"base": "General", "style": "universal_1", "gender": "female", "body": "curvy"},
        ),
        ({"gender": "female", "body": "slim"}, {"gender": "man"}, None),
        ({"name": "Ariel"}, {}, None),
        ({}, {"gender": "man", "body": "tall"}, {"gender": "male"}),
    ],
)
def test_a_model_of_the_providers_library(
    httpserver: HTTPServer, chosen: dict[str, str], known: dict[str, str], model: Any
) -> None:
    """What the launch does not choose is filled in from what is known of the person."""
    # The person's photo is not sent, and so it needs no address.
    person = image("person", url="")
    wanted = tryon(person=person, extra={"library_model": chosen}, **known)
    sent = element(submitted(httpserver, wanted))
    assert sent["model"] == (chosen if model is None else model)
    assert "modelImage" not in sent


@pytest.mark.parametrize(("asked", "sent"), [(True, 1), (1, 1), (False, 0), (0, 0)])
def test_quality_detection(httpserver: HTTPServer, asked: Any, sent: int) -> None:
    found = element(submitted(httpserver, tryon(extra={"quality_detect": asked})))
    assert found["inputQualityDetect"] == sent
    assert "quality_detect" not in found


def test_other_extras_go_into_the_element(httpserver: HTTPServer) -> None:
    extra = {"seed": 7, "modelImage": ["https://a.example/1.jpg", "https://a.example/2.jpg"]}
    sent = element(submitted(httpserver, tryon(extra=extra)))
    assert (sent["seed"], sent["modelImage"]) == (7, extra["modelImage"])


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        (tryon("bottom"), "one top or one dress"),
        (tryon("top", "bottom"), "one top or one dress"),
        (tryon("top", "dress"), "one top or one dress"),
        (tryon(garments={}), "one top or one dress"),
        (tryon(garments={"top": worn()}), "flat-lay"),
        (tryon(samples=0), "1 to 8"),
        (tryon(samples=9), "1 to 8"),
        (tryon(model="aitryon"), "no model"),
        (tryon(resolution=1024), "resolution"),
        (tryon(restore_face=False), "face"),
        (tryon(extra={"library_model": "Ariel"}), "library_model"),
        (tryon(extra={"modelImage": ["https://a.example/1.jpg"] * 9}), "eight"),
        (tryon(extra={"modelImage": "https://a.example/1.jpg"}), "list"),
        (TryOnRequest("parse", "aidge-tryon", image("person"), parts=("top",)), "no model"),
    ],
)
def test_what_cannot_be_expressed_is_not_sent(
    httpserver: HTTPServer, wanted: TryOnRequest, word: str
) -> None:
    seen = answering(httpserver, ACCEPTED)
    outcome = one(adapter(httpserver.url_for("")).submit([wanted]))
    assert failure(outcome) == ("unsupported", "unsupported", "no")
    assert word in str(outcome.error)
    assert not seen


@pytest.mark.parametrize(
    "changes", [{"person": image("p", "")}, {"garments": {"top": image("t", "")}}]
)
def test_an_image_without_an_address_is_not_sent(
    httpserver: HTTPServer, changes: dict[str, Any]
) -> None:
    outcome = one(adapter(httpserver.url_for("")).submit([tryon(**changes)]))
    assert failure(outcome) == ("image_not_reachable", "unsupported", "no")
    assert "PUBLIC_BASE_URL" in str(outcome.error)
    assert not httpserver.log


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"result": {"taskId": "t-9"}}, "resCode": "200"},
        {"data": {"taskId": "t-9"}, "rescode": 200},
        {"data": {"result": '{"taskId": "t-9"}'}},
        {"data": '{"result": {"taskId": "t-9"}}'},
        {"data": {"result": {"taskId": "t-9"}}, "resCode": 500, "success": False},
    ],
)
def test_a_task_id_means_accepted(httpserver: HTTPServer, body: dict[str, Any]) -> None:
    answering(httpserver, body)
    outcome = one(adapter(httpserver.url_for("")).submit([tryon()]))
    assert (outcome.state, outcome.remote_id) == ("pending", "t-9")


def test_a_finished_task(httpserver: HTTPServer) -> None:
    outcome = polled(httpserver, FINISHED)
    assert [i.url for i in outcome.images] == [
        "https://r.example/1.jpg?Expires=1&Signature=s3cr3t",
        "https://r.example/2.jpg",
    ]
    assert (outcome.state, outcome.usage, outcome.remote_id) == ("succeeded", 2, "t-1")
    assert "s3cr3t" not in str(dict(outcome.raw))
    [request] = [request for request, _ in httpserver.log]
    assert (request.method, request.path, request.get_json()) == ("POST", QUERY, {"task_id": "t-1"})
    assert (request.args["app_key"], request.args["sign"]) == (APP_KEY, VECTOR)


URL = "https://r.example/1.jpg"


@pytest.mark.parametrize(
    "result",
    [
        [{"taskResult": {"result": {"imageList": [{"imageUrl": URL}, {"imageUrl": URL}]}}}],
        [{"taskResult": json.dumps({"result": {"imageList": [{"imageUrl": URL}]}})}],
        {"result": {"imageList": [{"imageurl": URL}]}},
        json.dumps([{"imageUrl": URL}]),
    ],
)
def test_other_shapes_of_a_result(httpserver: HTTPServer, result: Any) -> None:
    outcome = polled(httpserver, with_word("finished", taskResult=result))
    assert [i.url for i in outcome.images] == [URL]


@pytest.mark.parametrize("word", ["finished", "failed"])
def test_what_a_part_made_is_kept_where_another_failed(httpserver: HTTPServer, word: str) -> None:
    parts = [part("finished", "https://r.example/1.jpg"), part("failed")]
    outcome = polled(httpserver, with_word(word, taskResult=parts))
    assert (outcome.state, len(outcome.images), outcome.usage) == ("succeeded", 1, 1)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("submitted", "pending"),
        ("running", "running"),
        ("RUNNING", "running"),
        ("something-new", "running"),
    ],
)
def test_states(httpserver: HTTPServer, word: str, state: str) -> None:
    assert polled(httpserver, with_word(word)).state == state


def test_the_task_status_counts_before_codes_and_http_status(httpserver: HTTPServer) -> None:
    body = {"resCode": 500, "resMessage": "system error", "data": {"taskStatus": "running"}}
    assert polled(httpserver, body, status=500).state == "running"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (with_word("failed"), ("TaskFailed", "transient", "yes")),
        (with_word("failed") | {"resCode": 703}, ("703", "input", "yes")),
        (with_word("failed") | {"resCode": "801"}, ("801", "transient", "yes")),
        (with_word("failed") | {"resCode": 501}, ("501", "transient", "yes")),
        (
            with_word("failed", taskResult=[part("failed", resCode=1002)]),
            ("1002", "content", "yes"),
        ),
        (
            with_word("finished", taskResult=[part("failed")]),
            ("TaskFailed", "transient", "yes"),
        ),
        (with_word("finished", taskResult=[]), ("result_missing", "transient", "yes")),
        (with_word("finished"), ("result_missing", "transient", "yes")),
    ],
)
def test_a_task_without_an_image(
    httpserver: HTTPServer, body: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    outcome = polled(httpserver, body)
    assert failure(outcome) == expected
    assert outcome.remote_id == "t-1"
    assert outcome.raw["data"]


def test_every_poll_is_one_question(httpserver: HTTPServer) -> None:
    answering(httpserver, with_word("running"))
    outcomes = adapter(httpserver.url_for("/")).poll(["a", "b"])
    assert [outcome.remote_id for outcome in outcomes] == ["a", "b"]
    asked = [request.get_json()["task_id"] for request, _ in httpserver.log]
    assert asked == ["a", "b"]


def test_the_address_is_in_no_log() -> None:
    """Anybody who reads the signed address can ask again."""
    assert settings.LOGGING["loggers"]["urllib3"]["level"] == "ERROR"
    assert logging.getLogger("urllib3.connectionpool").getEffectiveLevel() >= logging.ERROR


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"app_key": "", "app_secret": SECRET}, "AIDGE_APP_KEY"),
        ({"app_key": "512 345", "app_secret": SECRET}, "AIDGE_APP_KEY"),
        ({"app_key": APP_KEY}, "AIDGE_APP_SECRET"),
        ({"app_key": APP_KEY, "app_secret": "键"}, "AIDGE_APP_SECRET"),
    ],
)
def test_unavailable_without_a_key(options: dict[str, str], name: str) -> None:
    assert name in Aidge.unavailable_reason(options)


def test_available_with_both_keys() -> None:
    assert Aidge.unavailable_reason({"app_key": APP_KEY, "app_secret": SECRET}) == ""


def test_capabilities() -> None:
    able = Aidge.capabilities
    assert able.default_model("tryon") == "aidge-tryon"
    assert (able.slots, able.samples) == ({"top", "dress"}, 8)
    assert not any((able.keep_rest, able.refine, able.cancel, able.list, able.lookahead))
    # Three seconds at the least between two questions, also with the margin that callers keep.
    assert 1 / able.queries_per_s >= 3


def test_it_is_configured() -> None:
    assert settings.PROVIDERS["aidge"]["BACKEND"] == "providers.aidge.adapter.Aidge"
    Aidge(**settings.PROVIDERS["aidge"]["OPTIONS"])
