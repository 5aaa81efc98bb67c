"""Aliyun Market on the wire: the documented bytes in, the whole request out.

The bytes are those of the product's manual (read 2026-11-20) without its comments, so that adapter
and sandbox, which share authors, cannot agree on a mistake.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from providers.aliyun_market.adapter import AliyunMarket
from providers.contract import Outcome, TryOnRequest
from tests.providers.aliyun_market_calls import APPCODE, QUERY, SUBMIT, adapter, tryon
from tests.providers.dashscope_calls import SIGNED, failure, image, one
from tests.providers.test_dashscope_unanswered import raw_server
from tests.providers.test_dashscope_wire import TRANSPORT, answering

ACCEPTED = """{
    "code": 0,
    "data": {
        "result_key": "abc",
        "task_list": [
            {
                "model_image": "https://img.alicdn.com/abc.png",
                "upper_image": {
                    "type": 1,
                    "url": "https://img.alicdn.com/abc.png"
                },
                "lower_image": {
                    "type": 1,
                    "url": "https://img.alicdn.com/abc.png"
                },
                "full_image": {
                    "type": 1,
                    "url": "https://img.alicdn.com/abc.png"
                },
                "inferenceMode": 1,
                "status": "WAITING"
            }
        ]
    },
    "message": "success",
    "requestId": "trace_id_2345",
    "severity": "info",
    "success": true
}"""
WAITING = """{
    "code": 0,
    "data": {
        "result_key": "93be295cc7354d59bb6c3d12120f66c0",
        "task_list": [
            {
                "status": "WAITING"
            }
        ]
    },
    "message": "success",
    "requestId": "9F434E8A-6C86-46E8-B200-D0F1A2915293",
    "severity": "info",
    "success": true
}"""
# The table's example of `results`, with the spaces that it has.
RESULTS = [
    " https://img.alicdn.com/abc.png",
    " https://img.alicdn.com/abc.png",
    " https://img.alicdn.com/abc.png",
    " https://img.alicdn.com/abc.png",
]


@pytest.fixture(autouse=True)
def _no_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A ~/.netrc must not take the place of the AppCode."""
    (tmp_path / ".netrc").write_text("default login who password knows\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))


def submitted(server: HTTPServer, *requests: TryOnRequest, **options: Any) -> list[dict[str, Any]]:
    """The task_list of the one call that these requests make."""
    seen = answering(server, ACCEPTED)
    outcomes = adapter(server.url_for("/"), **options).submit(requests)
    assert {outcome.state for outcome in outcomes} == {"pending"}, outcomes
    [request] = seen
    assert set(request.json) == {"data"}
    assert set(request.json["data"]) == {"task_list"}
    tasks: list[dict[str, Any]] = request.json["data"]["task_list"]
    return tasks


def of(*tasks: Any) -> dict[str, Any]:
    return {"code": 0, "data": {"result_key": "k", "task_list": list(tasks)}, "success": True}


def polled(server: HTTPServer, body: Any, status: int = 200, remote_id: str = "k#0") -> Outcome:
    answering(server, body, status)
    return one(adapter(server.url_for("/")).poll([remote_id]))


def test_it_works(httpserver: HTTPServer) -> None:
    seen = answering(httpserver, ACCEPTED)
    outcome = one(adapter(httpserver.url_for("/")).submit([tryon("top")]))
    assert (outcome.state, outcome.remote_id) == ("pending", "abc#0")
    assert outcome.raw["requestId"] == "trace_id_2345"
    [request] = seen
    assert (request.method, request.full_path) == ("POST", f"{SUBMIT}?")
    headers = {k: v for k, v in request.headers.items() if k not in TRANSPORT}
    assert headers.pop("X-Ca-Nonce")
    assert headers == {"Authorization": f"APPCODE {APPCODE}", "Content-Type": "application/json"}
    assert request.json == {
        "data": {
            "task_list": [
                {
                    "model_image": SIGNED.format("person"),
                    "upper_image": {"url": SIGNED.format("top"), "type": 0},
                    "inferenceMode": 0,
                    "inference_mode": 0,
                }
            ]
        }
    }


@pytest.mark.parametrize(
    ("slots", "fields"),
    [
        (("bottom",), {"lower_image": "bottom"}),
        (("bottom", "top"), {"upper_image": "top", "lower_image": "bottom"}),
        (("dress",), {"full_image": "dress"}),
    ],
)
@pytest.mark.parametrize(("photo_type", "number"), [("flat", 0), ("worn", 1), ("", 0)])
def test_the_body_of_an_outfit(
    httpserver: HTTPServer,
    slots: tuple[str, ...],
    fields: dict[str, str],
    photo_type: str,
    number: int,
) -> None:
    [task] = submitted(httpserver, tryon(*slots, photo_type=photo_type))
    garments = {name: value for name, value in task.items() if isinstance(value, dict)}
    assert garments == {
        field: {"url": SIGNED.format(slot), "type": number} for field, slot in fields.items()
    }


@pytest.mark.parametrize(("model", "mode"), [("fast", 0), ("full", 1)])
@pytest.mark.parametrize("names", [["inferenceMode"], ["inference_mode"]])
def test_the_mode_in_either_spelling(
    httpserver: HTTPServer, model: str, mode: int, names: list[str]
) -> None:
    [task] = submitted(httpserver, tryon(model=model), inference_mode_names=names)
    assert {k: v for k, v in task.items() if k.lower().startswith("inference")} == {names[0]: mode}


def test_extras(httpserver: HTTPServer) -> None:
    [task] = submitted(httpserver, tryon(extra={"seed": 7}))
    assert task["seed"] == 7


def test_ten_travel_together(httpserver: HTTPServer) -> None:
    requests = [tryon(person=image(f"p{i}"), model=("fast", "full")[i % 2]) for i in range(10)]
    tasks = submitted(httpserver, *requests)
    assert [task["model_image"] for task in tasks] == [SIGNED.format(f"p{i}") for i in range(10)]
    assert [task["inferenceMode"] for task in tasks] == [0, 1] * 5


def test_the_ids_of_a_call(httpserver: HTTPServer) -> None:
    answering(httpserver, ACCEPTED)
    market = adapter(httpserver.url_for("/"))
    ids = [outcome.remote_id for outcome in market.submit([tryon(), tryon(), tryon()])]
    assert ids == ["abc#0", "abc#1", "abc#2"]
    assert {market.query_key(remote_id) for remote_id in ids} == {"abc"}


def test_what_cannot_be_expressed_stays_behind(httpserver: HTTPServer) -> None:
    seen = answering(httpserver, ACCEPTED)
    requests = [tryon(), tryon("dress", "top"), tryon("bottom")]
    outcomes = adapter(httpserver.url_for("/")).submit(requests)
    assert [o.remote_id for o in outcomes] == ["abc#0", "", "abc#1"]
    assert failure(outcomes[1]) == ("unsupported", "unsupported", "no")
    tasks = seen[0].json["data"]["task_list"]
    assert ["upper_image" in task for task in tasks] == [True, False]


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        (tryon("dress", "top"), "dress"),
        (tryon("hat"), "outfit"),
        (tryon(photo_type="drawn"), "flat or worn"),
        (tryon(samples=2), "how many"),
        (tryon(resolution=1024), "resolution"),
        (tryon(restore_face=False), "face"),
        (tryon(model="aitryon"), "no model"),
        (TryOnRequest("parse", "fast", image("person"), parts=("top",)), "no model"),
    ],
)
def test_what_cannot_be_expressed_is_not_sent(
    httpserver: HTTPServer, wanted: TryOnRequest, word: str
) -> None:
    outcome = one(adapter(httpserver.url_for("/")).submit([wanted]))
    assert failure(outcome) == ("unsupported", "unsupported", "no")
    assert word in str(outcome.error)
    assert not httpserver.log


