"""A paused batch begins nothing; what it has begun goes on to its end."""

from __future__ import annotations

import pytest
from django.utils import timezone

from jobs.dispatch.dispatcher import Dispatcher
from jobs.models import Batch, Event, ProviderAccount, Step
from tests.factories import make_batch, make_job, make_user
from tests.fake_provider import Fake, refused
from tests.jobs.test_dispatcher import Work, ask

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    batch, mei = make_batch(), make_user("mei")
    assert batch.pause(by=mei)
    assert batch.paused_at is not None
    assert not Batch.objects.get(pk=batch.pk).pause(by=mei)
    assert batch.resume(by=mei)
    assert not batch.resume(by=mei)
    told = batch.history().values_list("from_state", "to_state", "by__username")
    assert list(told) == [("paused", "open", "mei"), ("open", "paused", "mei")]


def test_a_paused_batch_waits_while_others_go_on(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    paused, other = ask(account, 2), ask(account, 2)
    paused.pause()
    work(lambda: other.counts()["succeeded"] == 2)
    assert paused.counts()["queued"] == 2
    assert not Step.objects.open().exists()
    paused.resume()
    work()
    assert paused.counts()["succeeded"] == 2


def test_the_next_call_of_a_job_waits_too(fake: Fake, account: ProviderAccount, work: Work) -> None:
    batch = ask(account, refine=True)
    work(lambda: Step.objects.filter(state="remote").exists())
    batch.pause()
    work(lambda: Step.objects.filter(operation="refine").exists())
    idle = Dispatcher()
    assert not idle.turn()
    idle.close()
    steps = Step.objects.order_by("position").values_list("operation", "state")
    assert list(steps) == [("tryon", "done"), ("refine", "waiting")]
    batch.resume()
    work()
    assert batch.counts()["succeeded"] == 1


def test_a_call_that_failed_unsent_waits_too(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.answers.append(refused("Throttling", kind="throttled"))
    batch = ask(account)
    work(lambda: Step.objects.filter(state="submitting").exists())
    batch.pause()
    work(lambda: Step.objects.filter(state="waiting").exists())
    Step.objects.update(due_at=timezone.now())
    ProviderAccount.objects.update(throttled_until=None)
    idle = Dispatcher()
    assert not idle.turn()
    idle.close()
    assert len(fake.requests) == 1


def test_a_pause_between_reading_and_beginning_wins(account: ProviderAccount) -> None:
    step = make_job(batch=make_batch(account=account)).steps.get()
    step.batch.pause()
    assert not step.begin({}, 0, step.due_at)
    step.batch.resume()
    assert step.begin({}, 0, step.due_at)


def test_the_history_of_a_budget_and_of_priorities() -> None:
    batch = make_batch()
    batch.set_budget(None, by=None)
    assert batch.set_priority(Batch.Priority.FIRST)
    assert not batch.set_priority(Batch.Priority.FIRST)
    assert not Batch(pk=batch.pk, priority=-1).set_priority(Batch.Priority.NORMAL)
    told = Event.objects.filter(kind="batch").order_by("id").values_list("from_state", "to_state")
    assert list(told) == [("", "budget"), ("normal", "first")]
