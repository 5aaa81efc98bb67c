from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import Batch
from tests.factories import client_of, make_batch, make_job, make_user

pytestmark = pytest.mark.django_db


def names(client: Client, query: str = "") -> list[str]:
    return [batch.name for batch, _progress in client.get(f"/batches/{query}").context["rows"]]


def in_state(name: str, state: str, **kwargs: Any) -> Batch:
    return make_job(state, batch=make_batch(name=name, **kwargs)).batch


def test_it_works(viewer: Client) -> None:
    batch = make_batch(name="Spring", spent=Decimal("1.20"), estimate=Decimal("4"))
    for state in ("queued", "running", "succeeded", "failed"):
        make_job(state, batch=batch)
    text = " ".join(viewer.get("/batches/").content.decode().split())
    assert "Spring" in text
    assert "2 of 4 finished · 1 failed" in text
    assert "¥1.20" in text
    assert "of about ¥4.00" in text


def test_an_empty_list_says_what_to_do(viewer: Client) -> None:
    assert "No batches yet" in viewer.get("/batches/").content.decode()
    merchandiser = client_of(make_user("merchandiser"), "add_batch")
    assert "New batch" in merchandiser.get("/batches/").content.decode()


def test_it_is_narrowed_by_state(viewer: Client) -> None:
    in_state("Going", "queued")
    in_state("Held", "queued", paused_at=timezone.now())
    in_state("Broke", "queued", stopped_at=timezone.now(), budget=1)
    in_state("Unclear", "needs_attention")
    in_state("Done", "succeeded")
    in_state("Done, then paused", "failed", paused_at=timezone.now())
    assert names(viewer, "?state=running") == ["Broke", "Going"]
    assert names(viewer, "?state=paused") == ["Held"]
    assert names(viewer, "?state=attention") == ["Unclear", "Broke"]
    assert names(viewer, "?state=finished") == ["Done, then paused", "Done"]
    assert len(names(viewer, "?state=nonsense")) == 6


def test_it_is_searched_by_name(viewer: Client) -> None:
    in_state("Spring tees", "queued")
    in_state("Autumn", "queued")
    assert names(viewer, "?q=SPRING") == ["Spring tees"]
    assert names(viewer, "?q=spring&state=finished") == []
    assert names(viewer, "?q=%00") == ["Autumn", "Spring tees"]
    page = viewer.get("/batches/?q=<b>").content.decode()
    assert "No batch named “&lt;b&gt;” here" in page


def test_a_repeated_job_counts_once(viewer: Client) -> None:
    failed = make_job("failed")
    make_job(batch=failed.batch, repeat_of=failed)
    text = viewer.get("/batches/").content.decode()
    assert "0 of 1 finished" in text
    assert failed.batch.counts() == failed.batch.counts() | {"queued": 1, "failed": 0}


@pytest.mark.parametrize("n", [1, 20])
@pytest.mark.parametrize("query", ["", "?state=running&q=Batch"])
def test_the_number_of_queries_does_not_grow(
    viewer: Client, django_assert_num_queries: Any, n: int, query: str
) -> None:
    for _ in range(n):
        make_job()
    # Session, user, rights for the rail (2), batches, counts (2).
    with django_assert_num_queries(7):
        viewer.get(f"/batches/{query}")
