from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobs import launch, progress
from jobs.models import Batch, Step, TryOnJob
from jobs.views import batch as views
from tests.builders import make_batch, make_job, make_person, make_result, make_user

from .conftest import client_of

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


def test_the_list_shows_progress(viewer: Client, batch: Batch) -> None:
    text = viewer.get("/batches/").content.decode()
    assert "Spring" in text
    assert "2 of 4 finished · 1 failed" in text


def test_an_empty_list_says_what_to_do(viewer: Client) -> None:
    Batch.objects.all().delete()
    assert "No batches yet" in viewer.get("/batches/").content.decode()


def test_progress_is_the_page_in_numbers(viewer: Client, batch: Batch) -> None:
    answer = news(viewer, batch)
    assert answer["segments"]["running"] == {"count": 1, "x": 250.0, "width": 250.0}
    assert answer["live"] is True
    assert answer["mark"]["word"] == "Running"
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
    assert 'data-live=""' in viewer.get(batch.get_absolute_url()).content.decode()


def test_spend_is_billed_and_reserved(viewer: Client, batch: Batch) -> None:
    done, open_ = batch.jobs.filter(state__in=["succeeded", "running"]).order_by("state")
    Step.objects.filter(job=open_).update(cost=Decimal("0.8"))
    Step.objects.filter(job=done).update(reserved=Decimal("0.504"))
    assert news(viewer, batch)["spend"] == {"billed": "¥0.80", "reserved": "¥0.504"}


def test_the_time_left_follows_the_speed() -> None:
    now = timezone.now()
    batch = make_batch(created_at=now - timedelta(minutes=2))
    for _ in range(4):
        make_job("succeeded", batch=batch, finished_at=now)
    for _ in range(6):
        make_job(batch=batch)
    assert progress.eta(batch, progress.Progress(batch.counts()), now) == "About 3 min left"


def test_the_time_left_is_not_guessed(batch: Batch) -> None:
    assert progress.eta(batch, progress.Progress(batch.counts()), timezone.now()) == ""


def test_failures_are_grouped_by_cause(operator: Client, batch: Batch) -> None:
    busy = {"error_code": "Throttling", "error_kind": "throttled", "error_message": "Slow down."}
    refused = {"error_code": "DataInspectionFailed", "error_kind": "content"}
    for fields in (busy, busy, refused):
        make_job("failed", batch=batch, **fields)
    text = operator.get(batch.get_absolute_url()).content.decode()
    assert "The provider was too busy" in text
    assert "Retry 2" in text
    assert "Retry 3 failed jobs" in text  # two too busy, one without a code; none refused
    only = operator.get(f"{batch.get_absolute_url()}?code=Throttling").content.decode()
    assert only.count('class="card"') == 2


@pytest.mark.parametrize(("query", "n"), [("code=%00", 0), ("state=x", 4), ("before=%00", 4)])
def test_nonsense_in_the_address_is_no_fault(
    viewer: Client, batch: Batch, query: str, n: int
) -> None:
    text = viewer.get(f"{batch.get_absolute_url()}?{query}").content.decode()
    assert text.count('class="card"') == n


def test_a_cause_without_a_code_is_a_cause(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch.registry, "unavailable", lambda alias: "")
    batch = make_batch(recipe={})
    plain = make_job("failed", batch=batch)
    make_job("failed", batch=batch, error_code="Throttling", error_kind="throttled")
    operator.post(f"/batches/{batch.pk}/retry/", {"code": ""})
    assert TryOnJob.objects.exclude(repeats=None).get().repeats == plain


def test_retrying_leaves_out_what_it_cannot_help(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch.registry, "unavailable", lambda alias: "")
    batch = make_batch(recipe={})
    busy = make_job("failed", batch=batch, error_code="Throttling", error_kind="throttled")
    make_job("failed", batch=batch, error_code="InvalidPerson", error_kind="input")
    operator.post(f"/batches/{batch.pk}/retry/", {"code": "Other"})
    assert not TryOnJob.objects.exclude(repeats=None).exists()
    for _ in range(2):
        operator.post(f"/batches/{batch.pk}/retry/")
    assert TryOnJob.objects.exclude(repeats=None).get().repeats == busy


