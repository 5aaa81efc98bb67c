"""A form posted twice acts once, also where both come at one moment."""

from __future__ import annotations

import os
import threading
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import RequestFactory

from portal.form_tokens import is_valid, new_token, run_once
from tests.factories import make_user


def request_of(user: User, key: str | None = None) -> Any:
    """As a browser sends it that has this session."""
    request = RequestFactory().post("/")
    request.user = user
    store = import_module(settings.SESSION_ENGINE).SessionStore(key)
    if key is None:
        store.create()
    request.session = store
    return request


@pytest.mark.django_db
def test_it_works() -> None:
    request, token, done = request_of(make_user()), new_token(), list[str]()

    def act() -> str:
        done.append("x")
        return f"/batches/{len(done)}/"

    assert is_valid(token)
    assert run_once(request, token, act) == run_once(request, token, act) == "/batches/1/"
    assert run_once(request, new_token(), act) == "/batches/2/"


@pytest.mark.django_db
def test_what_fails_may_be_tried_again() -> None:
    request, token = request_of(make_user()), new_token()

    def fails() -> str:
        raise ValueError

    with pytest.raises(ValueError):
        run_once(request, token, fails)
    assert run_once(request, token, lambda: "/there/") == "/there/"


@pytest.mark.parametrize("bad", ["", "x" * 32, "A" * 32, "0" * 31, "0" * 32 + "\n"])
def test_what_is_no_token(bad: str) -> None:
    assert not is_valid(bad)


@pytest.mark.postgres
@pytest.mark.skipif(
    not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="needs PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_one_moment_act_once() -> None:
    user = make_user()
    key, token = request_of(user).session.session_key, new_token()
    both, done, answers = threading.Barrier(2), list[int](), list[str]()

    def act() -> str:
        done.append(1)
        return f"/batches/{len(done)}/"

    def click() -> None:
        request = request_of(user, key)
        request.session.load()
        both.wait(10)
        answers.append(run_once(request, token, act))
        connection.close()

    clicks = [threading.Thread(target=click) for _n in range(2)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join(20)
    assert answers == ["/batches/1/"] * 2
