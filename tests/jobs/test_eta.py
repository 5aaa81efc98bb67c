from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from jobs.batches import eta, progress
from jobs.models import Batch, ProviderAccount
from jobs.recipe import Recipe
from tests.factories import make_batch, make_job
from tests.fake_provider import Fake


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def told(batch: Batch, now: datetime) -> str:
    return eta.eta(batch, progress.progress_of(batch), now)


def finished(account: ProviderAccount, now: datetime, done: int, left: int) -> Batch:
    batch = make_batch(account=account, created_at=now - timedelta(minutes=2))
    for _ in range(done):
        make_job("succeeded", batch=batch, finished_at=now)
    for _ in range(left):
        make_job(batch=batch)
    return batch


def test_it_works(account: ProviderAccount, now: datetime) -> None:
    assert told(finished(account, now, 4, 6), now) == "About 3 min left at 2 a minute"


def test_a_slow_one_is_rated_by_the_hour(account: ProviderAccount, now: datetime) -> None:
    assert eta.speed_text(0.01) == "36 an hour"
    assert eta.duration_text(2 * 3600 + 61) == "2 h 2 min"
    assert eta.duration_text(0.1) == "1 min"


def test_before_any_has_finished_the_limits_tell(
    fake: Fake, account: ProviderAccount, now: datetime
) -> None:
    account.typical_s = 60
    account.save(update_fields=["typical_s"])
    batch = finished(account, now, 0, 15)
    assert told(batch, now) == "About 3 min at the limits of this account"
    assert eta.expected_s(account, Recipe(refine=True), 15) == 15 * 60 / 5 + 60


def test_nobody_can_know_while_it_waits_for_somebody(
    account: ProviderAccount, now: datetime
) -> None:
    batch = finished(account, now, 4, 6)
    for values in ({"paused_at": now}, {"stopped_at": now}):
        Batch.objects.filter(pk=batch.pk).update(paused_at=None, stopped_at=None)
        Batch.objects.filter(pk=batch.pk).update(**values)
        assert told(Batch.objects.get(pk=batch.pk), now) == ""
    Batch.objects.filter(pk=batch.pk).update(paused_at=None, stopped_at=None)
    account.pause("no balance")
    assert told(Batch.objects.get(pk=batch.pk), now) == ""


def test_a_provider_that_is_not_offered_has_no_limits(db: None, now: datetime) -> None:
    batch = make_job(batch=make_batch(account=ProviderAccount.objects.create(alias="gone"))).batch
    assert told(batch, now) == ""


def test_a_finished_one_takes_no_time(account: ProviderAccount, now: datetime) -> None:
    assert told(finished(account, now, 4, 0), now) == ""
