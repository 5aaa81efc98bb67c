"""Decisions through the API at one moment, under leases and house rules, and sent again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from api.resources import results
from jobs.models import Result
from review.decide import decide as decide_result
from review.leases import lease
from review.models import Decision
from tests.api.conftest import client_of, member
from tests.factories import make_job, make_result

RESULTS = "/api/v1/results"
pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> User:
    return member("reviewer", "ann")


@pytest.fixture
def bob() -> User:
    return member("reviewer", "bob")


def decide(user: Any, result: Result, key: Any = None, **body: Any) -> Any:
    """Of the version that `result` had when it was read."""
    headers = {"Idempotency-Key": str(key or uuid.uuid4()), "If-Match": f'"{result.etag}"'}
    body = {"verdict": "approved"} | body
    return client_of(user).post(f"{RESULTS}/{result.pk}/decision", body, headers=headers)


def refused(answer: Any) -> tuple[int, str, str]:
    told = answer.json()
    return answer.status_code, told["code"], told.get("reason", "")


def test_it_works(threads: Callable[..., list[Any]], ann: User, bob: User) -> None:
    """Two reviewers have seen one version: the first decides, the second is told."""
    result = Result.objects.get(pk=make_result().pk)
    said = [(ann, "approved"), (bob, "rejected")]
    answers = threads(lambda n: decide(said[n][0], result, verdict=said[n][1]), 2)
    made, late = sorted(answers, key=lambda answer: answer.status_code)
    assert (made.status_code, late.status_code) == (200, 412)
    decision = Decision.objects.get()
    assert made.json()["decision"]["id"] == decision.pk
    assert late.json()["version"] == made.json()["result"]["version"]
    assert Result.objects.get().review == decision.verdict


def test_one_decision_sent_many_times_at_once(threads: Callable[..., list[Any]], ann: User) -> None:
    result, key = Result.objects.get(pk=make_result().pk), uuid.uuid4()
    answers = threads(lambda _n: decide(ann, result, key), 10)
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["decision"]["id"] for answer in answers} == {Decision.objects.get().pk}
    assert sum(answer.has_header("Idempotency-Replayed") for answer in answers) == 9


def test_sent_again_it_is_answered_whatever_came_after(ann: User, bob: User) -> None:
    result, key = Result.objects.get(pk=make_result().pk), uuid.uuid4()
    first = decide(ann, result, key).json()
    assert decide(bob, Result.objects.get(), verdict="pending").status_code == 200
    again = decide(ann, result, key)
    assert again["Idempotency-Replayed"] == "true"
    assert again.json()["decision"] == first["decision"]
    assert again.json()["result"]["review"] == "pending"
    assert Decision.objects.count() == 2


def test_a_key_of_somebody_else_is_no_replay(ann: User, bob: User) -> None:
    result, key = Result.objects.get(pk=make_result().pk), uuid.uuid4()
    assert decide(ann, result, key).status_code == 200
    assert refused(decide(bob, result, key))[:2] == (422, "key-of-another-request")


def test_what_another_looks_at_waits(ann: User, bob: User) -> None:
    result = make_result()
    lease(Result.objects.pending_review(), bob, 1, timezone.now())
    result.refresh_from_db()
    answer = decide(ann, result)
    assert refused(answer) == (409, "already-decided", "leased")
    assert "bob" in answer.json()["detail"]
    Result.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert decide(ann, Result.objects.get()).status_code == 200


def test_four_eyes(ann: User, bob: User, settings: Any) -> None:
    settings.REVIEW_FOUR_EYES = True
    job = make_job("succeeded", created_by=ann)
    result = Result.objects.get(pk=make_result(job=job).pk)
    assert refused(decide(ann, result)) == (409, "already-decided", "launcher")
    assert decide(bob, result).status_code == 200


def test_two_must_agree(ann: User, bob: User, settings: Any) -> None:
    settings.REVIEW_SECOND_OPINION = True
    pk = make_result().pk
    first = decide(ann, Result.objects.get(pk=pk)).json()
    assert (first["decision"]["opinion"], first["result"]["review"]) == (True, "pending")
    own = decide(ann, Result.objects.get(pk=pk))
    assert refused(own) == (409, "already-decided", "opinion")
    second = decide(bob, Result.objects.get(pk=pk)).json()
    assert (second["decision"]["opinion"], second["result"]["review"]) == (False, "approved")


def test_a_rival_is_approved_on_purpose_only(ann: User) -> None:
    first = make_job("succeeded")
    make_result("approved", job=first)
    other = make_job("succeeded", attempt_of=first)
    result = Result.objects.get(pk=make_result(job=other).pk)
    assert refused(decide(ann, result)) == (409, "already-decided", "rival")
    assert decide(ann, result, beside=True).status_code == 200


def test_nothing_is_left_to_undo(ann: User) -> None:
    result = Result.objects.get(pk=make_result().pk)
    assert refused(decide(ann, result, verdict="pending")) == (409, "already-decided", "taken")


@pytest.mark.parametrize("first", [True, False])
def test_erased_at_this_moment_it_is_not_there(
    ann: User, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    """Before the row is locked, or between the decision and its answer."""
    result = Result.objects.get(pk=make_result().pk)
    real = decide_result

    def erasing(self: Result, *args: Any, **said: Any) -> Decision:
        made = None if first else real(self, *args, **said)
        Result.objects.filter(pk=self.pk).delete()
        return made or real(self, *args, **said)

    monkeypatch.setattr(results, "decide", erasing)
    assert refused(decide(ann, result))[:2] == (404, "not-found")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"verdict": ["approved"]}, "/verdict"),
        ({"verdict": "Approved"}, "/verdict"),
        ({"verdict": True}, "/verdict"),
        ({"reason": "because"}, "/reason"),
        ({"reason": None}, "/reason"),
        ({"note": 5}, "/note"),
        ({"note": "\x00"}, "/note"),
        ({"beside": "yes"}, "/beside"),
        ({"undoes": str(uuid.uuid4())}, "/undoes"),
        ({"opinion": True}, "/opinion"),
    ],
)
def test_hostile_bodies_are_pointed_at(ann: User, body: dict[str, Any], pointer: str) -> None:
    answer = decide(ann, make_result(), **body)
    assert answer.status_code == 400, answer.content
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        *("[]", '"approved"', "null", "{", "\xff", "[[[[", "1e999"),
        '{"verdict": "approved", "note": "\\ud800"}',
    ],
)
def test_what_is_no_object_is_a_problem(ann: User, body: str) -> None:
    result = make_result()
    headers = {"Idempotency-Key": str(uuid.uuid4()), "If-Match": f'"{result.etag}"'}
    answer = client_of(ann).generic(
        "POST", f"{RESULTS}/{result.pk}/decision", body, "application/json", headers=headers
    )
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize(
    "sent", ['W/"{}"', '"{}", "other"', "{}x", '""', '"', '".{}"', "\x7f", "x" * 5000]
)
def test_hostile_versions_are_none_of_ours(ann: User, sent: str) -> None:
    result = Result.objects.get(pk=make_result().pk)
    headers = {"Idempotency-Key": str(uuid.uuid4()), "If-Match": sent.format(result.etag)}
    answer = client_of(ann).post(
        f"{RESULTS}/{result.pk}/decision", {"verdict": "approved"}, headers=headers
    )
    assert answer.status_code == 412, answer.content
    assert answer.json()["version"] == result.etag


def test_a_key_of_the_wrong_kind(ann: User) -> None:
    for key in ("x" * 300, "00000000", "{}"):
        assert refused(decide(ann, make_result(), key))[:2] == (400, "malformed")
    assert not Decision.objects.exists()


def test_the_team_reads_the_history(ann: User, api: APIClient) -> None:
    result = make_result()
    assert decide(ann, result, verdict="rejected", reason="hands", note="six").status_code == 200
    path = f"{RESULTS}/{result.pk}/decisions"
    for role in ("merchandiser", "publisher", "auditor"):
        [told] = client_of(member(role)).get(path).json()
        assert (told["reason"], told["note"], told["by"]) == ("hands", "six", "ann")
    assert api.get(path).status_code == 403
