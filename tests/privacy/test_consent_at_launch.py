"""Whose photo may be used: at launch, at the dispatcher's worker, and after a withdrawal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Person
from jobs import consent_check
from jobs.dispatch.account_worker import LocalAccountWorker
from jobs.dispatch.clock import Clock
from jobs.launch.create import LaunchRefused, launch, repeat
from jobs.models import Batch, Event, ProviderAccount, Step, TryOnJob
from privacy import consent
from tests.factories import (
    make_account,
    make_batch,
    make_garment,
    make_job,
    make_person,
    make_step,
    make_user,
)
from tests.fake_provider import Fake

BAD = [
    ({"consent_scope": ""}, "No consent is recorded"),
    ({"consent_until": timezone.localdate() - timedelta(days=1)}, "renew it"),
    ({"consent_withdrawn_at": timezone.now()}, "withdrawn"),
]


def ask(account: ProviderAccount, *persons: Person, **order: Any) -> Batch:
    outfits = [{"top": make_garment()}, {"dress": make_garment("dress")}]
    return launch(persons=persons, outfits=outfits, account=account, **order)


def test_it_works(account: ProviderAccount, work: Callable[..., None]) -> None:
    batch = ask(account, make_person(consent_scope="tryon"))
    work()
    assert batch.counts()["succeeded"] == 2


@pytest.mark.parametrize(("fields", "words"), BAD)
@pytest.mark.parametrize("override", [False, True])
def test_a_launch_names_each_person_once(
    account: ProviderAccount, fields: dict[str, Any], words: str, override: bool
) -> None:
    refused, fine = make_person(name="Noor", **fields), make_person(name="Ada")
    with pytest.raises(LaunchRefused) as caught:
        ask(account, refused, fine, override=override)
    [reason] = caught.value.reasons
    assert reason.startswith("Noor: ")
    assert words in reason
    assert not Batch.objects.exists()


@pytest.mark.parametrize(("fields", "words"), BAD)
def test_a_job_is_not_repeated_without(
    account: ProviderAccount, fields: dict[str, Any], words: str
) -> None:
    job = make_job("failed", batch=make_batch(account=account), person=make_person(**fields))
    with pytest.raises(LaunchRefused, match=words):
        repeat(job, None)
    assert TryOnJob.objects.count() == 1


@pytest.mark.parametrize(("fields", "_words"), BAD)
def test_what_was_queued_is_not_sent_when_consent_ends(
    account: ProviderAccount,
    fake: Fake,
    work: Callable[..., None],
    fields: dict[str, Any],
    _words: str,
) -> None:
    person, other = make_person(), make_person()
    ask(account, person, other)
    Person.objects.filter(pk=person.pk).update(**fields)
    work()
    assert set(person.jobs.values_list("state", flat=True)) == {"canceled"}
    assert set(other.jobs.values_list("state", flat=True)) == {"succeeded"}
    assert len(fake.requests) == 2
    events = Event.objects.filter(job__person=person, kind="job", to_state="canceled")
    assert all("onsent" in event.why for event in events)


def test_a_withdrawal_in_the_last_moment_wins(account: ProviderAccount) -> None:
    person = make_person()
    batch = ask(account, person)
    # The dispatcher has read the row; the withdrawal is committed before its UPDATE.
    step = Step.objects.filter(batch=batch).first()
    assert step
    Person.objects.filter(pk=person.pk).update(consent_withdrawn_at=timezone.now())
    now = timezone.now()
    assert not step.begin(consent_check.consent_condition(now), 0, now)
    assert Step.objects.get(pk=step.pk).state == "waiting"


def test_the_embedded_engine_asks_for_consent_too(db: None) -> None:
    account, person = make_account("local"), make_person()
    job = make_job(person=person, batch=make_batch(account=account))
    fine = make_job(batch=job.batch)
    Person.objects.filter(pk=person.pk).update(consent_withdrawn_at=timezone.now())
    worker = LocalAccountWorker(account, account.lease(timezone.now()), None, Clock())  # type: ignore[arg-type]
    for _turn in range(2):
        worker.turn()
    assert job.steps.get().state == "canceled"
    assert fine.steps.get().state == "submitting"


def test_the_next_step_of_a_job_is_not_sent(db: None) -> None:
    person = make_person()
    job = make_job("running", step_state="done", person=person)
    refine = make_step(job, operation="refine")
    assert consent.withdraw(person, make_user()) == consent.Withdrawal(1, 0)
    assert Step.objects.get(pk=refine.pk).state == "canceled"
    assert TryOnJob.objects.get().state == "canceled"


def test_withdrawing_counts_what_it_could_not_stop(db: None) -> None:
    person, user = make_person(), make_user()
    queued = [make_job(person=person) for _ in range(3)]
    sent = make_job("running", person=person)
    make_job()
    impact = consent.impact(person)
    assert (impact.queued, impact.at_provider) == (3, 1)
    assert consent.withdraw(person, user) == consent.Withdrawal(3, 1)
    assert consent.withdraw(person, user) == consent.Withdrawal(0, 1)
    assert {TryOnJob.objects.get(pk=job.pk).state for job in queued} == {"canceled"}
    assert TryOnJob.objects.get(pk=sent.pk).state == "running"
    [event] = Event.objects.filter(kind="person", object_id=person.pk)
    assert (event.from_state, event.to_state, event.by) == ("publish", "withdrawn", user)


def test_renewing_ends_a_withdrawal(db: None) -> None:
    person, user = make_person(), make_user()
    consent.withdraw(person, user)
    until = timezone.localdate() + timedelta(days=30)
    consent.record(person, user, scope="tryon", until=until, note="by letter")
    fresh = Person.objects.get()
    assert (fresh.consent_scope, fresh.consent_until) == ("tryon", until)
    assert fresh.consent_refusal(timezone.localdate()) == ""
    last = Event.objects.filter(kind="person").latest("id")
    assert (last.from_state, last.to_state) == ("withdrawn", "tryon")
    assert "by letter" in last.why


def test_recording_leaves_what_workers_write(db: None) -> None:
    person = make_person()
    stale = Person.objects.get(pk=person.pk)
    Person.objects.filter(pk=person.pk).update(facts_version=9, facts={"x": 1})
    consent.record(stale, make_user(), scope="publish")
    assert Person.objects.get().facts == {"x": 1}