def test_eleven_are_not_sent(httpserver: HTTPServer) -> None:
    outcomes = adapter(httpserver.url_for("/")).submit([tryon()] * 11)
    assert [failure(outcome)[2] for outcome in outcomes] == ["no"] * 11
    assert not httpserver.log


def test_an_image_without_an_address_is_not_sent(httpserver: HTTPServer) -> None:
    wanted = tryon(person=image("person", url=""))
    outcome = one(adapter(httpserver.url_for("/")).submit([wanted]))
    assert failure(outcome) == ("image_not_reachable", "unsupported", "no")
    assert "PUBLIC_BASE_URL" in str(outcome.error)
    assert not httpserver.log


def test_every_call_has_another_nonce(httpserver: HTTPServer) -> None:
    seen = answering(httpserver, ACCEPTED)
    market = adapter(httpserver.url_for("/"))
    market.submit([tryon()])
    market.submit([tryon()])
    market.poll(["abc#0"])
    assert len({request.headers["X-Ca-Nonce"] for request in seen}) == len(seen) == 3


# --- queries


def test_a_query(httpserver: HTTPServer) -> None:
    seen = answering(httpserver, WAITING)
    outcome = one(adapter(httpserver.url_for("/")).poll(["93be295cc7354d59bb6c3d12120f66c0#0"]))
    assert (outcome.state, outcome.remote_id) == ("pending", "93be295cc7354d59bb6c3d12120f66c0#0")
    [request] = seen
    assert (request.method, request.full_path) == ("POST", f"{QUERY}?")
    headers = {k: v for k, v in request.headers.items() if k not in TRANSPORT}
    assert headers.pop("X-Ca-Nonce")
    assert headers == {"Authorization": f"APPCODE {APPCODE}", "Content-Type": "application/json"}
    assert request.json == {"data": {"result_key": "93be295cc7354d59bb6c3d12120f66c0"}}


