"""The audit: who decided what, when, and the same as a table."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from review.decide import decide
from review.models import Decision
from review.views import decisions
from tests.factories import client_of, make_result, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(db: None) -> Client:
    return client_of(make_user("auditor"), "view_decision")


def decided(verdict: str = "approved", by: str = "mei", **options: Any) -> Decision:
    return decide(make_result(), verdict, _user(by), **options)


def _user(name: str) -> Any:
    from django.contrib.auth.models import User

    return User.objects.filter(username=name).first() or make_user(name)


def shown(client: Client, query: str = "") -> list[int]:
    return [row.pk for row in client.get(f"/decisions/{query}").context["page"].rows]


def test_it_works(auditor: Client) -> None:
    first = decided("rejected", reason="face", note="older")
    second = decide(first.result, "pending", _user("mei"))
    assert shown(auditor) == [second.pk, first.pk]
    text = auditor.get("/decisions/").content.decode()
    assert "Face changed" in text
    assert "older" in text
    assert "Undone" in text


def test_filters_combine(auditor: Client) -> None:
    wanted = decided("rejected", reason="face")
    decided("rejected", by="ann", reason="face")
    decided()
    mei, batch = wanted.by_id, wanted.result.job.batch_id
    today = timezone.localdate()
    query = f"?by={mei}&verdict=rejected&reason=face&batch={batch}&since={today}&until={today}"
    assert shown(auditor, query) == [wanted.pk]
    Decision.objects.update(at=timezone.now() - timedelta(days=2))
    assert shown(auditor, query) == []
    assert "No decision matches" in auditor.get(f"/decisions/{query}").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        *("by=x", "by=99", "by=%00", "verdict=no", "reason=no", "batch=-1", "batch=" + "9" * 30),
        *("since=yesterday", "until=9999-99-99", "before=x"),
    ],
)
def test_nonsense_narrows_nothing(auditor: Client, query: str) -> None:
    only = decided()
    assert shown(auditor, f"?{query}") == [only.pk]


def test_the_last_day_there_is(auditor: Client) -> None:
    only = decided()
    assert shown(auditor, "?until=9999-12-31") == [only.pk]
    assert shown(auditor, "?since=0001-01-01") == [only.pk]


def test_pages_follow_each_other(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "PAGE_SIZE", 2)
    c, b, a = reversed([decided().pk for _ in range(3)])
    assert shown(auditor) == [c, b]
    assert shown(auditor, f"?before={b}") == [a]


def test_it_is_a_table_as_well(auditor: Client) -> None:
    options = decided("rejected", reason="face", note="=1+1")
    answer = auditor.get("/decisions/export/?verdict=rejected")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["by"], row["verdict"], row["reason"]) == ("mei", "rejected", "face")
    assert row["result"] == str(options.result_id)
    assert row["note"] != "=1+1"


def test_auditors_only(viewer: Client) -> None:
    for path in ("/decisions/", "/decisions/export/"):
        assert viewer.get(path).status_code == 403
        assert Client().get(path).status_code == 302


@pytest.mark.parametrize("n", [1, 30])
def test_the_number_of_queries_does_not_grow(
    auditor: Client, django_assert_num_queries: Any, n: int
) -> None:
    for _ in range(n):
        decided()
    # Session, user, rights (2), the menu of reviewers, the rows, their persons and garments (2).
    with django_assert_num_queries(8):
        auditor.get("/decisions/")
