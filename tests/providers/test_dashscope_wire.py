"""DashScope on the wire: the documented bytes in, the whole request out.

The bytes are those of the reference documents (read 2026-11-20), so that adapter and sandbox,
which share authors, cannot agree on a mistake.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from providers.contract import ImageRef, Outcome, TryOnRequest
from providers.dashscope.adapter import DashScope
from tests.providers.dashscope_calls import (
    KEY,
    PARSING,
    SIGNED,
    SYNTHESIS,
    adapter,
    failure,
    image,
    one,
    parse,
    refine,
    tryon,
)

ACCEPTED = """{
    "output": {
        "task_status": "PENDING",
        "task_id": "0385dc79-5ff8-4d82-bcb6-xxxxxx"
    },
    "request_id": "4909100c-7b5a-9f92-bfe5-xxxxxx"
}"""
SUCCEEDED = """{
    "request_id": "98d46cd0-1f90-9231-9a6c-xxxxxx",
    "output": {
        "task_id": "15991992-1487-40d4-ae66-xxxxxx",
        "task_status": "SUCCEEDED",
        "submit_time": "2025-06-30 14:37:53.838",
        "scheduled_time": "2025-06-30 14:37:53.858",
        "end_time": "2025-06-30 14:38:11.472",
        "image_url": "http://dashscope-result-hz.oss-cn-hangzhou.aliyuncs.com/tryon.jpg?Expires=xxx"
    },
    "usage": {
        "image_count": 1
    }
}
"""
SUCCEEDED_OLD = """{
    "output":{
        "task_id":"a8532587-fa8c-4ef8-82be-0c46b17950d1",
\t"task_status":"SUCCEEDED",
        "results":
            {
        "image_url":"https://host.example/result.jpg"
            }
    },
    "usage":{
        "image_count": 1
    },
    "request_id":"7574ee8f-38a3-4b1e-9280-11c33ab46e51"
}"""
FAILED = """{
    "request_id": "6bf4693b-c6d0-933a-b7b7-xxxxxx",
    "output": {
        "task_id": "e32bd911-5a3d-4687-bf53-xxxxxx",
        "task_status": "FAILED",
        "code": "InvalidParameter",
        "message": "The request is missing required parameters xxxxx"
  }
}"""
REFUSED = """{
    "code":"InvalidApiKey",
    "message":"Invalid API-key provided.",
    "request_id":"fb53c4ec-1c12-4fc4-a580-xxxxxx"
}"""
PARSED = {
    "output": {
        "parsing_img_url": ["http://h.example/p0.png", None],
        "crop_img_url": ["http://h.example/c0.jpg?Expires=1", None],
        "bbox": [[331, 239, 641, 637], None],
    },
    "usage": {"image_count": 1},
    "request_id": "r",
}
ANY_PATH = re.compile(".*")
TRANSPORT = {"Host", "Content-Length", "Accept-Encoding", "Connection", "User-Agent", "Accept"}


@pytest.fixture(autouse=True)
def _no_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A ~/.netrc must not take the place of the key."""
    (tmp_path / ".netrc").write_text("default login who password knows\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))


Seen = list[Request]


def answering(
    server: HTTPServer, body: str | dict[str, Any], status: int = 200, **headers: str
) -> Seen:
    """Answer everything alike; the requests are added to the list as they come."""
    seen: Seen = []
    data = body if isinstance(body, str) else json.dumps(body)

    def answer(request: Request) -> Response:
        request.get_data()
        seen.append(request)
        return Response(data, status, {"Content-Type": "application/json", **headers})

    server.expect_request(ANY_PATH).respond_with_handler(answer)
    return seen


def submitted(server: HTTPServer, request: TryOnRequest, **options: Any) -> Request:
    seen = answering(server, ACCEPTED)
    outcome = one(adapter(server.url_for("/"), **options).submit([request]))
    assert outcome.state == "pending", outcome.error
    assert len(seen) == 1
    return seen[0]


def polled(server: HTTPServer, body: str | dict[str, Any], status: int = 200) -> Outcome:
    answering(server, body, status)
    return one(adapter(server.url_for("/")).poll(["t-1"]))


def with_status(word: str) -> dict[str, Any]:
    return {"request_id": "r", "output": {"task_id": "t-1", "task_status": word}}


def test_it_works(httpserver: HTTPServer) -> None:
    seen = answering(httpserver, ACCEPTED)
    outcome = one(adapter(httpserver.url_for("/")).submit([tryon("top")]))
    assert (outcome.state, outcome.remote_id) == ("pending", "0385dc79-5ff8-4d82-bcb6-xxxxxx")
    assert outcome.raw["request_id"] == "4909100c-7b5a-9f92-bfe5-xxxxxx"
    [request] = seen
    assert (request.method, request.full_path) == ("POST", f"{SYNTHESIS}?")
    assert {k: v for k, v in request.headers.items() if k not in TRANSPORT} == {
        "Authorization": f"Bearer {KEY}",
        "Content-Type": "application/json",
        "X-Dashscope-Async": "enable",
    }
    assert request.json == {
        "model": "aitryon-plus",
        "input": {
            "person_image_url": SIGNED.format("person"),
            "top_garment_url": SIGNED.format("top"),
        },
        "parameters": {"resolution": -1, "restore_face": True},
    }


@pytest.mark.parametrize(
    ("slots", "keys"),
    [
        (("bottom",), {"bottom_garment_url": "bottom"}),
        (("bottom", "top"), {"top_garment_url": "top", "bottom_garment_url": "bottom"}),
        (("dress",), {"top_garment_url": "dress"}),
    ],
)
def test_the_body_of_an_outfit(
    httpserver: HTTPServer, slots: tuple[str, ...], keys: dict[str, str]
) -> None:
    body = submitted(httpserver, tryon(*slots)).json
    del body["input"]["person_image_url"]
    assert body["input"] == {key: SIGNED.format(name) for key, name in keys.items()}


def test_options_and_extras(httpserver: HTTPServer) -> None:
    wanted = tryon(model="aitryon", resolution=1280, restore_face=False, extra={"seed": 7})
    body = submitted(httpserver, wanted, workspace="ws-1").json
    assert body["model"] == "aitryon"
    assert body["parameters"] == {"resolution": 1280, "restore_face": False, "seed": 7}
    assert httpserver.log[0][0].headers["X-DashScope-WorkSpace"] == "ws-1"


def sized(width: int, height: int) -> ImageRef:
    return ImageRef("0" * 64, lambda: b"", "https://h.example/1.jpg", width, height)


def test_refine(httpserver: HTTPServer) -> None:
    assert submitted(httpserver, refine("top", "bottom")).json == {
        "model": "aitryon-refiner",
        "input": {
            "person_image_url": SIGNED.format("person"),
            "top_garment_url": SIGNED.format("top"),
            "bottom_garment_url": SIGNED.format("bottom"),
            "coarse_image_url": SIGNED.format("coarse"),
        },
        "parameters": {"gender": "woman"},
    }


def test_parse(httpserver: HTTPServer) -> None:
    seen = answering(httpserver, PARSED)
    outcome = one(adapter(httpserver.url_for("/")).submit([parse("bottom", "top")]))
    assert [(i.part, i.url) for i in outcome.images] == [
        ("top", "http://h.example/c0.jpg?Expires=1")
    ]
    assert (outcome.state, outcome.usage) == ("succeeded", 1)
    assert seen[0].path == PARSING
    assert "X-DashScope-Async" not in seen[0].headers
    assert seen[0].json == {
        "model": "aitryon-parsing-v1",
        "input": {"image_url": SIGNED.format("person")},
        "parameters": {"clothes_type": ["upper", "lower"]},
    }


@pytest.mark.parametrize("nothing", [None, "None", ""])
def test_a_parse_that_finds_nothing(httpserver: HTTPServer, nothing: str | None) -> None:
    answering(httpserver, {"output": {"crop_img_url": [nothing]}, "usage": {"image_count": 1}})
    outcome = one(adapter(httpserver.url_for("/")).submit([parse("dress")]))
    assert failure(outcome) == ("InvalidGarment", "input", "yes")
    assert outcome.usage == 1


def test_a_parse_error_nested_in_its_output(httpserver: HTTPServer) -> None:
    error = {"code": "InvalidParameter.ClothesType", "message": "The request parameter is invalid"}
    answering(httpserver, {"request_id": "r", "output": error})
    outcome = one(adapter(httpserver.url_for("/")).submit([parse("top")]))
    assert failure(outcome) == ("InvalidParameter.ClothesType", "input", "no")


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        (refine("bottom"), "bottom"),
        (refine(gender=""), "gender"),
        (refine(coarse=None), "try-on image"),
        (refine(resolution=1024), "resolution"),
        (refine(coarse=sized(576, 1024), person=sized(768, 1024)), "size"),
        (refine(restore_face=False), "face"),
        (tryon(resolution=512), "resolution"),
        (tryon("dress", "top"), "dress"),
        (tryon("hat"), "outfit"),
        (tryon(samples=2), "one image"),
        (tryon(model="aitryon-refiner"), "no model"),
        (parse(), "parts"),
        (parse("dress", "top"), "parts"),
    ],
)
def test_what_cannot_be_expressed_is_not_sent(
    httpserver: HTTPServer, wanted: TryOnRequest, word: str
) -> None:
    seen = answering(httpserver, ACCEPTED)
    outcome = one(adapter(httpserver.url_for("/")).submit([wanted]))
    assert failure(outcome) == ("unsupported", "unsupported", "no")
    assert word in str(outcome.error)
    assert not seen