def test_several_images(httpserver: HTTPServer) -> None:
    outcome = polled(httpserver, of({"status": "SUCCESS", "results": RESULTS}))
    assert [i.url for i in outcome.images] == ["https://img.alicdn.com/abc.png"] * 4
    assert (outcome.state, outcome.usage, outcome.remote_id) == ("succeeded", 4, "k#0")


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("WAITING", "pending"),
        ("RUNNING", "running"),
        ("SOMETHING-NEW", "running"),
        (None, "running"),
    ],
)
def test_states(httpserver: HTTPServer, word: str | None, state: str) -> None:
    assert polled(httpserver, of({"status": word, "results": None})).state == state


def test_sub_tasks_end_apart(httpserver: HTTPServer) -> None:
    body = of(
        {"status": "SUCCESS", "results": ["https://h.example/0.jpg"]},
        {"status": "FAILED", "results": []},
        {"status": "RUNNING"},
    )
    seen = answering(httpserver, body)
    outcomes = adapter(httpserver.url_for("/")).poll(["k#2", "k#0", "k#1"])
    assert [outcome.state for outcome in outcomes] == ["running", "succeeded", "failed"]
    assert failure(outcomes[2]) == ("TaskFailed", "transient", "yes")
    assert outcomes[1].raw["task"]["results"] == ["https://h.example/0.jpg"]
    assert "h.example" not in str(outcomes[0].raw)  # another job's
    assert len(seen) == 1


