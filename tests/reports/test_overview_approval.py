"""Approval, failures and throughput, against figures worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs.models import Result, TryOnJob
from reports.overview import approval
from reports.overview.approval import approvals, wilson
from reports.overview.failures import failures
from reports.overview.throughput import throughput
from review.decide import approve, reject, reopen
from review.models import Decision
from tests.factories import make_account, make_batch, make_job, make_result, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 16, 10, 42, tzinfo=timezone.get_default_timezone())


# Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_it_works(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)


def test_nothing_reviewed_could_be_anything() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(5, 5)[1] == pytest.approx(1.0)


def decided(verdict: str, days_ago: float = 1, alias: str = "local") -> Result:
    batch = make_batch(account=make_account(alias))
    result = make_result(job=make_job("succeeded", batch=batch))
    by = make_user(f"u{result.pk}")
    assert approve(result, by) if verdict == "approved" else reject(result, by)
    Decision.objects.filter(result=result).update(at=NOW - timedelta(days=days_ago))
    return result


def test_approvals_are_counted_by_provider() -> None:
    for verdict in ("approved", "approved", "approved", "rejected"):
        decided(verdict)
    decided("rejected", alias="dashscope")
    first, second = approvals(NOW)
    assert (first.provider, first.approved, first.reviewed) == ("dashscope", 0, 1)
    assert (second.provider, second.approved, second.reviewed) == ("local", 3, 4)
    assert second.share == 0.75
    assert second.interval_text == "30% to 95%"


def test_what_is_old_or_undone_does_not_count() -> None:
    decided("approved", days_ago=31)
    undone = decided("approved")
    reopen(undone, make_user("undoer"))
    again = decided("rejected")
    second = make_user("second")
    reopen(again, second)
    approve(again, second)
    Decision.objects.filter(result=again).update(at=NOW)
    (only,) = approvals(NOW)
    assert (only.approved, only.reviewed) == (1, 1)


def test_only_the_newest_decisions_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approval, "NEWEST", 2)
    for days_ago, verdict in [(3, "rejected"), (2, "approved"), (1, "approved")]:
        decided(verdict, days_ago)
    (only,) = approvals(NOW)
    assert (only.approved, only.reviewed) == (2, 2)


def ended(state: str, at: datetime, **kwargs: Any) -> TryOnJob:
    return make_job(state, finished_at=at, **kwargs)


def test_jobs_are_counted_by_hour_and_by_day() -> None:
    ended("succeeded", NOW)
    ended("failed", NOW.replace(minute=5))
    ended("succeeded", NOW - timedelta(hours=3))
    ended("succeeded", NOW - timedelta(hours=30))
    ended("canceled", NOW)
    ended("succeeded", NOW - timedelta(days=14))
    found = throughput(NOW)
    assert (len(found.hours), len(found.days)) == (24, 14)
    last = found.hours[-1]
    assert (last.at.hour, last.succeeded, last.failed) == (10, 1, 1)
    assert [slot.total for slot in found.hours[-4:]] == [1, 0, 0, 2]
    assert [slot.total for slot in found.days[-2:]] == [1, 3]
    assert (found.day, found.week) == (3, 4)
    assert found.hours_text == "Most in one hour: 2, from 10:00"
    assert found.days_text == "Most in one day: 3, on 16 March"


def test_nothing_has_finished() -> None:
    assert throughput(NOW).days_text == "Nothing has finished"


def test_failures_are_named_counted_and_linked() -> None:
    batch = make_batch()
    for _ in range(2):
        ended("failed", NOW, batch=batch, error_kind="throttled", error_code="Throttling")
    ended("failed", NOW, error_kind="content", error_code="x y")
    ended("failed", NOW - timedelta(days=8), error_kind="content")
    found = failures(NOW)
    assert [(kind.count, kind.passing) for kind in found.kinds] == [(2, True), (1, False)]
    assert found.kinds[0].url == f"/batches/{batch.pk}/?code=Throttling"
    assert found.kinds[1].url.endswith("?code=x+y")
    assert found.kinds[1].title == "Refused by content inspection"
    assert (found.total, found.rest) == (3, 0)


def test_codes_of_one_meaning_are_one_kind() -> None:
    for code in ("a-code", "b-code"):
        ended("failed", NOW, error_kind="content", error_code=code)
    (only,) = failures(NOW).kinds
    assert only.count == 2
