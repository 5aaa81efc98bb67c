"""When a provider forgets what is not here yet, as people see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from jobs.batches import progress
from jobs.models import Batch, Step
from providers import registry
from tests.factories import make_account, make_batch, make_job

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def batch(db: None, settings: Any) -> Iterator[Batch]:
    settings.PROVIDERS = {"fake": {"BACKEND": "tests.fake_provider.Fake"}}
    registry.clear_caches()
    yield make_batch(account=make_account("fake"))
    registry.clear_caches()


def left(batch: Batch, at: datetime, state: str = "storing") -> Step:
    job = make_job("running", step_state=state, batch=batch)
    Step.objects.filter(job=job).update(submitted_at=at)
    return job.steps.get()


def test_it_works(batch: Batch, viewer: Client) -> None:
    left(batch, timezone.now() - timedelta(hours=23))
    text = viewer.get(batch.get_absolute_url()).content.decode()
    assert "1 image is not downloaded yet" in text
    assert "state is-bad" in text


@pytest.mark.parametrize(("hours", "urgent"), [(21, False), (22.5, True), (30, True)])
def test_it_is_red_when_little_time_is_left(batch: Batch, hours: float, urgent: bool) -> None:
    first = left(batch, NOON - timedelta(hours=hours))
    left(batch, NOON)
    clock = progress.expiry_clock(batch, NOON)
    assert clock
    assert (clock.count, clock.at, clock.urgent) == (2, first.result_expires_at(), urgent)


def test_nothing_is_left(batch: Batch, viewer: Client) -> None:
    left(batch, NOON, "done")
    make_job("queued", batch=batch)
    assert progress.expiry_clock(batch, NOON) is None
    assert "the provider deletes them" not in viewer.get(batch.get_absolute_url()).content.decode()


def test_the_admin_tells(batch: Batch, boss: User, client: Client) -> None:
    client.force_login(boss)
    step = left(batch, timezone.now() - timedelta(hours=23))
    until = step.result_expires_at()
    assert until
    text = client.get("/admin/jobs/step/").content.decode()
    assert f'<span class="state is-bad">✕ {until:%Y-%m-%d %H:%M}</span>' in text
    assert client.get(f"/admin/jobs/step/{step.pk}/change/").status_code == 200