def test_one_query_for_each_call(httpserver: HTTPServer) -> None:
    seen = answering(httpserver, of({"status": "RUNNING"}, {"status": "WAITING"}))
    outcomes = adapter(httpserver.url_for("/")).poll(["a#1", "b#0", "a#0"])
    assert [(o.remote_id, o.state) for o in outcomes] == [
        ("a#1", "pending"),
        ("b#0", "running"),
        ("a#0", "running"),
    ]
    assert [request.json["data"]["result_key"] for request in seen] == ["a", "b"]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ({}, ("TaskFailed", "transient")),
        ({"code": 0, "message": ""}, ("TaskFailed", "transient")),
        ({"code": "23500005", "message": "why"}, ("23500005", "content")),
        ({"code": 23500007, "error_msg": "why"}, ("23500007", "input")),
        ({"error_code": "23500006", "error": "why"}, ("23500006", "input")),
    ],
)
def test_a_failed_sub_task(
    httpserver: HTTPServer, reason: dict[str, Any], expected: tuple[str, str]
) -> None:
    outcome = polled(httpserver, of({"status": "FAILED", **reason}))
    assert failure(outcome) == (*expected, "yes")
    assert outcome.error is not None
    assert outcome.error.message == ("why" if "23500" in expected[0] else "")


@pytest.mark.parametrize("results", [None, [], "", [None, ""], ["abc"]])
def test_a_success_without_an_image(httpserver: HTTPServer, results: Any) -> None:
    outcome = polled(httpserver, of({"status": "SUCCESS", "results": results}))
    assert failure(outcome) == ("result_missing", "transient", "yes")


def test_one_address_instead_of_a_list(httpserver: HTTPServer) -> None:
    url = "http://x.oss-cn-hangzhou.aliyuncs.com/1.jpg?Expires=1"
    outcome = polled(httpserver, of({"status": "SUCCESS", "results": url}))
    assert [i.url for i in outcome.images] == [url.replace("http:", "https:")]
    assert outcome.raw["task"]["results"] == url.partition("?")[0]


@pytest.mark.parametrize("remote_id", ["k#1", "k#x", "k"])
def test_a_sub_task_that_is_not_there_is_lost(httpserver: HTTPServer, remote_id: str) -> None:
    assert polled(httpserver, of({"status": "SUCCESS"}), remote_id=remote_id).state == "lost"


def test_a_key_that_is_not_known_is_lost(httpserver: HTTPServer) -> None:
    body = {
        "code": "23500008",
        "message": "No records found related to the specified resultKey parameter",
        "success": False,
    }
    assert polled(httpserver, body, 400).state == "lost"


def test_the_body_counts_before_the_status(httpserver: HTTPServer) -> None:
    assert polled(httpserver, of({"status": "RUNNING"}), 500).state == "running"


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"code": "23500000", "message": "Internal server error"}, 500, "transient"),
        ({"code": "23500001", "message": "x"}, 401, "account"),
        ({"code": "23500004", "message": "x"}, 403, "throttled"),
        ({"code": "23500013", "message": "x"}, 400, "transient"),
        (of(), 200, "transient"),
        ({"code": 0, "data": None}, 200, "transient"),
        ({"code": 0, "data": {"task_list": {"results": []}}}, 200, "transient"),
        ("<html>Bad Gateway</html>", 502, "transient"),
        ("", 200, "transient"),
        ("[]", 200, "transient"),
    ],
)
def test_a_failed_query_proves_nothing_about_the_tasks(
    httpserver: HTTPServer, body: Any, status: int, kind: str
) -> None:
    answering(httpserver, body, status)
    outcomes = adapter(httpserver.url_for("/")).poll(["k#0", "k#1"])
    assert [failure(outcome)[1:] for outcome in outcomes] == [(kind, "no")] * 2
    assert [outcome.remote_id for outcome in outcomes] == ["k#0", "k#1"]


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("23500005", 403, "content"),
        ("23500006", 400, "input"),
        ("23500007", 400, "input"),
        ("23500011", 500, "transient"),
    ],
)
def test_an_answer_of_the_whole_call_is_each_ones(
    httpserver: HTTPServer, code: str, status: int, kind: str
) -> None:
    """A query sends no image: these can only speak of what was submitted."""
    answering(httpserver, {"code": code, "message": "why", "success": False}, status)
    outcomes = adapter(httpserver.url_for("/")).poll(["k#0", "k#1"])
    assert [failure(outcome) for outcome in outcomes] == [(code, kind, "yes")] * 2


# --- did it leave?


