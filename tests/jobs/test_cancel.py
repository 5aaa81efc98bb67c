"""Cancelling a batch: waiting jobs stop, the provider is asked to stop the rest."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from jobs.billing import ledger_check
from jobs.models import Event, ProviderAccount, Result, Step, TryOnJob
from providers.contract import Outcome, ProviderError, RemoteImage
from tests.factories import make_batch, make_job, make_user
from tests.fake_provider import Fake, refused
from tests.jobs.test_dispatcher import Work, ask, only_job

pytestmark = pytest.mark.django_db


def at_the_provider() -> bool:
    return Step.objects.filter(state="remote").exists()


def test_it_works(fake: Fake, account: ProviderAccount, work: Work) -> None:
    fake.polls.append(Outcome("running", retry_after=3600))
    fake.to_cancel.append(True)
    batch = ask(account)
    work(at_the_provider)
    assert batch.cancel(None) == (0, 1)
    work()
    assert only_job().state == "canceled"
    assert fake.asked_to_cancel == ["task-1"]
    batch.refresh_from_db()
    assert (Step.objects.get().cost, batch.spent) == (0, 0)
    assert ledger_check.differences() == []


@pytest.mark.parametrize("said", [False, ProviderError("x", kind="transient", sent="maybe")])
def test_what_cannot_be_cancelled_finishes(
    fake: Fake, account: ProviderAccount, work: Work, said: Any
) -> None:
    fake.polls.append(Outcome("running", retry_after=0.01))
    fake.to_cancel.append(said)
    batch = ask(account)
    work(at_the_provider)
    batch.cancel(None)
    work()
    assert only_job().state == "succeeded"
    assert len(fake.asked_to_cancel) == 1
    assert Step.objects.get().cost == Decimal("0.50")
    assert ledger_check.differences() == []


def test_nothing_more_of_a_cancelled_job_begins(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.answers.append(Outcome("succeeded", images=[_crop()], usage=1))
    batch = ask(account, keep_rest=True)
    work(lambda: Step.objects.filter(state="storing").exists())
    assert batch.cancel(None) == (0, 1)
    work()
    assert only_job().state == "canceled"
    assert Step.objects.get().operation == "parse"
    assert ledger_check.differences() == []


def _crop() -> RemoteImage:
    return RemoteImage(url="https://results.example/crop.jpg", part="bottom")


def test_the_image_that_was_paid_for_is_kept(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    batch = ask(account, refine=True)
    work(at_the_provider)
    batch.cancel(None)
    work()
    result = Result.objects.get()
    assert only_job().state == "succeeded"
    assert (result.role, result.warnings) == ("final", ["refine_canceled"])


@pytest.mark.parametrize(
    "failed",
    [
        refused("DNS", kind="transient", retry_after=0.01),
        refused("Throttling", kind="throttled", retry_after=0.01),
    ],
)
def test_a_call_that_failed_is_not_made_again(
    fake: Fake, account: ProviderAccount, work: Work, failed: Outcome
) -> None:
    fake.answers.append(failed)
    batch = ask(account)
    work(lambda: Step.objects.filter(state="submitting").exists())
    batch.cancel(None)
    work()
    assert only_job().state == "canceled"
    assert len(fake.requests) == 1


def test_a_task_that_failed_there_is_not_made_anew(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.polls.append(refused("InternalError.Algo", kind="transient", sent="yes"))
    batch = ask(account)
    work(at_the_provider)
    batch.cancel(None)
    work()
    assert only_job().state == "canceled"
    assert len(fake.requests) == 1


def test_a_provider_that_cannot_cancel_is_not_asked(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.capabilities = replace(fake.capabilities, cancel=False)
    batch = ask(account)
    work(at_the_provider)
    batch.cancel(None)
    work()
    assert only_job().state == "succeeded"
    assert fake.asked_to_cancel == []


def test_what_waits_stops_at_once_and_the_history_says_so() -> None:
    batch, mei = make_batch(), make_user("mei")
    for state in ("queued", "queued", "running", "succeeded"):
        make_job(state, batch=batch)
    assert batch.cancel(mei) == (2, 1)
    stopped = batch.jobs.filter(state="canceled")
    assert stopped.exclude(finished_at=None).count() == 2
    assert set(Step.objects.filter(job__in=stopped).values_list("state", flat=True)) == {"canceled"}
    assert Event.objects.filter(job__in=stopped, by=mei, to_state="canceled").count() == 4
    assert batch.history().get().why == "2 stopped, 1 at the provider"
    assert batch.cancel(mei) == (0, 1)


def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries: Any) -> None:
    batch = make_batch()
    for _ in range(20):
        make_job(batch=batch)
    # Four of them find out that this was the last of the batch, and tell so; two ask whether any
    # webhook wants to hear of it.
    with django_assert_max_num_queries(20):
        batch.cancel(None)
    assert TryOnJob.objects.filter(state="canceled").count() == 20
