"""Decisions count once, one of two wins, and the rules hold for everybody."""

from __future__ import annotations

import os
import threading
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from jobs.models import Event, Result
from review import checks
from review.decide import approve, decide, launcher_refusal, reject, reopen
from review.leases import lease, not_voted_by
from review.models import Decision, DecisionRefused
from tests.factories import make_account, make_batch, make_job, make_result, make_user

postgres = pytest.mark.skipif(
    not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="needs PostgreSQL"
)


@pytest.fixture(autouse=True)
def _account(db: None) -> None:
    make_account()


@pytest.fixture
def mei(db: None) -> User:
    return make_user("mei")


@pytest.fixture
def ann(db: None) -> User:
    return make_user("ann")


def refusal(result: Result, verdict: str, by: Any, **options: Any) -> tuple[str, str]:
    before = (Result.objects.get(pk=result.pk).review, Decision.objects.count())
    with pytest.raises(DecisionRefused) as caught:
        decide(result, verdict, by, **options)
    assert (Result.objects.get(pk=result.pk).review, Decision.objects.count()) == before
    return caught.value.code, str(caught.value)


def verdicts() -> list[tuple[str, bool]]:
    return list(Decision.objects.values_list("verdict", "opinion"))


def test_it_works(mei: User) -> None:
    result, key = make_result(), uuid.uuid4()
    first = decide(result, "rejected", mei, key=key, reason="hands", note="six fingers")
    assert (result.review, first.opinion) == ("rejected", False)
    assert decide(result, "rejected", mei, key=key, reason="hands") == first
    assert verdicts() == [("rejected", False)]
    assert Event.objects.filter(kind="result").count() == 1


def test_a_key_means_one_decision(mei: User, ann: User) -> None:
    result, other, key = make_result(), make_result(), uuid.uuid4()
    decide(result, "approved", mei, key=key)
    assert refusal(other, "approved", mei, key=key)[0] == "key"
    assert refusal(result, "rejected", mei, key=key)[0] == "key"
    assert refusal(result, "approved", ann, key=key)[0] == "key"


def test_the_second_reviewer_learns_who_decided_what(mei: User, ann: User) -> None:
    result = make_result()
    stale = Result.objects.get()
    decide(result, "approved", mei)
    assert refusal(stale, "rejected", ann) == ("taken", "mei has approved it already.")
    assert not reject(stale, ann)


def test_what_another_looks_at_is_not_decided(mei: User, ann: User) -> None:
    result = make_result()
    lease(Result.objects.pending_review(), ann, 1, timezone.now())
    assert refusal(result, "approved", mei) == ("leased", "ann is looking at it right now.")
    Result.objects.update(leased_until=timezone.now())
    assert decide(result, "approved", mei)


def test_only_finals_are_decided(mei: User) -> None:
    assert refusal(make_result(role="unrefined"), "approved", mei)[0] == "role"


def test_undo_names_what_it_undoes(mei: User, ann: User) -> None:
    result, first, second = make_result(), uuid.uuid4(), uuid.uuid4()
    decide(result, "approved", mei, key=first)
    decide(result, "pending", mei, undoes=first)
    assert result.leased_by_id == mei.pk
    decide(result, "rejected", mei, key=second)
    assert refusal(result, "pending", mei, undoes=first)[0] == "taken"
    decide(result, "pending", mei, undoes=second)
    assert refusal(result, "pending", mei)[0] == "taken"
    assert [v for v, _opinion in verdicts()] == ["approved", "pending", "rejected", "pending"]


def test_nothing_to_undo(mei: User) -> None:
    assert refusal(make_result(), "pending", mei) == ("taken", "There is nothing to undo.")


@pytest.mark.parametrize("whose", ["job", "batch"])
def test_four_eyes(mei: User, ann: User, settings: Any, whose: str) -> None:
    batch = make_batch(created_by=mei if whose == "batch" else None)
    job = make_job("succeeded", batch=batch, created_by=mei if whose == "job" else None)
    result = make_result(job=job)
    assert launcher_refusal(result, mei) == ""
    settings.REVIEW_FOUR_EYES = True
    text = "You launched it: somebody else has to approve it."
    assert launcher_refusal(result, mei) == text
    assert refusal(result, "approved", mei) == ("launcher", text)
    assert not approve(result, mei)
    assert decide(result, "approved", ann)
    assert reopen(result, mei)
    assert reject(result, mei)


@pytest.fixture
def two(settings: Any) -> None:
    settings.REVIEW_SECOND_OPINION = True


