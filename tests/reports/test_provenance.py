"""The record tells how a result came about, and nothing that is not its reader's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from galleries import tasks as galleries_tasks
from jobs.models import Result
from reports import provenance
from reports.provenance import Scope
from review.decide import approve, reject
from tests.factories import make_batch, make_garment, make_job, make_person, make_result, make_user

pytestmark = pytest.mark.django_db


def record_of(result: Result, scope: Scope | None = None) -> dict[str, Any]:
    """The record as its reader gets it."""
    row = provenance.with_provenance(Result.objects.all()).get(pk=result.pk)
    return dict(json.loads(json.dumps(provenance.record(row, scope))))


def result(**kwargs: Any) -> Result:
    top = make_garment("top", sku="TEE-1", wire_sha256="aa" * 32)
    person = make_person(name="Ada Byron", wire_sha256="bb" * 32)
    batch = make_batch(recipe={"model": "aitryon-plus", "samples": 1})
    job = make_job("succeeded", batch=batch, person=person, top=top)
    values = {"remote_id": "task-7", "raw": {"request_id": "req-9"}, "model": "aitryon-plus"}
    job.steps.update(cost="0.50", **values)
    return make_result("pending", job=job, **kwargs)


def test_it_works() -> None:
    made, ann = result(), make_user("ann")
    assert approve(made, ann)
    record = record_of(made)
    assert record["schema"] == "toile.provenance/1"
    assert record["result"]["sha256"] == made.sha256
    assert (record["result"]["width"], record["result"]["height"]) == (60, 80)
    assert record["inputs"] == {
        "person": {"wire_sha256": "bb" * 32},
        "garments": [{"slot": "top", "sku": "TEE-1", "wire_sha256": "aa" * 32}],
    }
    assert record["recipe"]["model"] == "aitryon-plus"
    [call] = record["calls"]
    assert (call["provider"], call["model"]) == ("local", "aitryon-plus")
    assert (call["remote_id"], call["request_id"]) == ("task-7", "req-9")
    [decision] = record["decisions"]
    assert (decision["verdict"], decision["by"]) == ("approved", "ann")
    assert record["label"]["visible_text"] == "AI generated"
    assert record["label"]["ai_system_version"] == "aitryon-plus"
    assert record["public_images"] == []


def test_money_and_names_are_for_those_who_may() -> None:
    made = result()
    assert "cost_cny" not in record_of(made)["calls"][0]
    assert "Ada Byron" not in json.dumps(record_of(made))
    full = record_of(made, Scope(money=True, names=True))
    assert full["calls"][0]["cost_cny"] == "0.5000"
    assert full["inputs"]["person"]["name"] == "Ada Byron"


def test_a_user_passes_on_what_they_may_see() -> None:
    user = make_user("clerk")
    assert Scope.of(user, names=True) == Scope()
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_ledgerentry", "view_person"])
    )
    user = User.objects.get(pk=user.pk)
    assert Scope.of(user) == Scope(money=True)
    assert Scope.of(user, names=True) == Scope(money=True, names=True)


def test_no_private_address_is_in_it() -> None:
    made = result()
    text = json.dumps(record_of(made, Scope(money=True, names=True)))
    assert "/private/" not in text
    assert "http" not in text.replace("http://cv.iptc.org/", "")
    for file in (made.original, made.job.person.original, made.job.person.wire):
        assert str(file.name) not in text


def test_reasons_are_in_it_and_notes_are_not() -> None:
    made = result()
    reject(made, None, "hands", "Ada's left thumb")
    assert record_of(made)["decisions"][0]["reason"] == "hands"
    assert "thumb" not in json.dumps(record_of(made))


def test_names_of_public_files_are_in_it() -> None:
    made = result()
    approve(made, None)
    made.publish(None)
    galleries_tasks.update_public_images()
    [name] = record_of(made)["public_images"]
    assert name.endswith("/60.jpg")
    assert record_of(made)["published_at"]


@pytest.mark.parametrize("raw", [{}, None, [], "x", {"request_id": None}, {"request_id": {"a": 1}}])
def test_any_answer_of_a_provider_will_do(raw: Any) -> None:
    assert isinstance(provenance.request_id(raw), str)


def test_the_number_of_queries_does_not_grow(django_assert_num_queries: Any) -> None:
    job = result().job
    for n in range(1, 4):
        make_result("approved", job=job, index=n, published_at=timezone.now())
    with django_assert_num_queries(3):
        rows = provenance.with_provenance(Result.objects.all())
        assert len([provenance.record(row) for row in rows]) == 4
