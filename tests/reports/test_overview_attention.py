"""What is brought to attention, to whom, and what is left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from jobs.models import Batch, Heartbeat, ProviderAccount, Step, TryOnJob
from providers import registry
from reports.overview import workers
from reports.overview.accounts import account_statuses
from reports.overview.attention import AttentionItem, attention_items
from reports.overview.expiring_images import expiring_images
from reports.overview.job_queue import job_queue
from tests.factories import make_account, make_batch, make_job, make_person, make_user

pytestmark = pytest.mark.django_db


def matters(user: User) -> list[AttentionItem]:
    now = timezone.now()
    return attention_items(user, now, account_statuses(now), expiring_images(now))


def badge_and_text(user: User) -> list[tuple[str, str]]:
    return [(str(matter.badge.word), matter.url) for matter in matters(user)]


def test_it_works(boss: User) -> None:
    assert matters(boss) == []
    account = make_account()
    account.pause("no credit is left", by=boss)
    assert badge_and_text(boss) == [("Paused", f"/accounts/{account.pk}/")]
    assert matters(boss)[0].text == "Local engine is paused: no credit is left"


def test_who_may_not_resume_learns_who_may(boss: User) -> None:
    make_account().pause("no credit.")
    able, asks = make_user("able", first_name="Mei"), make_user("asks")
    able.user_permissions.add(Permission.objects.get(codename="change_provideraccount"))
    assert matters(asks)[0].text.endswith("To be resumed by: Mei, boss.")


def test_unanswered_jobs_are_listed_by_batch(boss: User) -> None:
    job = make_job("needs_attention")
    make_job("needs_attention", batch=job.batch)
    assert badge_and_text(boss) == [("2 jobs", f"/batches/{job.batch_id}/?state=needs_attention")]


def test_a_batch_at_its_budget_is_listed_while_jobs_wait(boss: User) -> None:
    job = make_job(batch=make_batch(budget="1.00", stopped_at=timezone.now()))
    assert badge_and_text(boss) == [("Budget", f"/batches/{job.batch_id}/")]
    assert "¥0.00 of ¥1.00" in matters(boss)[0].text
    job.cancel(by=boss)
    assert matters(boss) == []


@pytest.mark.parametrize(
    ("days", "expected"), [(-1, "ended on"), (0, "ends on"), (30, "ends on"), (31, "")]
)
def test_consent_is_listed_before_it_ends(boss: User, days: int, expected: str) -> None:
    today = timezone.localdate()
    make_job("canceled", person=make_person(consent_until=today + timedelta(days=days)))
    found = [matter.text for matter in matters(boss)]
    assert [expected in text for text in found] == ([True] if expected else [])


def test_consent_of_unused_archived_or_withdrawn_persons_is_not_listed(boss: User) -> None:
    today, now = timezone.localdate(), timezone.now()
    make_person(consent_until=today)
    make_job("canceled", person=make_person(consent_until=today, archived_at=now))
    make_job("canceled", person=make_person(consent_until=today, consent_withdrawn_at=now))
    assert matters(boss) == []


def test_a_silent_lane_is_listed_only_while_work_waits_for_it() -> None:
    now = timezone.now()
    assert workers.silent_lanes(now) == []
    step = make_job().steps.get()
    assert workers.silent_lanes(now) == []
    Step.objects.filter(pk=step.pk).update(due_at=now - timedelta(minutes=5))
    assert workers.silent_lanes(now) == ["dispatch"]
    Heartbeat.beat("dispatch")
    assert workers.silent_lanes(now) == []


@pytest.mark.parametrize("state", ["submitting", "storing"])
def test_the_media_lane_is_listed_as_well(state: str) -> None:
    now = timezone.now()
    step = make_job("running", step_state=state).steps.get()
    Step.objects.filter(pk=step.pk).update(due_at=now - timedelta(minutes=5))
    assert workers.silent_lanes(now) == ["media"]
    Heartbeat.beat("media")
    assert workers.silent_lanes(now) == []


def test_without_rights_the_list_is_empty() -> None:
    make_job("needs_attention", person=make_person(consent_until=timezone.localdate()))
    now = timezone.now()
    assert attention_items(make_user("nobody"), now, [], None) == []


@pytest.fixture
def keeps_a_day(settings: Any) -> Iterator[Batch]:
    settings.PROVIDERS = {"fake": {"BACKEND": "tests.fake_provider.Fake"}}
    registry.clear_caches()
    yield make_batch(account=make_account("fake"))
    registry.clear_caches()


def left(batch: Batch, hours: float) -> TryOnJob:
    job = make_job("running", step_state="storing", batch=batch)
    at = timezone.now() - timedelta(hours=hours)
    Step.objects.filter(job=job).update(submitted_at=at, due_at=timezone.now())
    return job


def test_expiring_images_are_listed_the_soonest_first(keeps_a_day: Batch, boss: User) -> None:
    left(keeps_a_day, 1)
    soon, late, urgent = (left(keeps_a_day, hours) for hours in (13, 25, 23))
    found = expiring_images(timezone.now())
    assert [card.step.job for card in found.cards] == [late, urgent, soon]
    texts = [card.text.replace("\xa0", " ") for card in found.cards]
    assert [texts[0], texts[2]] == ["Too late", "In 10 hours"]
    assert [card.urgent for card in found.cards] == [True, True, False]
    assert badge_and_text(boss) == [("3 images", "#forgotten")]


def test_the_queue_knows_its_age_its_length_and_its_end() -> None:
    account = make_account()
    ProviderAccount.objects.filter(pk=account.pk).update(concurrency=2, typical_s=30)
    batch = make_batch(account=account)
    old = timezone.now() - timedelta(hours=2)
    for _ in range(7):
        make_job(batch=batch, created_at=old)
    make_job("running", batch=batch)
    make_job("succeeded", batch=batch)
    found = job_queue(account_statuses(timezone.now()))
    assert (found.waiting, found.running, found.held, found.oldest) == (7, 1, 0, old)
    # Eight jobs of half a minute, two at a time.
    assert (found.seconds, found.expected) == (120, "about 2 minutes")
    assert found.text == "1 running, 7 waiting"
    assert found.batches[0][1].text == "1 of 9 finished"


def test_a_paused_account_holds_its_jobs() -> None:
    account = make_account()
    make_job()
    account.pause("why")
    found = job_queue(account_statuses(timezone.now()))
    assert (found.held, found.expected) == (1, "")


def test_an_account_that_is_not_configured_holds_its_jobs_too() -> None:
    make_job(batch=make_batch(account=make_account("gone", typical_s=1)))
    found = job_queue(account_statuses(timezone.now()))
    assert (found.held, found.expected) == (1, "")