@pytest.mark.usefixtures("two")
def test_two_must_agree(mei: User, ann: User) -> None:
    result, key = make_result(), uuid.uuid4()
    lease(Result.objects.pending_review(), mei, 1, timezone.now())
    assert decide(result, "approved", mei, key=key).opinion
    assert decide(result, "approved", mei, key=key).opinion
    assert (result.review, result.leased_by_id) == ("pending", None)
    assert refusal(result, "approved", mei)[0] == "opinion"
    assert not decide(result, "approved", ann).opinion
    assert result.review == "approved"
    assert verdicts() == [("approved", True), ("approved", False)]


@pytest.mark.usefixtures("two")
def test_where_two_differ_a_third_decides(mei: User, ann: User) -> None:
    result = make_result()
    assert decide(result, "approved", mei).opinion
    assert decide(result, "rejected", ann, reason="face").opinion
    assert result.review == "pending"
    assert not decide(result, "rejected", make_user("bob")).opinion
    assert result.review == "rejected"


@pytest.mark.usefixtures("two")
def test_an_opinion_is_taken_back(mei: User, ann: User) -> None:
    result, key = make_result(), uuid.uuid4()
    decide(result, "approved", mei, key=key)
    assert decide(result, "pending", mei, undoes=key).opinion
    assert decide(result, "rejected", mei).opinion
    assert decide(result, "approved", ann).opinion
    assert result.review == "pending"


@pytest.mark.usefixtures("two")
def test_undone_by_its_decider_the_first_opinion_stands(mei: User, ann: User) -> None:
    result = make_result()
    decide(result, "approved", mei)
    decide(result, "approved", ann)
    decide(result, "pending", ann)
    assert not decide(result, "approved", ann).opinion


@pytest.mark.usefixtures("two")
def test_undone_by_another_both_are_asked_again(mei: User, ann: User) -> None:
    result = make_result()
    decide(result, "approved", mei)
    decide(result, "approved", ann)
    decide(result, "pending", make_user("bob"))
    Result.objects.update(leased_by=None)
    assert decide(result, "approved", ann).opinion
    assert list(not_voted_by(Result.objects.pending_review(), mei)) == [result]


@pytest.mark.parametrize("earlier", [1, 9])
def test_the_number_of_queries_does_not_grow(
    mei: User, django_assert_num_queries: Any, earlier: int
) -> None:
    result = make_result()
    for _ in range(earlier):
        approve(result, mei)
        reopen(result, mei)
    # Savepoints (4), the row, its decisions, rivals, the move and its event, the decision; and, as
    # it is the last of its batch: how many are left, the batch's lock, whether that is known. And
    # whether any webhook wants to hear of it.
    with django_assert_num_queries(14):
        decide(result, "approved", mei, key=uuid.uuid4())


def test_nonsense_in_the_settings_is_found(settings: Any, mei: User) -> None:
    assert checks.review_rules_are_booleans() == []
    settings.REVIEW_FOUR_EYES = "perhaps"
    assert [found.id for found in checks.review_rules_are_booleans()] == ["jobs.E020"]
    settings.REVIEW_FOUR_EYES = True
    found = checks.there_are_enough_reviewers(databases=["default"])
    assert [each.id for each in found] == ["jobs.W020"]
    User.objects.update(is_superuser=True)
    make_user("bob", is_superuser=True)
    assert checks.there_are_enough_reviewers(databases=["default"]) == []


@postgres
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("case", ["two people", "one key", "two opinions"])
def test_at_one_moment(mei: User, ann: User, settings: Any, case: str) -> None:
    settings.REVIEW_SECOND_OPINION = case == "two opinions"
    pk, key = make_result().pk, uuid.uuid4() if case == "one key" else None
    users = [mei, mei if key else ann]
    options = ["approved", "approved" if key or case == "two opinions" else "rejected"]
    both, answers = threading.Barrier(2), list[str]()

    def ask(n: int) -> None:
        both.wait(10)
        try:
            decide(Result(pk=pk), options[n], users[n], key=key)
            answers.append("done")
        except DecisionRefused as refused:
            answers.append(refused.code)
        connection.close()

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    refused = "taken" if case == "two people" else "done"
    assert sorted(answers) == sorted(["done", refused])
    assert Decision.objects.count() == (2 if case == "two opinions" else 1)
    assert Event.objects.filter(kind="result").count() == 1
    assert Result.objects.get().review in ("approved", "rejected")


@pytest.mark.parametrize("verdict", ["approved", "rejected"])
def test_a_result_page_shows_why_not(mei: User, ann: User, client: Any, verdict: str) -> None:
    result = make_result()
    lease(Result.objects.pending_review(), ann, 1, timezone.now())
    User.objects.filter(pk=mei.pk).update(is_superuser=True)
    client.force_login(mei)
    page = client.post(f"/results/{result.pk}/decide/", {"verdict": verdict}, follow=True)
    assert "ann is looking at it right now." in page.content.decode()
