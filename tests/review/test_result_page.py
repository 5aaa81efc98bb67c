from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from engine import WARNINGS
from jobs.launch import create
from jobs.models import Result, Step, TryOnJob
from jobs.result_warnings import SENTENCES
from review.decide import approve
from review.models import Decision
from tests.factories import make_job, make_result, make_step, make_user

pytestmark = pytest.mark.django_db


def text_of(client: Client, row: Any) -> str:
    return client.get(row.get_absolute_url()).content.decode()


def decide(client: Client, result: Result, **fields: str) -> Any:
    return client.post(f"/results/{result.pk}/decide/", fields, follow=True)


def test_it_works(viewer: Client) -> None:
    result = make_result()
    text = text_of(viewer, result)
    for picture in (result.job.person, *result.job.garments().values(), result):
        assert picture.large.url in text
    assert result.sha256[:12] in text
    assert result.job.person.wire_sha256[:12] in text


def test_steps_show_model_cost_and_times(viewer: Client) -> None:
    result = make_result()
    began = timezone.now() - timedelta(minutes=1)
    Step.objects.filter(pk=result.step_id).update(
        model="aitryon-plus",
        cost=Decimal("0.5"),
        retries=1,
        submitted_at=began,
        accepted_at=began + timedelta(seconds=0.4),
        ended_at=began + timedelta(seconds=21.4),
    )
    text = text_of(viewer, result)
    for words in ("aitryon-plus", "¥0.50", "21.4 s", "0.4 s", "2 attempts", result.step.remote_id):
        assert words in text


def test_cut_outs_and_unrefined_images_are_part_of_the_lineage(viewer: Client) -> None:
    job = make_job("succeeded")
    coarse = make_result(job=job, role="unrefined")
    refine = make_step(job, state="done", operation="refine")
    final = make_result(job=job, step=refine)
    text = text_of(viewer, final)
    assert f"Unrefined {coarse.sha256[:12]}" in text
    assert f"Final {final.sha256[:12]}" in text


def test_warnings_are_sentences(viewer: Client) -> None:
    result = make_result(warnings=["old_garment_skin_coloured", "brand_new_code"])
    text = text_of(viewer, result)
    assert "approximate: old garment has skin colour" in text
    assert "brand_new_code" in text


def test_every_warning_of_the_engine_has_its_sentence() -> None:
    assert SENTENCES.items() >= WARNINGS.items()


def test_a_reviewer_approves_and_undoes(reviewer: Client) -> None:
    result = make_result()
    assert "Approved." in decide(reviewer, result, verdict="approved").content.decode()
    result.refresh_from_db()
    assert result.review == "approved"
    assert "Undo approval" in text_of(reviewer, result)
    decide(reviewer, result, verdict="pending")
    result.refresh_from_db()
    assert result.review == "pending"
    assert Decision.objects.filter(result=result).count() == 2


def test_a_reviewer_rejects_with_reason_and_note(reviewer: Client) -> None:
    result = make_result()
    page = decide(reviewer, result, verdict="rejected", reason="hands", note="six fingers")
    assert "Hands or limbs are wrong" in page.content.decode()
    assert "six fingers" in page.content.decode()
    assert Decision.objects.get().reason == "hands"


def test_a_lost_race_is_reported(reviewer: Client) -> None:
    result = make_result()
    approve(result, make_user("faster"))
    page = decide(reviewer, result, verdict="rejected", reason="face").content.decode()
    assert "has approved it already" in page
    result.refresh_from_db()
    assert result.review == "approved"


@pytest.mark.parametrize("fields", [{}, {"verdict": "x"}, {"verdict": "rejected", "reason": "x"}])
def test_unknown_decisions_are_refused(reviewer: Client, fields: dict[str, str]) -> None:
    result = make_result()
    assert reviewer.post(f"/results/{result.pk}/decide/", fields).status_code == 400
    assert not Decision.objects.exists()


