"""One worker at a time has a row, and one that was too late writes nothing: in every table."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from catalog.models import Claimable, Import, Person
from catalog.models.claimable import UNCLAIMED
from catalog.preflight import measure
from galleries.models import PublicImage
from jobs.models import Step
from tests.factories import make_job, make_person, make_result
from webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookMessage

pytestmark = pytest.mark.django_db


class Work(NamedTuple):
    """How a table's rows are made, taken, and let go with what came of the work."""

    make: Callable[[], Any]
    take: Callable[[Any, datetime], bool]
    settle: Callable[[Any, datetime], bool]


def make_delivery() -> WebhookDelivery:
    owner = User.objects.create(username="boss", is_superuser=True)
    endpoint = WebhookEndpoint.objects.create(owner=owner, url="https://hooks.example.com/x")
    message = WebhookMessage.objects.create(type="webhook.test")
    return WebhookDelivery.objects.create(message=message, endpoint=endpoint)


def make_public_image(**kwargs: Any) -> PublicImage:
    return PublicImage.objects.create(result=make_result("approved"), label="ai", **kwargs)


WORK = {
    "a download": Work(
        lambda: make_job("running", step_state="storing").steps.get(),
        lambda step, now: step.take(Step.State.STORING, now, 60),
        lambda step, now: step.release(due_at=now, attempts=0),
    ),
    "a step's move": Work(
        lambda: make_job("running", step_state="submitting").steps.get(),
        lambda step, now: step.take(Step.State.SUBMITTING, now, 60),
        lambda step, now: step.end(Step.State.FAILED, where={"claim": step.claim}),
    ),
    "a webhook": Work(
        make_delivery,
        lambda delivery, now: delivery.take(now),
        lambda delivery, now: delivery.mark_delivered(now),
    ),
    "a webhook's retry": Work(
        make_delivery,
        lambda delivery, now: delivery.take(now),
        lambda delivery, now: delivery.retry_later(now),
    ),
    "an import's row": Work(
        lambda: Import.objects.create(kind="csv", name="list.csv"),
        lambda source, now: source.take(now),
        lambda source, now: source.keep(now, created=1),
    ),
    "an import's turn": Work(
        lambda: Import.objects.create(kind="csv", name="list.csv"),
        lambda source, now: source.take(now),
        lambda source, now: source.requeue(now),
    ),
    "an import's end": Work(
        lambda: Import.objects.create(kind="csv", name="list.csv"),
        lambda source, now: source.take(now),
        lambda source, now: source.finish(),
    ),
    "a public image made": Work(
        make_public_image,
        lambda public, now: public.take_to_make("ai", now),
        lambda public, now: public.made([(320, 426)]),
    ),
    "a public image removed": Work(
        lambda: make_public_image(width=320),
        lambda public, now: public.take_to_remove(now, "ai"),
        lambda public, now: bool(public.held().delete()[0]),
    ),
    "a photo measured": Work(
        make_person,
        lambda person, now: person.take_from(Person.objects.unmeasured(now), now, measure.CLAIM),
        lambda person, now: person.measured({"persons": 1}),
    ),
}


@pytest.fixture(params=WORK.values(), ids=WORK)
def work(request: pytest.FixtureRequest) -> Work:
    return request.param


def again(row: Claimable) -> Any:
    """The same row, as another worker reads it."""
    return type(row)._default_manager.get(pk=row.pk)


def columns(row: Claimable) -> dict[str, Any]:
    return type(row)._default_manager.filter(pk=row.pk).values().get()


def test_it_works(work: Work) -> None:
    row, now = work.make(), timezone.now()
    assert work.take(row, now)
    assert row.claimed_until > now
    assert work.settle(row, now)


def test_two_workers_never_both_have_it(work: Work) -> None:
    row, now = work.make(), timezone.now()
    other = again(row)
    assert work.take(row, now)
    assert not work.take(other, now)
    assert not work.take(row, now)


def test_nobody_writes_without_a_claim(work: Work) -> None:
    row, now = work.make(), timezone.now()
    if work is not WORK["a step's move"]:
        assert not work.settle(row, now)
    assert work.take(again(row), now)
    before = columns(row)
    assert not work.settle(row, now)
    assert columns(row) == before


def test_what_a_dead_worker_had_is_taken_and_it_writes_nothing(work: Work) -> None:
    dead, now = work.make(), timezone.now()
    assert work.take(dead, now)
    later = dead.claimed_until
    assert not work.take(again(dead), later - timedelta(seconds=1))
    heir = again(dead)
    assert work.take(heir, later)
    before = columns(dead)
    assert not work.settle(dead, later)
    assert columns(dead) == before
    assert work.settle(heir, later)


def test_a_worker_that_loses_its_claim_at_once_does_not_take_its_heirs(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped between its claim and reading the row, for longer than the claim lasts."""
    row, now = work.make(), timezone.now()
    read, heir = type(row).refresh_from_db, again(row)

    def held_up(self: Any, *args: Any, **kwargs: Any) -> None:
        monkeypatch.undo()
        assert work.take(heir, now + timedelta(hours=1))
        read(self, *args, **kwargs)

    monkeypatch.setattr(type(row), "refresh_from_db", held_up)
    assert not work.take(row, now)
    assert work.settle(heir, now)


def test_who_was_deprived_of_it_writes_nothing(work: Work) -> None:
    row, now = work.make(), timezone.now()
    assert work.take(row, now)
    type(row)._default_manager.update(**UNCLAIMED)
    before = columns(row)
    assert not work.settle(row, now)
    assert columns(row) == before
    assert work.take(again(row), now)


def test_a_canceled_import_stays_canceled() -> None:
    source = WORK["an import's end"].make()
    assert source.take(timezone.now())
    assert again(source).cancel()
    assert not source.finish()
    assert again(source).state == Import.State.CANCELED


def test_an_ended_step_is_not_written_to() -> None:
    step = WORK["a download"].make()
    assert step.take(Step.State.STORING, timezone.now(), 60)
    assert again(step).end(Step.State.FAILED, code="quarantined")
    assert not step.release(error_code="result_unreadable")
    assert again(step).error_code == "quarantined"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")
def test_of_eight_at_one_moment_one_has_it(work: Work) -> None:
    row, now, taken = work.make(), timezone.now(), list[bool]()
    barrier = threading.Barrier(8)

    def run() -> None:
        mine = again(row)
        barrier.wait(10)
        taken.append(work.take(mine, now))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(taken) == [False] * 7 + [True]
