from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from catalog.photos import ingest
from jobs import tasks
from jobs.dispatch import store_results
from jobs.dispatch.download import DownloadFailed
from jobs.models import ProviderAccount, Result, Step
from tests.factories import make_batch, make_job
from tests.pictures import photo


@pytest.fixture
def step(account: ProviderAccount) -> Step:
    """A step whose image waits at the provider."""
    job = make_job("running", step_state="storing", batch=make_batch(account=account))
    images_there = [{"url": "https://results.example/1.jpg", "part": ""}]
    Step.objects.update(images=images_there, submitted_at=timezone.now(), cost="0.5")
    return Step.objects.get(job=job)


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    return fail


def test_it_works(step: Step) -> None:
    tasks.store(step.pk)
    result = Result.objects.get()
    assert default_storage.open(result.original.name).read() == photo(width=300, height=400)
    step.refresh_from_db()
    assert (step.state, step.job.state) == ("done", "succeeded")


def test_twice_is_once(step: Step) -> None:
    tasks.store(step.pk)
    tasks.store(step.pk)
    assert Result.objects.count() == 1


def test_a_claimed_step_is_left_to_its_worker(step: Step) -> None:
    assert step.take(Step.State.STORING, timezone.now(), 60)
    tasks.store(step.pk)
    assert not Result.objects.exists()


def test_a_worker_that_lost_its_claim_writes_no_row(step: Step) -> None:
    assert step.take(Step.State.STORING, timezone.now(), 60)
    Step.objects.update(claim="another")
    where = {"claim": step.claim}
    assert not store_results.finish(step, [store_results.Arrival(photo())], [], where)
    assert not Result.objects.exists()


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (DownloadFailed("The result broke off."), "result_unreadable", "broke off"),
        (OSError(errno.ENOSPC, "No space left on device"), "storage_failed", "No space left"),
    ],
)
def test_what_may_pass_is_explained_and_tried_again(
    step: Step, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str, words: str
) -> None:
    monkeypatch.setattr(store_results, "_fetch", failing(error))
    tasks.store(step.pk)
    step.refresh_from_db()
    assert (step.state, step.error_code, step.retries) == ("storing", code, 1)
    assert words in step.error_message
    assert step.due_at > timezone.now()
    monkeypatch.undo()
    monkeypatch.setattr(store_results, "fetch", lambda url, trusted="": photo())
    tasks.store(step.pk)
    step.refresh_from_db()
    assert (step.state, step.error_message) == ("done", "")


def test_an_answer_that_is_no_image_is_tried_again(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_results, "fetch", lambda url, trusted="": b"<html>sorry</html>")
    tasks.store(step.pk)
    step.refresh_from_db()
    assert (step.state, step.error_code) == ("storing", "result_unreadable")


def test_what_the_provider_has_forgotten_is_lost_and_shown(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        store_results, "fetch", failing(DownloadFailed("It answers 403.", gone=True))
    )
    tasks.store(step.pk)
    step.refresh_from_db()
    assert (step.state, step.job.state) == ("failed", "failed")
    assert step.job.error_code == "result_lost"
    assert step.cost == pytest.approx(0.5)  # it was billed all the same


def test_it_stops_trying_when_the_provider_keeps_nothing_any_more(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    Step.objects.update(submitted_at=timezone.now() - timedelta(hours=25))
    monkeypatch.setattr(store_results, "fetch", failing(DownloadFailed("It answers 500.")))
    tasks.store(step.pk)
    step.refresh_from_db()
    assert step.job.error_code == "result_lost"


def test_a_result_that_kills_its_workers_is_set_aside(step: Step) -> None:
    Step.objects.update(attempts=3)
    tasks.store(step.pk)
    step.refresh_from_db()
    assert step.job.error_code == "quarantined"


def test_half_of_two_images_leaves_no_row(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    Step.objects.update(images=step.images * 2)
    calls = []

    def second_is_refused(data: bytes) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise ingest.Refused("truncated", "The file is cut short.")
        return original(data)

    original = ingest.prepare
    monkeypatch.setattr(ingest, "prepare", second_is_refused)
    tasks.store(step.pk)
    assert not Result.objects.exists()