def test_one_refusal_does_not_hold_up_the_others(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch.registry, "unavailable", lambda alias: "")
    batch = make_batch(recipe={"refine": True})
    make_job("failed", batch=batch, person=make_person(gender=""))
    fine = make_job("failed", batch=batch)
    page = operator.post(f"/batches/{batch.pk}/retry/", follow=True).content.decode()
    assert "1 job queued again." in page
    assert "set it on the person" in page
    assert TryOnJob.objects.exclude(repeats=None).get().repeats == fine


def test_a_refused_retry_gives_its_reason(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch.registry, "unavailable", lambda alias: "no key")
    batch = make_job("failed").batch
    page = operator.post(f"/batches/{batch.pk}/retry/", follow=True).content.decode()
    assert "no key" in page


def test_cancelling_stops_what_has_not_been_sent(operator: Client, batch: Batch) -> None:
    text = operator.get(batch.get_absolute_url()).content.decode()
    assert "1 job that has not been sent stops now" in text
    page = operator.post(f"/batches/{batch.pk}/cancel/", follow=True).content.decode()
    assert "1 job canceled." in page
    assert "1 job is already at the provider and will finish." in page
    assert batch.counts()["canceled"] == 1


def test_a_viewer_sees_no_buttons(viewer: Client, batch: Batch) -> None:
    text = viewer.get(batch.get_absolute_url()).content.decode()
    assert "/cancel/" not in text
    assert "/retry/" not in text


def test_repeated_jobs_are_shown_by_their_repetition(viewer: Client, batch: Batch) -> None:
    failed = batch.jobs.get(state="failed")
    make_job(batch=batch, repeats=failed)
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
    # Session, user, batch, counts, speed, spend (2), offered, causes, stoppable, cells, results,
    # rights (2).
    with django_assert_num_queries(14):
        viewer.get(address)
    with django_assert_num_queries(9):
        viewer.get(f"{address}progress/?jobs={ids}")
    with django_assert_num_queries(6):
        viewer.get("/batches/")


def test_a_stopped_batch_says_why_and_can_be_given_more(operator: Client, batch: Batch) -> None:
    make_job(batch=batch)
    Batch.objects.filter(pk=batch.pk).update(budget="1.20", spent="1.00", stopped_at=timezone.now())
    page = operator.get(batch.get_absolute_url()).content.decode()
    assert "Stopped at its budget: ¥1.00 of ¥1.20 are spent or reserved" in page
    assert operator.post(f"/batches/{batch.pk}/budget/", {"budget": "5"}).status_code == 403
    merchandiser = client_of(make_user("merchandiser"), "add_batch")
    address = f"/batches/{batch.pk}/budget/"
    assert (
        "such as 12.50" in merchandiser.post(address, {"budget": "x"}, follow=True).content.decode()
    )
    page = merchandiser.post(address, {"budget": "5"}, follow=True).content.decode()
    assert "¥1.00 of ¥5.00 spent or reserved" in page
    batch.refresh_from_db()
    assert (batch.stopped_at, batch.budget) == (None, Decimal("5.00"))


def test_a_paused_account_is_told_on_the_page(viewer: Client, batch: Batch) -> None:
    make_job(batch=batch)
    batch.account.pause("The budget of this month is used up.")
    page = viewer.get(batch.get_absolute_url()).content.decode()
    assert "local is paused: The budget of this month is used up." in page


def test_what_was_made_before_is_shown_with_the_batch(viewer: Client, batch: Batch) -> None:
    made = make_result().job
    batch.offered.add(made)
    page = viewer.get(batch.get_absolute_url()).content.decode()
    assert "Made before" in page
    assert made.get_absolute_url() in page
