"""Long polls: held back until there is news, never for ever, never by all of the site's threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from rest_framework.test import APIClient

from api.framework import long_poll
from jobs.dispatch import supervisor
from jobs.models import TryOnJob
from tests.api.test_batches import BATCHES
from tests.api.test_jobs import JOBS
from tests.factories import make_batch, make_job

pytestmark = pytest.mark.django_db


class Clock:
    """Time that passes only while somebody sleeps; `then` is what happens meanwhile."""

    def __init__(self) -> None:
        self.now, self.naps = 0.0, 0
        self.then: dict[int, Callable[[], Any]] = {}

    def sleep(self, seconds: float) -> None:
        self.now, self.naps = self.now + seconds, self.naps + 1
        self.then.get(self.naps, lambda: None)()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    time = SimpleNamespace(sleep=made.sleep, monotonic=lambda: made.now)
    monkeypatch.setattr(long_poll, "time", time)
    return made


def test_it_works(api: APIClient, shopper: User, clock: Clock) -> None:
    job = make_job(owner=shopper)
    clock.then = {1: job.start, 3: job.succeed}
    assert api.get(f"{JOBS}/{job.pk}", {"wait": 20}).json()["state"] == "succeeded"
    assert clock.naps == 3


@pytest.mark.parametrize("wait", [1, 25])
def test_without_news_it_ends_in_time(
    api: APIClient, shopper: User, clock: Clock, wait: int
) -> None:
    job = make_job("running", owner=shopper)
    told = api.get(f"{JOBS}/{job.pk}", {"wait": wait}).json()
    assert (told["state"], told["poll_after_ms"]) == ("running", 500)
    assert wait <= clock.now < wait + 1


@pytest.mark.parametrize("state", ["succeeded", "failed", "canceled", "needs_attention"])
def test_what_has_ended_is_answered_at_once(
    api: APIClient, shopper: User, clock: Clock, state: str
) -> None:
    job = make_job(state, owner=shopper)
    assert api.get(f"{JOBS}/{job.pk}", {"wait": 25}).json()["state"] == state
    assert clock.naps == 0


def test_who_may_not_see_it_does_not_wait(api: APIClient, clock: Clock) -> None:
    for path in (f"{JOBS}/{make_job().pk}", f"{BATCHES}/{make_batch().pk}", f"{JOBS}/999"):
        assert api.get(path, {"wait": 25}).status_code == 404
        assert APIClient().get(path, {"wait": 25}).status_code == 401
    assert clock.naps == 0


def test_what_is_deleted_meanwhile_is_gone(api: APIClient, shopper: User, clock: Clock) -> None:
    job = make_job(owner=shopper)
    clock.then = {2: job.delete}
    assert api.get(f"{JOBS}/{job.pk}", {"wait": 25}).status_code == 404
    assert clock.naps == 2


def test_a_batch_is_answered_when_a_job_of_it_ends(merch: APIClient, clock: Clock) -> None:
    batch = make_batch()
    first, _second = make_job("running", batch=batch), make_job(batch=batch)
    clock.then = {4: lambda: first.fail("X", "x", "input")}
    told = merch.get(f"{BATCHES}/{batch.pk}", {"wait": 25}).json()
    assert (told["finished"], told["total"], clock.naps) == (1, 2, 4)


def test_a_finished_batch_is_answered_at_once(merch: APIClient, clock: Clock) -> None:
    job = make_job("succeeded")
    assert merch.get(f"{BATCHES}/{job.batch_id}", {"wait": 25}).json()["finished"] == 1
    assert clock.naps == 0


@pytest.mark.parametrize("path", [JOBS, BATCHES])
@pytest.mark.parametrize("wait", ["-1", "26", "x", "1.5", "٣", "1e1", " 1"])
def test_hostile_waits_are_pointed_at(
    api: APIClient, shopper: User, clock: Clock, path: str, wait: str
) -> None:
    job = make_job(batch=make_batch(owner=shopper), owner=shopper)
    pk = job.pk if path == JOBS else job.batch_id
    answer = api.get(f"{path}/{pk}", {"wait": wait})
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["?wait"]


def test_too_many_who_wait_are_answered_at_once(
    api: APIClient, shopper: User, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_poll, "_slots", threading.BoundedSemaphore(1))
    job = make_job(owner=shopper)
    with long_poll._slots:
        assert api.get(f"{JOBS}/{job.pk}", {"wait": 20}).json()["poll_after_ms"] == 500
    assert clock.naps == 0


def test_a_place_is_free_again_however_it_ended(
    api: APIClient, shopper: User, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_poll, "_slots", threading.BoundedSemaphore(1))
    job = make_job(owner=shopper)
    clock.then = {1: lambda: 1 / 0}
    with pytest.raises(ZeroDivisionError):
        api.get(f"{JOBS}/{job.pk}", {"wait": 20})
    clock.then = {2: job.succeed}
    assert api.get(f"{JOBS}/{job.pk}", {"wait": 20}).json()["state"] == "succeeded"


def test_half_of_the_threads_serve_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "Child", lambda _name, command: command)
    command: Any = supervisor.web("127.0.0.1:0")
    threads = int(command[command.index("--threads") + 1])
    assert long_poll._slots._initial_value * 2 <= threads  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_meanwhile(api: APIClient, shopper: User, clock: Clock) -> None:
    job, open_ = make_job(owner=shopper), []
    clock.then = dict.fromkeys(range(9), lambda: open_.append(connection.in_atomic_block))
    api.get(f"{JOBS}/{job.pk}", {"wait": 2})
    assert open_
    assert not any(open_)
    assert TryOnJob.objects.filter(pk=job.pk).exists()
