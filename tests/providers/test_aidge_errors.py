"""Every row of the documented error table, by its literal code and message, and the gateway's."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from providers.aidge.errors import kind_of
from tests.providers.aidge_calls import SECRET, SIGNED, adapter, tryon
from tests.providers.dashscope_calls import failure, one
from tests.providers.test_aidge_wire import VECTOR, part, with_word
from tests.providers.test_dashscope_unanswered import raw_server
from tests.providers.test_dashscope_wire import answering

EXHAUSTED = "Sorry, your calling resources have been exhausted, please purchase."

# The table of the submit reference; the rows 801 and 1000 are other versions' of it.
ROWS = [
    (500, "system error", "transient"),
    (501, "rate limit exceed", "throttled"),
    (700, "invalid input", "input"),
    (700, "invalid input: generateCount must be between 1 and 8", "input"),
    (701, "Clothing image dowloading failed, please try another input", "input"),
    (703, "Input clothes image resoulution low, please try other image", "input"),
    (
        707,
        "Input clothing image is not a complete flat lay. Please try another image.",
        "input",
    ),
    (801, "model failed", "transient"),
    (1000, "sensitive data", "content"),
    (1001, "content control failed, please retry", "content"),
    (1002, "content risk filter failed, please contact us", "content"),
]
# Neither documented nor seen; the names are those of sibling gateways.
GATEWAY = [
    ("ISV", "IncompleteSignature", "account"),
    ("ISV", "InvalidSignature", "account"),
    ("ISV", "IllegalTimestamp", "account"),
    ("ISV", "InvalidAppKey", "account"),
    ("ISV", "AppKeyNotExist", "account"),
    ("ISV", "InsufficientPermission", "account"),
    ("ISV", "AppWhiteIpLimit", "account"),
    ("AppWhiteIpLimit", "15", "account"),
    ("ISV", "ApiCallLimit", "throttled"),
    ("ISV", "AppCallLimit", "throttled"),
    ("AppCallLimit", 7, "throttled"),
    ("ISV", "MissingParameter", "input"),
    ("ISV", "InvalidParameter", "input"),
    ("ISV", "SomethingNew", "input"),
    ("ISP", "SomethingNew", "transient"),
    ("SYSTEM", "SomethingNew", "transient"),
]


def answer_of(code: Any, message: str) -> dict[str, Any]:
    return {"resCode": code, "resMessage": message, "success": False, "requestId": "r", "code": "0"}


def submit(
    server: HTTPServer, body: str | dict[str, Any], status: int = 200, **headers: str
) -> Any:
    answering(server, body, status, **headers)
    return one(adapter(server.url_for("")).submit([tryon()]))


def poll(server: HTTPServer, body: str | dict[str, Any], status: int = 200) -> Any:
    answering(server, body, status)
    return one(adapter(server.url_for("")).poll(["t"]))


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(("code", "message", "kind"), ROWS)
def test_it_works(
    httpserver: HTTPServer, code: int, message: str, kind: str, as_text: bool
) -> None:
    """At submit an explicit refusal proves that nothing began; a fault of the system does not."""
    outcome = submit(httpserver, answer_of(str(code) if as_text else code, message))
    assert failure(outcome) == (str(code), kind, "maybe" if kind == "transient" else "no")
    assert (outcome.error.message, outcome.error.status) == (message, 200)
    assert outcome.raw["requestId"] == "r"


@pytest.mark.parametrize(("code", "message", "kind"), ROWS)
def test_the_same_row_in_a_failed_task(
    httpserver: HTTPServer, code: int, message: str, kind: str
) -> None:
    outcome = poll(httpserver, with_word("failed") | answer_of(code, message))
    expected = kind if kind in ("input", "content") else "transient"
    assert failure(outcome) == (str(code), expected, "yes")


@pytest.mark.parametrize(("code", "message", "kind"), ROWS)
def test_the_same_row_in_a_failed_part(
    httpserver: HTTPServer, code: int, message: str, kind: str
) -> None:
    failed = part("failed", resCode=code, resMessage=message)
    outcome = poll(httpserver, with_word("failed", taskResult=[failed]))
    expected = kind if kind in ("input", "content") else "transient"
    assert failure(outcome) == (str(code), expected, "yes")


@pytest.mark.parametrize(
    ("code", "kind", "sent"),
    [
        # A rate limit is for the one who asks, and so is a system error; the task goes on.
        (500, "transient", "no"),
        (501, "throttled", "no"),
        (700, "transient", "no"),
        # The others can only mean the task's own images.
        (703, "input", "yes"),
        (801, "transient", "yes"),
        (1002, "content", "yes"),
    ],
)
def test_a_rule_for_an_answer_without_a_status(
    httpserver: HTTPServer, code: int, kind: str, sent: str
) -> None:
    outcome = poll(httpserver, answer_of(code, "x"))
    assert failure(outcome) == (str(code), kind, sent)


@pytest.mark.parametrize(("type_", "code", "kind"), GATEWAY)
def test_the_gateways_shape(httpserver: HTTPServer, type_: str, code: Any, kind: str) -> None:
    body = {"type": type_, "code": code, "message": "why", "request_id": "r"}
    outcome = submit(httpserver, body)
    assert failure(outcome) == (str(code), kind, "maybe" if kind == "transient" else "no")
    assert outcome.error.message == "why"


@pytest.mark.parametrize(("type_", "code", "kind"), GATEWAY)
def test_the_gateway_proves_nothing_about_a_task(
    httpserver: HTTPServer, type_: str, code: Any, kind: str
) -> None:
    body = {"type": type_, "code": code, "message": "why", "request_id": "r"}
    expected = "transient" if kind == "input" else kind
    assert failure(poll(httpserver, body)) == (str(code), expected, "no")


@pytest.mark.parametrize(
    "body",
    [
        answer_of(500, EXHAUSTED),
        answer_of(501, EXHAUSTED),
        {"type": "ISV", "code": "AppCallLimit", "message": EXHAUSTED},
        {"success": False, "resMessage": EXHAUSTED},
        {"success": False, "resCode": 200, "resMessage": EXHAUSTED},
    ],
)
def test_no_quota_is_left_in_whichever_shape(httpserver: HTTPServer, body: dict[str, Any]) -> None:
    assert failure(submit(httpserver, body))[1:] == ("account", "no")


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ("<html>hello</html>", 200, ("unreadable_answer", "transient", "maybe")),
        ("{}", 200, ("unreadable_answer", "transient", "maybe")),
        ('{"resCode":200,"data":{}}', 200, ("unreadable_answer", "transient", "maybe")),
        ("<html>Bad Gateway</html>", 502, ("http_502", "transient", "maybe")),
        ("<html>Request Timeout</html>", 408, ("http_408", "transient", "maybe")),
        ("<html>Forbidden</html>", 403, ("http_403", "account", "no")),
        ("", 302, ("http_302", "account", "no")),
        ("", 429, ("http_429", "throttled", "no")),
        # The code counts before the status, of which nothing is documented.
        ('{"resCode":501,"resMessage":"rate limit exceed"}', 501, ("501", "throttled", "no")),
        ('{"resCode":703,"resMessage":"x"}', 500, ("703", "input", "no")),
        ('{"code":"SomethingNew"}', 401, ("SomethingNew", "account", "no")),
        ('{"resCode":999,"resMessage":"x"}', 200, ("999", "transient", "maybe")),
    ],
)  # fmt: skip
def test_what_an_answer_without_a_task_proves(
    httpserver: HTTPServer, body: str, status: int, expected: tuple[str, str, str]
) -> None:
    assert failure(submit(httpserver, body, status)) == expected


@pytest.mark.parametrize("body", ["<html>", "", "[]", '{"data": null}', '{"data": "{"}'])
def test_an_unreadable_answer_to_a_question(httpserver: HTTPServer, body: str) -> None:
    assert failure(poll(httpserver, body))[1:] == ("transient", "no")


def test_a_throttle_is_waited_out(httpserver: HTTPServer) -> None:
    """Three requests a minute were seen to be let through: ask again in a third of one."""
    assert submit(httpserver, answer_of(501, "rate limit exceed")).retry_after == 20
    assert poll(httpserver, answer_of(501, "rate limit exceed")).retry_after == 20


def test_the_answers_wait_comes_first(httpserver: HTTPServer) -> None:
    answer = answer_of(501, "rate limit exceed")
    assert submit(httpserver, answer, **{"Retry-After": "7"}).retry_after == 7


def test_other_refusals_name_no_wait(httpserver: HTTPServer) -> None:
    assert submit(httpserver, answer_of(703, "x")).retry_after is None


def test_connection_refused_is_unsent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    outcome = one(adapter(f"http://127.0.0.1:{port}").submit([tryon()]))
    assert failure(outcome)[1:] == ("transient", "no")


def test_silence_after_sending_may_be_accepted() -> None:
    with raw_server(None) as (root, got):
        outcome = one(adapter(root, timeout_s=0.2).submit([tryon()]))
    assert failure(outcome) == ("ReadTimeout", "transient", "maybe")
    assert len(got) == 1


def test_silence_to_a_question_is_no_ones_fault() -> None:
    with raw_server(b"") as (root, _):
        outcome = one(adapter(root).poll(["t"]))
    assert failure(outcome)[1:] == ("transient", "no")


def test_no_secret_in_the_outcome(httpserver: HTTPServer) -> None:
    """The address is all that is needed to ask again in our name."""
    url = f"https://api.example/rest/x?app_key=512345&sign={VECTOR}"
    photo = SIGNED.format("person")
    message = f"cannot get {photo} for {url} signed {VECTOR}"
    outcome = submit(httpserver, answer_of(701, message) | {"echo": [url, photo, f"sign={VECTOR}"]})
    kept = f"{outcome!r} {outcome.error} {outcome.error!r} {dict(outcome.raw)}"
    assert "cannot get https://toile.example/" in kept
    for secret in (VECTOR, "s3cr3t", SECRET):
        assert secret not in kept


def test_no_address_is_in_a_lost_answer() -> None:
    with raw_server(b"") as (root, got):
        outcome = one(adapter(root).submit([tryon()]))
    assert b"sign=" in got[0]
    error: BaseException | None = outcome.error
    while error is not None:
        assert not hasattr(error, "request")  # which has the signed address
        assert "sign" not in repr(error)
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(("code", "type_"), [("", ""), ("999", ""), ("SomethingNew", "")])
def test_an_unlisted_code_has_no_kind(code: str, type_: str) -> None:
    assert kind_of(code, type_, "x") is None
