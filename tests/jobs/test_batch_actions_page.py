from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import Batch, Step
from tests.factories import client_of, make_batch, make_job, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    batch = make_batch(name="Spring")
    for state in ("queued", "running", "succeeded", "failed"):
        make_job(state, batch=batch)
    return batch


@pytest.fixture
def merchandiser() -> Client:
    return client_of(make_user("merchandiser"), "add_batch")


def posted(client: Client, batch: Batch, verb: str, **values: str) -> str:
    return client.post(f"/batches/{batch.pk}/{verb}/", values, follow=True).content.decode()


def test_it_works(merchandiser: Client, batch: Batch) -> None:
    page = posted(merchandiser, batch, "pause")
    assert "no new ones start" in page
    assert "Paused since" in page
    assert "It is paused already." in posted(merchandiser, batch, "pause")
    assert "Resumed." in posted(merchandiser, batch, "resume")
    assert "It is not paused." in posted(merchandiser, batch, "resume")
    assert batch.history().count() == 2


def test_its_history_is_shown(merchandiser: Client, batch: Batch) -> None:
    posted(merchandiser, batch, "pause")
    posted(merchandiser, batch, "priority", priority="1")
    posted(merchandiser, batch, "budget", budget="12.5")
    page = posted(merchandiser, batch, "resume")
    for word in ("Paused", "Resumed", "Before others", "¥12.50", "Launched", "merchandiser"):
        assert word in page


def test_its_turn_is_chosen(merchandiser: Client, batch: Batch) -> None:
    assert "Priority changed." in posted(merchandiser, batch, "priority", priority="-1")
    assert Batch.objects.get().priority == Batch.Priority.LAST
    assert "Nothing was changed." in posted(merchandiser, batch, "priority", priority="-1")
    for nonsense in ("7", "x", ""):
        assert "Choose before others" in posted(merchandiser, batch, "priority", priority=nonsense)


@pytest.mark.parametrize("verb", ["pause", "resume", "priority", "budget", "cancel", "retry"])
def test_a_viewer_may_not(viewer: Client, batch: Batch, verb: str) -> None:
    assert viewer.post(f"/batches/{batch.pk}/{verb}/").status_code == 403
    assert f"/{verb}/" not in viewer.get(batch.get_absolute_url()).content.decode()


def test_a_batch_that_is_not_there(merchandiser: Client) -> None:
    assert merchandiser.post("/batches/999/pause/").status_code == 404


def test_cancelling_says_what_it_does_before_and_after(operator: Client, batch: Batch) -> None:
    Step.objects.filter(job__state="succeeded").update(cost=Decimal("0.80"))
    text = operator.get(batch.get_absolute_url()).content.decode()
    assert "1 job that has not been sent stops now" in text
    assert "1 job is already at the provider and will finish." in text
    assert "1 job has been billed already: ¥0.80 stay spent." in text
    page = posted(operator, batch, "cancel")
    assert "1 job canceled." in page
    assert "1 job is already at the provider and will finish." in page
    assert "1 job has been billed already: ¥0.80 stay spent." in page
    assert batch.counts()["canceled"] == 1


def test_a_stopped_batch_says_why_and_can_be_given_more(
    operator: Client, merchandiser: Client, batch: Batch
) -> None:
    make_job(batch=batch)
    values = {"budget": "1.20", "spent": "1.00", "stopped_at": timezone.now()}
    Batch.objects.filter(pk=batch.pk).update(**values)
    page = operator.get(batch.get_absolute_url()).content.decode()
    assert "Stopped at its budget: ¥1.00 of ¥1.20 are spent or reserved" in page
    assert operator.post(f"/batches/{batch.pk}/budget/", {"budget": "5"}).status_code == 403
    address = f"/batches/{batch.pk}/budget/"
    assert (
        "such as 12.50" in merchandiser.post(address, {"budget": "x"}, follow=True).content.decode()
    )
    page = merchandiser.post(address, {"budget": "5"}, follow=True).content.decode()
    assert "¥1.00 of ¥5.00 spent or reserved" in page
    batch.refresh_from_db()
    assert (batch.stopped_at, batch.budget) == (None, Decimal("5.00"))