def test_an_image_without_an_address_is_not_sent(httpserver: HTTPServer) -> None:
    wanted = tryon(person=image("person", url=""))
    outcome = one(adapter(httpserver.url_for("/")).submit([wanted]))
    assert failure(outcome) == ("image_not_reachable", "unsupported", "no")
    assert "PUBLIC_BASE_URL" in str(outcome.error)
    assert "dashscope-upload" in str(outcome.error)
    assert not httpserver.log


@pytest.mark.parametrize(
    ("body", "url"),
    [
        (
            SUCCEEDED,
            "https://dashscope-result-hz.oss-cn-hangzhou.aliyuncs.com/tryon.jpg?Expires=xxx",
        ),
        (SUCCEEDED_OLD, "https://host.example/result.jpg"),
    ],
)
def test_both_shapes_of_a_result(httpserver: HTTPServer, body: str, url: str) -> None:
    outcome = polled(httpserver, body)
    assert [i.url for i in outcome.images] == [url]
    assert (outcome.state, outcome.usage, outcome.remote_id) == ("succeeded", 1, "t-1")
    [request] = [request for request, _ in httpserver.log]
    assert (request.method, request.path) == ("GET", "/api/v1/tasks/t-1")
    assert "X-DashScope-Async" not in request.headers


@pytest.mark.parametrize(
    "output",
    [
        {"image_url": ["http://h.example/1.jpg"]},
        {"image_url": None, "results": [{"url": "http://h.example/1.jpg"}]},
        {"results": [{"image_url": "http://h.example/1.jpg"}]},
        {"results": {"image_url": ["http://h.example/1.jpg"]}},
        {"output_image_url": "http://h.example/1.jpg"},
    ],
)
def test_other_shapes_that_clients_have_met(httpserver: HTTPServer, output: dict[str, Any]) -> None:
    outcome = polled(httpserver, {"output": {"task_status": "SUCCEEDED", **output}})
    assert [i.url for i in outcome.images] == ["http://h.example/1.jpg"]


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("PENDING", "pending"),
        ("PRE-PROCESSING", "running"),
        ("RUNNING", "running"),
        ("POST-PROCESSING", "running"),
        ("SUSPENDED", "running"),
        ("SOMETHING-NEW", "running"),
        ("CANCELED", "canceled"),
        ("CANCELLED", "canceled"),
        ("UNKNOWN", "lost"),
    ],
)
def test_states(httpserver: HTTPServer, word: str, state: str) -> None:
    assert polled(httpserver, with_status(word)).state == state


