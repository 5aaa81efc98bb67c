from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.models import Event, Result, Step, TryOnJob
from review.decide import approve, reject, reopen
from tests.factories import make_garment, make_job, make_result, make_step, make_user

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    job = make_job("queued")
    assert job.start()
    event = Event.objects.get(kind="job")
    assert (event.from_state, event.to_state, event.job) == ("queued", "running", job)
    assert event.worker


def test_of_two_movers_one_wins() -> None:
    job = make_job("running")
    other = TryOnJob.objects.get(pk=job.pk)
    assert job.succeed()
    assert not other.fail("late", "", "input")
    other.refresh_from_db()
    assert (other.state, other.error_code) == ("succeeded", "")
    assert Event.objects.filter(job=job, kind="job").count() == 1


def test_of_two_reviewers_one_wins_and_undo_returns_it() -> None:
    result, ann, bob = make_result(), make_user("ann"), make_user("bob")
    again = Result.objects.get(pk=result.pk)
    assert approve(result, ann)
    assert not reject(again, bob, "face")
    assert reopen(result, bob)
    assert reject(again, bob, "face", "not her")
    verdicts = result.decisions.values_list("verdict", "by__username")
    assert list(verdicts) == [("approved", "ann"), ("pending", "bob"), ("rejected", "bob")]


def test_a_crop_is_not_reviewed() -> None:
    assert not approve(make_result(role="cutout"), None)


def test_undoing_unpublishes() -> None:
    result = make_result("approved", published_at=timezone.now())
    assert reopen(result, None)
    assert result.published_at is None


def test_cancelling_stops_only_what_has_not_begun() -> None:
    queued, running = make_job("queued"), make_job("running")
    assert queued.cancel()
    assert queued.steps.get().state == "canceled"
    assert not running.cancel()
    assert running.steps.get().state == "remote"
    assert not queued.cancel()


def test_a_step_is_not_cancelled_without_its_job() -> None:
    job = make_job("needs_attention", step_state="waiting")
    assert not job.cancel()
    assert job.steps.get().state == "waiting"


def test_giving_up_frees_the_place_at_the_provider() -> None:
    job = make_job("needs_attention")
    assert job.settle(by=None)
    assert not Step.objects.at_work().exists()
    assert not job.settle(by=None)


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (TryOnJob, {"state": "nonsense"}),
        (TryOnJob, {"state": "succeeded"}),
        (TryOnJob, {"finished_at": timezone.now()}),
        (TryOnJob, {"top": None}),
        (Step, {"state": "nonsense"}),
        (Step, {"state": "remote"}),
        (Step, {"remote_id": "sent"}),
    ],
)
def test_the_database_refuses_what_must_never_be(model: Any, values: dict[str, Any]) -> None:
    make_job("queued")
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**values)


def test_a_dress_has_no_top() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_job("queued", dress=make_garment("dress"), top=make_garment("top"))


def test_a_remote_task_belongs_to_one_step() -> None:
    job = make_job("running")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_step(job, state="remote", remote_id=job.steps.get().remote_id)


def test_only_what_is_approved_is_published() -> None:
    result = make_result("pending")
    with pytest.raises(IntegrityError), transaction.atomic():
        Result.objects.filter(pk=result.pk).update(published_at=timezone.now())
