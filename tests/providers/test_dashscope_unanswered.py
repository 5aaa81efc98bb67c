"""Did a paid call leave? What DashScope's adapter says when the answer is missing or odd."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from pytest_httpserver import HTTPServer

from providers.contract import Outcome, ProviderError
from providers.dashscope.adapter import DashScope
from tests.providers.dashscope_calls import KEY, SIGNED, adapter, failure, one, tryon
from tests.providers.test_dashscope_wire import ACCEPTED, answering

# The quick start lacks a comma here: a reader must survive it, and not believe it refused.
ACCEPTED_OLD = """{
    "output": {
\t"task_id": "a8532587-fa8c-4ef8-82be-0c46b17950d1",
    \t"task_status": "PENDING"
    }
    "request_id": "7574ee8f-38a3-4b1e-9280-11c33ab46e51"
}"""


@contextmanager
def raw_server(answer: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """Takes connections; reads a request; writes `answer` and closes, or (None) says nothing."""
    got: list[bytes] = []
    done = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                got.append(connection.recv(65536))
                if answer is None:
                    done.wait(5)
                else:
                    connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", got
    finally:
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(2)


def submit_to(root: str, timeout_s: float = 5) -> Outcome:
    return one(adapter(root, timeout_s=timeout_s).submit([tryon()]))


def answered(server: HTTPServer, body: str, status: int = 200, **headers: str) -> Outcome:
    answering(server, body, status, **headers)
    return submit_to(server.url_for("/"))


def test_it_works(httpserver: HTTPServer) -> None:
    assert answered(httpserver, ACCEPTED).state == "pending"


def test_connection_refused_is_unsent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert failure(submit_to(f"http://127.0.0.1:{port}"))[1:] == ("transient", "no")


def test_no_such_host_is_unsent() -> None:
    assert failure(submit_to("http://no-such-host.invalid"))[1:] == ("transient", "no")


def test_no_route_in_time_is_unsent(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", never)
    assert failure(submit_to("http://127.0.0.1:9"))[1:] == ("transient", "no")


def test_a_key_that_cannot_be_a_header_is_unsent(httpserver: HTTPServer) -> None:
    bad = DashScope(api_key="sk-键", base_url=httpserver.url_for("/"))
    assert failure(one(bad.submit([tryon()])))[2] == "no"
    assert not httpserver.log


def test_silence_after_sending_may_be_accepted() -> None:
    with raw_server(None) as (root, got):
        assert failure(submit_to(root, timeout_s=0.2)) == ("ReadTimeout", "transient", "maybe")
    assert len(got) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"not http at all\r\n\r\n",
    ],
)
def test_a_broken_connection_may_be_accepted_and_is_not_repeated(answer: bytes) -> None:
    with raw_server(answer) as (root, got):
        assert failure(submit_to(root))[1:] == ("transient", "maybe")
    assert len(got) == 1


def test_an_answer_that_is_too_long_is_given_up() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n"
    with raw_server(head + b" " * 2_500_000) as (root, _):
        assert failure(submit_to(root))[1:] == ("transient", "maybe")


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (ACCEPTED_OLD, 200, ("unreadable_answer", "transient", "maybe")),
        ("<html>hello</html>", 200, ("unreadable_answer", "transient", "maybe")),
        ("{}", 200, ("unreadable_answer", "transient", "maybe")),
        ('{"output": {"task_status": "X"}}', 200, ("unreadable_answer", "transient", "maybe")),
        ("<html>Bad Gateway</html>", 502, ("http_502", "transient", "maybe")),
        ('{"code":"InternalError","message":"x"}', 500, ("InternalError", "transient", "maybe")),
        ('{"code":"RequestTimeOut","message":"x"}', 408, ("RequestTimeOut", "transient", "maybe")),
        ("<html>Request Timeout</html>", 408, ("http_408", "transient", "maybe")),
        ("<html>Forbidden</html>", 403, ("http_403", "account", "no")),
        ("", 302, ("http_302", "account", "no")),
        ("", 429, ("http_429", "throttled", "no")),
        ('{"code":"InvalidParameter","msg":"why"}', 200, ("InvalidParameter", "input", "no")),
        ('{"code":"InternalError","message":"x"}', 200, ("InternalError", "transient", "maybe")),
        ('{"error":{"code":"invalid_api_key"}}', 401, ("invalid_api_key", "account", "no")),
    ],
)  # fmt: skip
def test_what_an_answer_without_a_task_proves(
    httpserver: HTTPServer, body: str, status: int, expected: tuple[str, str, str]
) -> None:
    assert failure(answered(httpserver, body, status)) == expected


def test_an_error_with_a_task_id_was_accepted(httpserver: HTTPServer) -> None:
    body = '{"code":"InternalError","output":{"task_id":"t-9","task_status":"PENDING"}}'
    outcome = answered(httpserver, body, 500)
    assert (outcome.state, outcome.remote_id) == ("pending", "t-9")


def test_a_task_of_unknown_status_was_accepted(httpserver: HTTPServer) -> None:
    outcome = answered(httpserver, '{"output":{"task_id":"t-9","task_status":"UNKNOWN"}}')
    assert (outcome.state, outcome.remote_id) == ("pending", "t-9")


def test_a_redirect_is_not_followed(httpserver: HTTPServer) -> None:
    outcome = answered(httpserver, "", 302, Location=httpserver.url_for("/elsewhere"))
    assert failure(outcome)[2] == "no"
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    ("name", "value", "seconds"),
    [("Retry-After", "7", 7), ("Retry-After", "soon", None), ("Retry-After-Ms", "250", 0.25)],
)
def test_retry_after(httpserver: HTTPServer, name: str, value: str, seconds: float | None) -> None:
    outcome = answered(httpserver, '{"code":"Throttling"}', 429, **{name: value})
    assert outcome.retry_after == seconds


def test_retry_after_as_a_date(httpserver: HTTPServer) -> None:
    at = (datetime.now(UTC) + timedelta(seconds=60)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    outcome = answered(httpserver, "", 429, **{"Retry-After": at})
    assert outcome.retry_after == pytest.approx(60, abs=3)


def test_the_request_id_is_in_the_outcome(httpserver: HTTPServer) -> None:
    outcome = answered(httpserver, "<html>", 502, **{"X-Request-Id": "r-77"})
    assert outcome.raw["request_id"] == "r-77"


def test_no_secret_in_the_outcome(httpserver: HTTPServer) -> None:
    url = SIGNED.format("person")
    body = (
        f'{{"code":"InvalidURL","message":"cannot get {url} with {KEY}","echo":["{url}","{KEY}"]}}'
    )
    outcome = answered(httpserver, body, 400)
    kept = f"{outcome!r} {outcome.error} {outcome.error!r} {dict(outcome.raw)}"
    assert "cannot get https://toile.example/" in kept
    assert "s3cr3t" not in kept
    assert KEY not in kept


def test_no_secret_is_in_a_lost_answer() -> None:
    with raw_server(b"") as (root, _):
        outcome = submit_to(root)
    error: BaseException | None = outcome.error
    while error is not None:
        assert not hasattr(error, "request")  # which has the key in its headers
        assert "s3cr3t" not in repr(error)
        error = error.__cause__ or error.__context__


def test_listing_raises(httpserver: HTTPServer) -> None:
    answering(httpserver, '{"code":"Throttling","message":"x"}', 429)
    with pytest.raises(ProviderError) as caught:
        adapter(httpserver.url_for("/")).recent(datetime.now(UTC), datetime.now(UTC))
    assert (caught.value.kind, caught.value.sent) == ("throttled", "no")
