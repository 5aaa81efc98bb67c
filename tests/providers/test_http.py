"""What every provider's exchange shares."""

from __future__ import annotations

import os
import threading

import pytest

from jobs.providers.http import Sessions, plain, retry_after, without_secrets


def test_it_works() -> None:
    local = Sessions()
    assert local.session is local.session


def test_each_thread_has_a_session() -> None:
    local, found = Sessions(), []
    thread = threading.Thread(target=lambda: found.append(local.session))
    thread.start()
    thread.join()
    assert found[0] is not local.session


def test_a_forked_worker_has_a_session_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert plain(text) == kept


def test_answers_are_kept_without_secrets() -> None:
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
    assert retry_after(headers) == seconds
