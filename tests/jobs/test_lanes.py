from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from jobs.dispatch import supervisor
from jobs.dispatch.supervisor import Child
from jobs.models import Heartbeat, ProviderAccount
from tests.factories import make_batch, make_job

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def lane(db: None) -> Iterator[Child]:
    child = Child("media", SLEEP)
    child.started_at = timezone.now() - timedelta(hours=1)
    yield child
    child.restart()
    child._signal(9)
    child.process.wait()


def queued(key: str, seconds_ago: float) -> None:
    OrmQ.objects.create(key=key, payload="", lock=timezone.now() - timedelta(seconds=seconds_ago))


def test_it_works(lane: Child) -> None:
    first = lane.process.pid
    assert lane.alive()
    lane.restart()
    assert lane.alive()
    assert lane.process.pid != first


def test_work_that_waits_for_a_silent_lane_is_a_freeze(lane: Child) -> None:
    assert not supervisor._frozen(lane)
    queued("media", 600)
    assert supervisor._frozen(lane)


def test_a_busy_lane_gives_signs_of_life(lane: Child) -> None:
    queued("media", 600)
    Heartbeat.beat("media")
    assert not supervisor._frozen(lane)


def test_a_lane_that_has_just_started_gets_its_time(lane: Child) -> None:
    queued("media", 600)
    lane.restart()
    assert not supervisor._frozen(lane)


def test_work_that_is_locked_is_being_done(lane: Child) -> None:
    queued("media", -600)
    assert not supervisor._frozen(lane)


def test_a_loop_is_woken_for_forgotten_jobs(account: ProviderAccount) -> None:
    make_job("queued", batch=make_batch(account=account))
    supervisor._wake_if_forgotten()
    assert OrmQ.objects.count() == 1
    supervisor._wake_if_forgotten()
    assert OrmQ.objects.count() == 1


@pytest.mark.parametrize("why", ["nothing to do", "paused", "a loop beats"])
def test_no_loop_is_woken_without_a_reason(account: ProviderAccount, why: str) -> None:
    if why != "nothing to do":
        make_job("queued", batch=make_batch(account=account))
    if why == "paused":
        account.pause("because")
    if why == "a loop beats":
        Heartbeat.beat("dispatch")
    supervisor._wake_if_forgotten()
    assert not OrmQ.objects.exists()


def test_stopping_ends_a_whole_group() -> None:
    stubborn = "import signal, time; signal.signal(2, signal.SIG_IGN); time.sleep(60)"
    child = Child("web", [sys.executable, "-c", stubborn])
    child.interrupt()
    child.stop(time.monotonic() + 0.2)
    assert not child.alive()


@pytest.mark.django_db
def test_migrating_makes_accounts_and_the_schedule_of_each_minute(settings: Any) -> None:
    aliases = set(ProviderAccount.objects.values_list("alias", flat=True))
    assert set(settings.PROVIDERS) <= aliases
    schedule = Schedule.objects.get(name="jobs.tasks.dispatch")
    assert (schedule.func, schedule.minutes) == ("jobs.tasks.dispatch", 1)
