"""What every provider's exchange shares."""

from __future__ import annotations

import os
import threading

import pytest

from providers.http_client import (
    Answer,
    Sessions,
    decode_json,
    prefer_https,
    redacted_line,
    without_secrets,
)


def test_it_works() -> None:
    local = Sessions()
    assert local.session is local.session


def test_each_thread_has_a_session() -> None:
    local, found = Sessions(), []
    thread = threading.Thread(target=lambda: found.append(local.session))
    thread.start()
    thread.join()
    assert found[0] is not local.session


def test_a_forked_worker_has_another_session(monkeypatch: pytest.MonkeyPatch) -> None:
    local = Sessions()
    before = local.session
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert local.session is not before


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("see https://h.example/a/b.jpg?sig=1 now", "see https://h.example/… now"),
        ("oss://bucket/key and http://h", "oss://bucket/… and http://h/…"),
        ("Incorrect key: sk-abcdef0123", "Incorrect key: ***"),
        ("with APPCODE 0123456789abcdef", "with ***"),
        ("the APPCODE header is missing", "the APPCODE header is missing"),
        ("two\n  lines", "two lines"),
        ("x" * 400, "x" * 300),
    ],
)
def test_messages(text: str, kept: str) -> None:
    assert redacted_line(text) == kept


def test_answers_lose_their_secrets() -> None:
    answer = {"a": ["http://h/x.jpg?sig=1#f", 7, None], "b": {"c": "key sk-abcdef0123"}}
    assert without_secrets(answer) == {"a": ["http://h/x.jpg", 7, None], "b": {"c": "key ***"}}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after-ms": "500", "retry-after": "9"}, 0.5),
        ({"retry-after": "-3"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert Answer(429, headers, None, "").retry_after == seconds


def test_what_no_database_takes_is_left_out() -> None:
    said = decode_json('{"a": "\\u0000x\\ud800", "b": [1e400, NaN, 1.5], "\\u0000": 1}')
    assert said == {"a": "x?", "b": [None, None, 1.5], "": 1}


@pytest.mark.parametrize("text", ["", "{", "[" * 60 + "]" * 60, '{"a":' * 5000])
def test_what_cannot_be_read(text: str) -> None:
    assert decode_json(text) is None


@pytest.mark.parametrize("url", ["http://[oops", "", "not an address"])
def test_what_is_no_address_stays_as_it_is(url: str) -> None:
    assert prefer_https(url) == url


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("GET /files/a.jpg?sig=1&e=2 failed", "GET /files/a.jpg failed"),
        ("url=https%3A%2F%2Fh%2Fa.jpg%3Fsig%3D1", "url=https%3A%2F%2Fh%2Fa.jpg"),
        ("why? a=b", "why? a=b"),
    ],
)
def test_queries_of_addresses_without_a_beginning(text: str, kept: str) -> None:
    assert redacted_line(text) == kept
    assert without_secrets({"m": text}) == {"m": kept}
