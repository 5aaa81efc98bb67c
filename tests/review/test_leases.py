"""One result, one reviewer at a time."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from jobs.models import Result
from review.decide import approve, decide, reopen
from review.leases import LEASE, lease, not_voted_by, release, renew
from review.models import Decision
from tests.factories import make_account, make_job, make_result, make_user

NOW = timezone.now()
postgres = pytest.mark.skipif(
    not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="needs PostgreSQL"
)


@pytest.fixture(autouse=True)
def _account(db: None) -> None:
    make_account()


def results(n: int) -> list[int]:
    return [make_result().pk for _ in range(n)]


def lease_for(user: Any, n: int, now: Any = NOW) -> list[int]:
    return lease(Result.objects.pending_review(), user, n, now)


@pytest.mark.django_db
def test_it_works() -> None:
    mei, ann = make_user("mei"), make_user("ann")
    a, b, c, d = results(4)
    assert lease_for(mei, 2) == [a, b]
    assert lease_for(ann, 2) == [c, d]
    assert lease_for(mei, 2) == [a, b]
    assert lease_for(ann, 9) == [c, d]


@pytest.mark.django_db
def test_results_that_are_not_reviewed_are_not_leased() -> None:
    make_result("approved")
    make_result(role="unrefined")
    assert lease_for(make_user(), 5) == []


@pytest.mark.django_db
def test_a_lease_ends_by_itself_unless_renewed() -> None:
    mei, ann = make_user("mei"), make_user("ann")
    a, b = results(2)
    lease_for(mei, 2)
    later = NOW + LEASE - timedelta(seconds=1)
    assert renew(Result.objects.pending_review(), mei, [a], later) == [a]
    after = NOW + LEASE
    assert lease_for(ann, 2, after) == [b]
    assert renew(Result.objects.pending_review(), mei, [a, b], after) == [a]


@pytest.mark.django_db
def test_releasing_leaves_later_leases() -> None:
    mei, ann = make_user("mei"), make_user("ann")
    a, b = results(2)
    lease_for(mei, 2)
    again = NOW + timedelta(seconds=5)
    lease_for(mei, 1, again)
    assert release(ann, [a, b], again + LEASE) == 0
    assert release(mei, [a, b], NOW + LEASE) == 1
    assert lease_for(ann, 2, again) == [b]


@pytest.mark.django_db
def test_a_decision_ends_it_and_an_undo_begins_it_again() -> None:
    mei, ann = make_user("mei"), make_user("ann")
    (a,) = results(1)
    lease_for(mei, 1, timezone.now())
    result = Result.objects.get()
    assert approve(result, mei)
    assert Result.objects.filter(leased_by=None).exists()
    assert reopen(result, mei)
    assert lease_for(ann, 1, timezone.now()) == []
    assert lease_for(mei, 1, timezone.now()) == [a]


@pytest.mark.django_db
@pytest.mark.parametrize("n", [1, 40])
def test_the_number_of_queries_does_not_grow(django_assert_num_queries: Any, n: int) -> None:
    results(n)
    user = make_user()
    # Savepoint (2), which, take them.
    with django_assert_num_queries(4):
        assert len(lease_for(user, 40)) == n


@pytest.mark.django_db
def test_a_reviewer_who_has_voted_does_not_get_it_again(settings: Any) -> None:
    settings.REVIEW_SECOND_OPINION = True
    mei, ann = make_user("mei"), make_user("ann")
    a, b = results(2)
    decide(Result.objects.get(pk=a), "approved", mei)

    def waiting(user: Any) -> list[int]:
        return list(
            not_voted_by(Result.objects.pending_review(), user)
            .order_by("pk")
            .values_list("pk", flat=True)
        )

    assert waiting(mei) == [b]
    assert waiting(ann) == [a, b]
    decide(Result.objects.get(pk=a), "pending", mei)
    assert waiting(mei) == [a, b]


@postgres
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_requests_at_one_moment_get_different_results() -> None:
    users = [make_user("mei"), make_user("ann")]
    job = make_job("succeeded")
    for n in range(40):
        make_result(job=job, index=n)
    both, got = threading.Barrier(2), dict[int, list[int]]()

    def ask(n: int) -> None:
        both.wait(10)
        got[n] = lease_for(users[n], 10, timezone.now())
        connection.close()

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(got[0]) == len(got[1]) == 10
    assert not set(got[0]) & set(got[1])
    assert not Decision.objects.exists()
