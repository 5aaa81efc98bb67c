"""The contract that every adapter passes: the same cases, in each provider's own bytes.

A provider's class has its answers (`FakeAnswer`); the tests are inherited and assert the whole
Outcome. Reading the documented fields to the letter is left to each adapter's own tests.
"""

from __future__ import annotations

import json
import math
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from providers.contract import Kind, Outcome, Provider, Sent, State, TryOnRequest
from tests.providers.test_dashscope_unanswered import raw_server
from tests.providers.test_dashscope_wire import ANY_PATH

# The query string of our own addresses, and of the provider's results.
SIGNED, RESULT_SIGNED = "s3cr3t", "res5igned"
RESULT = "https://results.example/{}.jpg?Expires=1&Signature=" + RESULT_SIGNED


@dataclass(frozen=True)
class FakeAnswer:
    """One answer of a provider."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        data = self.body if isinstance(self.body, str | bytes) else json.dumps(self.body)
        return Response(data, self.status, {"Content-Type": "application/json", **self.headers})


NOT_JSON = FakeAnswer("<html><body>hello</body></html>")
GATEWAY = FakeAnswer("<html><head><title>502 Bad Gateway</title></head></html>", 502)
# Undocumented answers: every one of them must become an outcome.
HOSTILE = [
    "",
    "null",
    "[]",
    "7",
    "{",
    "{}",
    "\x00",
    b"\xff\xfe{}",
    '{"a":' * 900 + "1" + "}" * 900,
    "[" * 5000 + "]" * 5000,
    '{"usage":{"image_count":1e400},"code":NaN}',
    '{"usage":Infinity,"output":null,"data":null,"code":null,"message":null}',
    '{"output":7,"data":7,"code":7,"message":7,"usage":7}',
    '{"output":[],"data":[],"code":[],"message":[],"usage":[]}',
    '{"output":{},"data":{},"code":{},"message":{},"usage":{}}',
    '{"code":"\\ud800","message":"\\u0000 a\\ud800"}',
    '{"code":"' + "x" * 5000 + '","message":"' + "y" * 5000 + '"}',
]


def serve_answers(server: HTTPServer, *answers: FakeAnswer) -> None:
    """Answer these in turn, and the last for ever; `server.log` has the requests."""
    turns = [one.response() for one in answers]

    def next_answer(_: Any) -> Response:
        return turns.pop(0) if len(turns) > 1 else turns[0]

    server.expect_request(ANY_PATH).respond_with_handler(next_answer)


def check(outcome: Outcome, secrets: Sequence[str] = ()) -> None:
    """What is true of every outcome, whatever was answered."""
    assert outcome.state in get_args(State)
    assert (outcome.error is not None) == (outcome.state == "failed")
    assert bool(outcome.images) == (outcome.state == "succeeded")
    assert all(bool(image.url) != bool(image.data) for image in outcome.images)
    assert outcome.usage is None or outcome.usage >= 0
    wait = outcome.retry_after
    assert wait is None or (math.isfinite(wait) and 0 <= wait <= 24 * 3600)
    kept = f"{outcome!r} {dict(outcome.raw)} {outcome.warnings}"
    if error := outcome.error:
        assert error.kind in get_args(Kind)
        assert error.sent in get_args(Sent)
        assert error.code
        assert len(error.code) <= 100
        assert len(error.message) <= 300
        # What requests raised has the whole request, with the key, in it.
        assert error.__cause__ is None
        assert not hasattr(error.__context__, "request")
        kept += f" {error} {error!r} {error.args} {error.__context__!r}"
        _check_text(error.code + error.message)
    # It goes into a database column of JSON, which takes neither NaN nor NUL.
    _check_text(json.dumps(outcome.raw, allow_nan=False, ensure_ascii=False))
    assert "\\u0000" not in json.dumps(outcome.raw)
    for secret in (*secrets, SIGNED, RESULT_SIGNED):
        assert secret not in kept


def _check_text(text: str) -> None:
    text.encode()
    assert "\x00" not in text


class Contract:
    """What holds for the one call that a submit makes."""

    secrets: tuple[str, ...] = ()
    accepted: FakeAnswer
    throttled: FakeAnswer
    broken: FakeAnswer
    refused: FakeAnswer
    account: FakeAnswer

    def adapter(self, root: str, **options: Any) -> Provider:
        raise NotImplementedError

    def request(self) -> TryOnRequest:
        raise NotImplementedError

    def unsupported(self) -> Sequence[TryOnRequest]:
        raise NotImplementedError

    def answer_with_text(self, text: str) -> FakeAnswer:
        """A refusal that says this, as its message and wherever else."""
        raise NotImplementedError

    def submitted(self, server: HTTPServer, answer: FakeAnswer) -> Outcome:
        serve_answers(server, answer)
        [outcome] = self.adapter(server.url_for("")).submit([self.request()])
        assert len(server.log) == 1  # sent once, whatever was answered
        check(outcome, self.secrets)
        assert not answer.body or outcome.raw["status"] == answer.status
        return outcome

    def failed(self, outcome: Outcome) -> tuple[str, str]:
        check(outcome, self.secrets)
        assert (outcome.state, outcome.remote_id, outcome.error is not None) == ("failed", "", True)
        assert outcome.error is not None
        return outcome.error.kind, outcome.error.sent

    @pytest.fixture(autouse=True)
    def _nothing_secret_is_logged(
        self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> Any:
        """Nor does a ~/.netrc take the place of the key."""
        (tmp_path / ".netrc").write_text("default login who password knows\n")
        (tmp_path / ".netrc").chmod(0o600)
        monkeypatch.setenv("HOME", str(tmp_path))
        caplog.set_level("DEBUG")
        yield
        ours = [r.getMessage() for r in caplog.records if not r.name.startswith("werkzeug")]
        for secret in (*self.secrets, SIGNED, RESULT_SIGNED, "sign="):
            assert secret not in "\n".join(ours)

    # --- what was answered

    def test_it_works(self, httpserver: HTTPServer) -> None:
        outcome = self.submitted(httpserver, self.accepted)
        assert (outcome.state, outcome.error, outcome.images) == ("pending", None, ())
        assert outcome.remote_id

    def test_throttled(self, httpserver: HTTPServer) -> None:
        assert self.failed(self.submitted(httpserver, self.throttled)) == ("throttled", "no")

    def test_a_fault_inside_the_provider(self, httpserver: HTTPServer) -> None:
        assert self.failed(self.submitted(httpserver, self.broken)) == ("transient", "maybe")

    def test_refused(self, httpserver: HTTPServer) -> None:
        assert self.failed(self.submitted(httpserver, self.refused)) == ("input", "no")

    def test_refused_for_the_account(self, httpserver: HTTPServer) -> None:
        assert self.failed(self.submitted(httpserver, self.account)) == ("account", "no")

    def test_not_json(self, httpserver: HTTPServer) -> None:
        assert self.failed(self.submitted(httpserver, NOT_JSON)) == ("transient", "maybe")

    def test_a_gateways_error(self, httpserver: HTTPServer) -> None:
        assert self.failed(self.submitted(httpserver, GATEWAY)) == ("transient", "maybe")

    @pytest.mark.parametrize(("status", "sent"), [(200, "maybe"), (400, "no"), (500, "maybe")])
    def test_undocumented_answers(self, httpserver: HTTPServer, status: int, sent: str) -> None:
        """Without a word that refuses, only a status of 4xx proves that nothing began."""
        for body in HOSTILE:
            kind, proven = self.failed(self.submitted(httpserver, FakeAnswer(body, status)))
            if "7" not in str(body) and "code" not in str(body):  # a code is a word
                assert (proven, kind) == (sent, "input" if status == 400 else "transient"), body
            httpserver.clear()

    def test_any_wait(self, httpserver: HTTPServer) -> None:
        for value in ("9" * 400, "1e400", "-1", "soon", "", "9999999999"):
            answer = FakeAnswer(self.throttled.body, self.throttled.status, {"Retry-After": value})
            self.submitted(httpserver, answer)
            httpserver.clear()

    def test_the_providers_wait(self, httpserver: HTTPServer) -> None:
        answer = FakeAnswer(self.throttled.body, self.throttled.status, {"Retry-After": "7"})
        assert self.submitted(httpserver, answer).retry_after == 7

    # --- what was not

    def test_connection_refused(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        [outcome] = self.adapter(f"http://127.0.0.1:{port}").submit([self.request()])
        assert self.failed(outcome) == ("transient", "no")

    def test_no_connection_in_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def never(*_: object) -> None:
            raise TimeoutError

        monkeypatch.setattr(socket.socket, "connect", never)
        [outcome] = self.adapter("http://127.0.0.1:9").submit([self.request()])
        assert self.failed(outcome) == ("transient", "no")

    def test_no_answer_in_time(self) -> None:
        with raw_server(None) as (root, got):
            [outcome] = self.adapter(root, timeout_s=0.2).submit([self.request()])
        assert self.failed(outcome) == ("transient", "maybe")
        assert len(got) == 1

    @pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"])
    def test_dropped_after_accepting(self, start: bytes) -> None:
        with raw_server(start) as (root, got):
            [outcome] = self.adapter(root).submit([self.request()])
        assert self.failed(outcome) == ("transient", "maybe")
        assert len(got) == 1

    # --- what is not sent

    def test_unsupported(self, httpserver: HTTPServer) -> None:
        serve_answers(httpserver, self.accepted)
        for request in self.unsupported():
            [outcome] = self.adapter(httpserver.url_for("")).submit([request])
            assert self.failed(outcome) == ("unsupported", "no"), request
        assert not httpserver.log

    def test_no_request_is_no_call(self, httpserver: HTTPServer) -> None:
        serve_answers(httpserver, self.accepted)
        provider = self.adapter(httpserver.url_for(""))
        assert (provider.submit([]), provider.poll([])) == ([], [])
        assert not httpserver.log

    def test_one_outcome_per_request_in_order(self, httpserver: HTTPServer) -> None:
        second = json.dumps(self.accepted.body).replace("t-1", "t-2")
        serve_answers(httpserver, self.accepted, FakeAnswer(second))
        wanted = [self.request(), *self.unsupported(), self.request()]
        first, *others, last = self.adapter(httpserver.url_for("")).submit(wanted)
        assert len(others) == len(wanted) - 2
        for outcome in (first, *others, last):
            check(outcome, self.secrets)
        assert {outcome.state for outcome in others} == {"failed"}
        assert first.state == last.state != "failed"
        ids = [first.remote_id, last.remote_id]
        assert ids == sorted(set(ids)) or not any(ids)

    # --- what is not kept

    def test_no_secret_in_the_outcome(self, httpserver: HTTPServer) -> None:
        person = self.request().person.url
        for secret in self.secrets:
            text = f"cannot get {person} or /files/a.jpg?sig={SIGNED} as {secret} or key={secret}"
            answer = self.answer_with_text(text)
            outcome = self.submitted(httpserver, answer)
            assert outcome.error is not None
            assert outcome.error.message.startswith("cannot get https://toile.example/")
            httpserver.clear()

    def test_nothing_secret_is_in_what_cannot_be_read(self, httpserver: HTTPServer) -> None:
        for secret in self.secrets:
            text = f"<html>{secret} {self.request().person.url} sign={secret}"
            self.submitted(httpserver, FakeAnswer(text, 502, {"X-Ca-Error-Message": text}))
            httpserver.clear()


class TaskContract(Contract):
    """What holds where a submit begins a task that is asked after."""

    remote_id = "t-1"
    pending: FakeAnswer
    running: FakeAnswer
    unknown_word: FakeAnswer
    succeeded: FakeAnswer
    failed_task: FakeAnswer
    images = 1
    usage: int | None = 1

    def polled(self, server: HTTPServer, answer: FakeAnswer) -> Outcome:
        serve_answers(server, answer)
        [outcome] = self.adapter(server.url_for("")).poll([self.remote_id])
        assert len(server.log) == 1
        check(outcome, self.secrets)
        assert outcome.remote_id == self.remote_id
        return outcome

    def failed_query_kind(self, outcome: Outcome) -> str:
        """The kind of a question that failed; of the task it says nothing."""
        check(outcome, self.secrets)
        assert (outcome.state, outcome.remote_id) == ("failed", self.remote_id)
        assert outcome.error is not None
        assert outcome.error.sent == "no"
        return outcome.error.kind

    def test_pending(self, httpserver: HTTPServer) -> None:
        assert self.polled(httpserver, self.pending).state == "pending"

    def test_running(self, httpserver: HTTPServer) -> None:
        assert self.polled(httpserver, self.running).state == "running"

    def test_an_unknown_status_means_running(self, httpserver: HTTPServer) -> None:
        assert self.polled(httpserver, self.unknown_word).state == "running"

    def test_succeeded(self, httpserver: HTTPServer) -> None:
        outcome = self.polled(httpserver, self.succeeded)
        assert (outcome.state, outcome.error, outcome.usage) == ("succeeded", None, self.usage)
        expected = [RESULT.format(n) for n in range(self.images)]
        assert [image.url for image in outcome.images] == expected  # signed, to be downloaded

    def test_a_failed_task(self, httpserver: HTTPServer) -> None:
        outcome = self.polled(httpserver, self.failed_task)
        assert outcome.state == "failed"
        assert outcome.error is not None
        assert (outcome.error.kind, outcome.error.sent) == ("input", "yes")
        assert not outcome.usage

    @pytest.mark.parametrize(
        ("name", "kind"),
        [("throttled", "throttled"), ("broken", "transient"), ("account", "account")],
    )
    def test_a_question_that_failed(self, httpserver: HTTPServer, name: str, kind: str) -> None:
        assert self.failed_query_kind(self.polled(httpserver, getattr(self, name))) == kind

    @pytest.mark.parametrize("answer", [NOT_JSON, GATEWAY])
    def test_a_query_without_a_readable_answer(
        self, httpserver: HTTPServer, answer: FakeAnswer
    ) -> None:
        assert self.failed_query_kind(self.polled(httpserver, answer)) == "transient"

    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_an_undocumented_answer(self, httpserver: HTTPServer, status: int) -> None:
        for body in HOSTILE:
            assert self.failed_query_kind(self.polled(httpserver, FakeAnswer(body, status)))
            httpserver.clear()

    def test_an_address_that_is_none(self, httpserver: HTTPServer) -> None:
        for url in ("http://[oops", "https://h:port/x", "://", "x" * 9000):
            answer = json.dumps(self.succeeded.body).replace(RESULT.format(0), url)
            self.polled(httpserver, FakeAnswer(answer))
            httpserver.clear()

    def test_a_question_that_is_not_answered(self) -> None:
        with raw_server(b"") as (root, _):
            [outcome] = self.adapter(root).poll([self.remote_id])
        assert self.failed_query_kind(outcome) == "transient"
        with raw_server(None) as (root, _):
            [outcome] = self.adapter(root, timeout_s=0.2).poll([self.remote_id])
        assert self.failed_query_kind(outcome) == "transient"

    def test_a_question_that_did_not_leave(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        [outcome] = self.adapter(f"http://127.0.0.1:{port}").poll([self.remote_id])
        assert self.failed_query_kind(outcome) == "transient"
