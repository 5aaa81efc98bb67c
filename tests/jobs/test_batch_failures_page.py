from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs.batches import failures
from jobs.launch import create
from jobs.models import Batch, Step, TryOnJob
from tests.factories import client_of, make_batch, make_garment, make_job, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    batch = make_batch(name="Spring")
    for state in ("queued", "running", "succeeded", "failed"):
        make_job(state, batch=batch)
    return batch


def test_it_works(operator: Client, batch: Batch) -> None:
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


def test_a_cause_without_a_code_is_a_cause(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(create.registry, "unavailable_reason", lambda alias: "")
    batch = make_batch(recipe={})
    plain = make_job("failed", batch=batch)
    make_job("failed", batch=batch, error_code="Throttling", error_kind="throttled")
    operator.post(f"/batches/{batch.pk}/retry/", {"code": ""})
    assert TryOnJob.objects.exclude(repeat_of=None).get().repeat_of == plain


def test_retrying_leaves_out_what_it_cannot_help(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(create.registry, "unavailable_reason", lambda alias: "")
    batch = make_batch(recipe={})
    busy = make_job("failed", batch=batch, error_code="Throttling", error_kind="throttled")
    make_job("failed", batch=batch, error_code="InvalidPerson", error_kind="input")
    operator.post(f"/batches/{batch.pk}/retry/", {"code": "Other"})
    assert not TryOnJob.objects.exclude(repeat_of=None).exists()
    for _ in range(2):
        operator.post(f"/batches/{batch.pk}/retry/")
    assert TryOnJob.objects.exclude(repeat_of=None).get().repeat_of == busy


def test_one_refusal_does_not_hold_up_the_others(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(create.registry, "unavailable_reason", lambda alias: "")
    batch = make_batch(recipe={"refine": True})
    make_job("failed", batch=batch, person=make_person(gender=""))
    fine = make_job("failed", batch=batch)
    page = operator.post(f"/batches/{batch.pk}/retry/", follow=True).content.decode()
    assert "1 job queued again." in page
    assert "set it on the person" in page
    assert TryOnJob.objects.exclude(repeat_of=None).get().repeat_of == fine


def test_a_refused_retry_gives_its_reason(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(create.registry, "unavailable_reason", lambda alias: "no key")
    batch = make_job("failed").batch
    page = operator.post(f"/batches/{batch.pk}/retry/", follow=True).content.decode()
    assert "no key" in page


def test_what_all_failures_of_a_cause_use_is_named(operator: Client) -> None:
    batch, leo, tee = make_batch(), make_person(name="Leo, half length"), make_garment()
    unfit = {"error_code": "InvalidPerson", "error_kind": "input"}
    for _ in range(2):
        make_job("failed", batch=batch, person=leo, **unfit)
    for person in (None, None):
        make_job("failed", batch=batch, person=person, top=tee, error_code="x", error_kind="input")
    by_code = {cause.code: cause for cause in failures.causes(batch)}
    assert [photo.name for photo in by_code["InvalidPerson"].shared] == ["Leo, half length"]
    assert by_code["InvalidPerson"].photo == ("person", leo.pk, leo.name)
    assert by_code["x"].photo == ("garment", tee.pk, tee.name)
    text = " ".join(operator.get(batch.get_absolute_url()).content.decode().split())
    assert f'All of them use <a href="/persons/{leo.pk}/">Leo, half length</a>' in text
    assert f'href="/garments/{tee.pk}/">Mend or replace the photo' in text


def test_two_tops_are_not_one(batch: Batch) -> None:
    tee = make_garment()
    make_job("failed", batch=batch, top=tee, error_code="x")
    make_job("failed", batch=batch, slot="bottom", error_code="x")
    (cause,) = [cause for cause in failures.causes(batch) if cause.code == "x"]
    assert cause.shared == []


def test_each_cause_can_be_launched_otherwise_but_for_policy(batch: Batch) -> None:
    make_job("failed", batch=batch, error_code="Throttling", error_kind="throttled")
    make_job("failed", batch=batch, error_code="DataInspectionFailed", error_kind="content")
    merchandiser = client_of(make_user("merchandiser"), "add_batch")
    text = merchandiser.get(batch.get_absolute_url()).content.decode()
    assert f"/launch/?again={batch.pk}&amp;code=Throttling" in text
    assert "code=DataInspectionFailed#cells-h" in text
    assert f"again={batch.pk}&amp;code=DataInspectionFailed" not in text
    assert "See the photo" in text


def test_what_failures_cost_is_shown(viewer: Client, batch: Batch) -> None:
    assert "Nothing here was charged" in viewer.get(batch.get_absolute_url()).content.decode()
    Step.objects.filter(job__state="failed").update(cost="0.50")
    assert "¥0.50 was charged" in viewer.get(batch.get_absolute_url()).content.decode()


@pytest.mark.parametrize("n", [2, 12])
def test_the_number_of_queries_does_not_grow(
    batch: Batch, django_assert_num_queries: Any, n: int
) -> None:
    for i in range(n):
        make_job("failed", batch=batch, error_code=f"code-{i}")
    with django_assert_num_queries(3):
        assert len(failures.causes(batch)) == n + 1