def test_silence_after_sending_may_be_accepted() -> None:
    with raw_server(None) as (root, got):
        outcomes = adapter(root, timeout_s=0.2).submit([tryon(), tryon()])
    assert [failure(o) for o in outcomes] == [("ReadTimeout", "transient", "maybe")] * 2
    assert len(got) == 1


def test_no_such_host_is_unsent() -> None:
    outcome = one(adapter("http://no-such-host.invalid").submit([tryon()]))
    assert failure(outcome)[1:] == ("transient", "no")


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ("", 200, ("unreadable_answer", "transient", "maybe")),
        (of({"status": "WAITING"}), 500, None),
        ({"code": 0, "data": {"task_list": []}}, 200, ("unreadable_answer", "transient", "maybe")),
        ({"code": "23500000", "message": "x"}, 200, ("23500000", "transient", "maybe")),
        ({"code": "23500013", "message": "x"}, 200, ("23500013", "input", "no")),
        ("<html>Bad Gateway</html>", 502, ("http_502", "transient", "maybe")),
        ("", 302, ("http_302", "account", "no")),
    ],
)  # fmt: skip
def test_what_an_answer_to_a_submit_proves(
    httpserver: HTTPServer, body: Any, status: int, expected: tuple[str, str, str] | None
) -> None:
    answering(httpserver, body, status)
    outcome = one(adapter(httpserver.url_for("/")).submit([tryon()]))
    if expected is None:
        assert (outcome.state, outcome.remote_id) == ("pending", "k#0")
    else:
        assert failure(outcome) == expected


def test_no_secret_in_the_outcome(httpserver: HTTPServer) -> None:
    url, key = SIGNED.format("person"), f"APPCODE {APPCODE}"
    message = f"cannot get {url} with {key}"
    body = {"code": "23500006", "message": message, "echo": [url, key]}
    answering(httpserver, json.dumps(body), 400, **{"X-Ca-Error-Message": message})
    market = adapter(httpserver.url_for("/"))
    for outcome in (*market.submit([tryon()]), *market.poll(["k#0"])):
        kept = f"{outcome!r} {outcome.error} {outcome.error!r} {dict(outcome.raw)}"
        assert "cannot get https://toile.example/" in kept
        assert "s3cr3t" not in kept
        assert APPCODE not in kept


def test_a_later_answer_can_be_asked_for(httpserver: HTTPServer) -> None:
    answering(httpserver, {"code": "23500004"}, 403, **{"Retry-After": "7"})
    assert one(adapter(httpserver.url_for("/")).submit([tryon()])).retry_after == 7


# --- what it is offered as


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"appcode": "", "base_url": "https://h.example"}, "ALIYUN_MARKET_APPCODE"),
        ({"appcode": "a b", "base_url": "https://h.example"}, "ALIYUN_MARKET_APPCODE"),
        ({"appcode": APPCODE, "base_url": ""}, "ALIYUN_MARKET_BASE_URL"),
        ({"appcode": APPCODE, "base_url": "h.example"}, "ALIYUN_MARKET_BASE_URL"),
    ],
)
def test_unavailable(options: dict[str, Any], word: str) -> None:
    assert word in AliyunMarket.unavailable_reason(options)


def test_available() -> None:
    options = {"appcode": APPCODE, "base_url": "https://h.example"}
    assert AliyunMarket.unavailable_reason(options) == ""


def test_capabilities() -> None:
    able = AliyunMarket.capabilities
    assert able.default_model("tryon") == "full"
    assert able.slots == {"top", "bottom", "dress"}
    assert (able.group_size, able.samples) == (10, 1)
    assert not any((able.keep_rest, able.refine, able.cancel, able.list))
    assert not any(model.in_task_list for model in able.models.values())


@pytest.mark.parametrize(
    "options",
    [
        {"inference_mode_names": ["mode"]},
        {"inference_mode_names": []},
    ],
)
def test_options_that_do_not_exist(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        adapter("https://h.example", **options)