def test_the_body_counts_before_the_status(httpserver: HTTPServer) -> None:
    assert polled(httpserver, with_status("RUNNING"), status=503).state == "running"


def test_a_failed_task(httpserver: HTTPServer) -> None:
    outcome = polled(httpserver, FAILED)
    assert failure(outcome) == ("InvalidParameter", "input", "yes")
    assert "missing required parameters" in str(outcome.error)


def test_a_success_without_an_image(httpserver: HTTPServer) -> None:
    outcome = polled(httpserver, with_status("SUCCEEDED") | {"usage": {"image_count": "1"}})
    assert failure(outcome) == ("result_missing", "transient", "yes")
    assert outcome.usage == 1
    assert outcome.raw["output"]["task_status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (REFUSED, 401, "account"),
        ('{"code":"Throttling","message":"x"}', 429, "throttled"),
        ("<html>Bad Gateway</html>", 502, "transient"),
        ("<html>Not Found</html>", 200, "transient"),
        ("", 200, "transient"),
        ("[]", 200, "transient"),
        ('{"output": null}', 200, "transient"),
        ('{"code":"InvalidParameter","message":"x"}', 400, "transient"),
    ],
)
def test_a_failed_query_proves_nothing_about_the_task(
    httpserver: HTTPServer, body: str, status: int, kind: str
) -> None:
    outcome = polled(httpserver, body, status)
    assert failure(outcome)[1:] == (kind, "no")
    assert outcome.remote_id == "t-1"


def test_every_poll_is_one_question(httpserver: HTTPServer) -> None:
    answering(httpserver, with_status("RUNNING"))
    outcomes = adapter(httpserver.url_for("/")).poll(["a", "b/c"])
    assert [outcome.remote_id for outcome in outcomes] == ["a", "b/c"]
    paths = [request.environ["REQUEST_URI"] for request, _ in httpserver.log]
    assert paths == ["/api/v1/tasks/a", "/api/v1/tasks/b%2Fc"]


@pytest.mark.parametrize(("answer", "agreed"), [(("{}", 200), True), ((REFUSED, 400), False)])
def test_cancel(httpserver: HTTPServer, answer: tuple[str, int], agreed: bool) -> None:
    seen = answering(httpserver, *answer)
    assert adapter(httpserver.url_for("/")).cancel("t-1") is agreed
    assert [(r.method, r.path, r.get_data()) for r in seen] == [
        ("POST", "/api/v1/tasks/t-1/cancel", b"")
    ]


def test_unavailable_without_a_key() -> None:
    assert "DASHSCOPE_API_KEY" in DashScope.unavailable_reason({"api_key": ""})
    assert "DASHSCOPE_API_KEY" in DashScope.unavailable_reason({"api_key": "sk-1 2"})
    assert DashScope.unavailable_reason({"api_key": KEY}) == ""


def test_capabilities() -> None:
    able = DashScope.capabilities
    assert able.default_model("tryon") == "aitryon-plus"
    assert set(able.models) == set(DashScope.prices)
    assert (able.concurrency, able.lookahead, able.result_life_s) == (5, 2, 86400)
