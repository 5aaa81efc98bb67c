from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs.models import Batch
from jobs.views import batch as views
from tests.factories import make_batch, make_job, make_result

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    batch = make_batch(name="Spring")
    for state in ("queued", "running", "succeeded", "failed"):
        make_job(state, batch=batch)
    return batch


def news(client: Client, batch: Batch, query: str = "") -> dict[str, Any]:
    return client.get(f"/batches/{batch.pk}/progress/{query}").json()


def test_it_works(viewer: Client, batch: Batch) -> None:
    text = viewer.get(batch.get_absolute_url()).content.decode()
    assert "2 of 4 finished" in text
    assert f"/batches/{batch.pk}/progress/" in text
    assert text.count('class="card"') == 4


def test_progress_is_the_page_in_numbers(viewer: Client, batch: Batch) -> None:
    answer = news(viewer, batch)
    segment = {"count": 1, "count_text": "1", "x": 250.0, "width": 250.0}
    assert answer["segments"]["running"] == segment
    assert answer["live"] is True
    assert answer["badge"]["word"] == "Running"
    assert answer["cells"] == []


def test_cells_that_are_waited_for_come_along(viewer: Client, batch: Batch) -> None:
    done = batch.jobs.get(state="succeeded")
    result = make_result(job=done)
    other = make_job("failed")
    (cell,) = news(viewer, batch, f"?jobs={done.pk},{other.pk},x,{10**20}")["cells"]
    assert cell["id"] == done.pk
    assert cell["thumb"] == result.thumb.url


def test_a_finished_batch_is_not_asked_again(viewer: Client) -> None:
    batch = make_job("succeeded").batch
    assert news(viewer, batch)["live"] is False
    assert 'data-progress-url=""' in viewer.get(batch.get_absolute_url()).content.decode()


@pytest.mark.parametrize(("query", "n"), [("code=%00", 0), ("state=x", 4), ("before=%00", 4)])
def test_nonsense_in_the_address_is_no_fault(
    viewer: Client, batch: Batch, query: str, n: int
) -> None:
    text = viewer.get(f"{batch.get_absolute_url()}?{query}").content.decode()
    assert text.count('class="card"') == n


def test_a_viewer_sees_no_buttons(viewer: Client, batch: Batch) -> None:
    text = viewer.get(batch.get_absolute_url()).content.decode()
    assert "/cancel/" not in text
    assert "/retry/" not in text


def test_repeated_jobs_are_shown_by_their_repetition(viewer: Client, batch: Batch) -> None:
    failed = batch.jobs.get(state="failed")
    make_job(batch=batch, repeat_of=failed)
    text = viewer.get(batch.get_absolute_url()).content.decode()
    assert f'data-job="{failed.pk}"' not in text
    assert text.count('class="card"') == 4


def test_cells_come_in_pages(viewer: Client, monkeypatch: pytest.MonkeyPatch, batch: Batch) -> None:
    monkeypatch.setattr(views, "CELLS", 3)
    first = viewer.get(batch.get_absolute_url())
    assert len(first.context["page"].rows) == 3
    older = viewer.get(f"{batch.get_absolute_url()}?before={first.context['page'].older}")
    assert len(older.context["page"].rows) == 1


@pytest.mark.parametrize("n", [1, 50])
def test_the_number_of_queries_does_not_grow(
    viewer: Client, django_assert_num_queries: Any, n: int
) -> None:
    batch = make_batch()
    for _ in range(n):
        make_result(job=make_job("succeeded", batch=batch))
    make_job("failed", batch=batch)
    make_job(batch=batch)
    address = batch.get_absolute_url()
    ids = ",".join(str(pk) for pk in batch.jobs.values_list("pk", flat=True))
    # Session, user, batch, counts (2), spend, causes (3) and their bill, speed, places, what
    # waits, offered, history, cells (2), results, what is to be reviewed, rights (2).
    with django_assert_num_queries(21):
        viewer.get(address)
    with django_assert_num_queries(10):
        viewer.get(f"{address}progress/?jobs={ids}")


def test_a_paused_account_is_shown_on_the_page(viewer: Client, batch: Batch) -> None:
    make_job(batch=batch)
    batch.account.pause("The budget of this month is used up.")
    page = viewer.get(batch.get_absolute_url()).content.decode()
    assert "Local engine is paused: The budget of this month is used up." in page


def test_what_was_made_before_is_shown_with_the_batch(viewer: Client, batch: Batch) -> None:
    made = make_result().job
    batch.reused_jobs.add(made)
    page = viewer.get(batch.get_absolute_url()).content.decode()
    assert "Made before" in page
    assert made.get_absolute_url() in page