def test_only_finals_are_decided(reviewer: Client) -> None:
    coarse = make_result(role="unrefined")
    assert decide(reviewer, coarse, verdict="approved").status_code == 404


def test_buttons_follow_the_rights(viewer: Client, reviewer: Client, operator: Client) -> None:
    result = make_result()
    assert "/decide/" not in text_of(viewer, result)
    assert "/repeat/" not in text_of(viewer, result)
    assert "/decide/" in text_of(reviewer, result)
    assert "/repeat/" in text_of(operator, result)


def test_a_failed_job_shows_what_went_wrong_and_what_helps(operator: Client) -> None:
    job = make_job(
        "failed", error_code="InvalidPerson", error_message="No body.", error_kind="input"
    )
    text = text_of(operator, job)
    for words in ("Not exactly one person was found", "No body.", "InvalidPerson", "Try again"):
        assert words in text


def test_an_ended_job_is_tried_again(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(create.registry, "unavailable_reason", lambda alias: "")
    job = make_job("failed", recipe={})
    operator.post(f"/jobs/{job.pk}/repeat/")
    new = TryOnJob.objects.get(repeat_of=job)
    assert new.get_absolute_url() in text_of(operator, job)
    assert job.get_absolute_url() in text_of(operator, new)
    assert "/repeat/" not in text_of(operator, job)


def test_a_refusal_to_try_again_gives_its_reason(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(create.registry, "unavailable_reason", lambda alias: "no key")
    job = make_job("failed")
    page = operator.post(f"/jobs/{job.pk}/repeat/", follow=True).content.decode()
    assert "no key" in page
    assert not TryOnJob.objects.filter(repeat_of=job).exists()


def test_a_waiting_job_is_canceled(operator: Client) -> None:
    job = make_job()
    assert (
        "It cost nothing" in operator.post(f"/jobs/{job.pk}/cancel/", follow=True).content.decode()
    )
    job.refresh_from_db()
    assert job.state == "canceled"


def test_a_job_at_the_provider_is_not_canceled(operator: Client) -> None:
    job = make_job("running")
    assert "Too late" in operator.post(f"/jobs/{job.pk}/cancel/", follow=True).content.decode()
    job.refresh_from_db()
    assert job.state == "running"


def test_a_lost_job_is_given_up(operator: Client) -> None:
    job = make_job("needs_attention")
    assert "may have been charged" in text_of(operator, job)
    assert "Given up" in operator.post(f"/jobs/{job.pk}/settle/", follow=True).content.decode()
    again = operator.post(f"/jobs/{job.pk}/settle/", follow=True).content.decode()
    assert "no decision any more" in again


@pytest.mark.parametrize("state", TryOnJob.State.values)
def test_every_state_has_its_page(operator: Client, state: str) -> None:
    job = make_job(state)
    assert job.get_state_display() in text_of(operator, job)


def test_the_number_of_queries_does_not_grow(
    reviewer: Client, django_assert_max_num_queries: Any
) -> None:
    job = make_job("succeeded")
    results = [make_result(job=job, index=i) for i in range(4)]
    for _ in range(3):
        make_step(job, state="done")
    for _ in range(4):
        decide(reviewer, results[0], verdict="approved")
        decide(reviewer, results[0], verdict="pending")
    # Session, user, result, job and its four lists, decisions, rights: the same for any job.
    with django_assert_max_num_queries(12):
        reviewer.get(results[0].get_absolute_url())


@pytest.mark.parametrize(("answer", "cost"), [("yes", "0.50"), ("no", "0")])
def test_who_gives_up_says_whether_it_was_billed(operator: Client, answer: str, cost: str) -> None:
    job = make_job("needs_attention")
    job.steps.update(reserved="0.50")
    page = operator.get(f"/jobs/{job.pk}/").content.decode()
    assert "Give up: it was not billed" in page
    operator.post(f"/jobs/{job.pk}/settle/", {"billed": answer})
    assert job.steps.get().cost == Decimal(cost)
