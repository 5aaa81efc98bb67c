"""What the admin must not do on tables that only grow: count them, or search them by joins."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobs.admin.events import kinds
from jobs.models import Event
from tests.factories import make_garment, make_job, make_person, make_result, make_step


@pytest.fixture
def worker(boss: User, client: Client) -> Client:
    client.force_login(boss)
    return client


def listed(worker: Client, model: str, **query: str) -> list[int]:
    response = worker.get(f"/admin/jobs/{model}/", query)
    assert response.status_code == 200
    return [row.pk for row in response.context["cl"].result_list]


def test_it_works(worker: Client) -> None:
    person, shirt = make_person(name="Ada Low"), make_garment(name="Linen shirt", sku="TL-7")
    job = make_job("succeeded", person=person, top=shirt)
    other = make_job("succeeded")
    result = make_result(job=job)
    for text in ("linen", "shirt linen", "tl-7", "ada"):
        assert listed(worker, "tryonjob", q=text) == [job.pk]
        assert listed(worker, "result", q=text) == [result.pk]
    assert listed(worker, "tryonjob", q=other.steps.get().remote_id) == [other.pk]
    assert listed(worker, "tryonjob", q="nothing like it") == []


def test_a_step_is_found_by_its_remote_id(worker: Client) -> None:
    step = make_step(make_job("queued"), state="remote", remote_id="Task-9")
    assert listed(worker, "step", q="Task-9") == [step.pk]
    assert listed(worker, "step", q="task-9") == []


def test_counting_stops_after_the_next_page(worker: Client) -> None:
    Event.objects.bulk_create(Event(kind="job", object_id=n, to_state="queued") for n in range(250))
    page = worker.get("/admin/jobs/event/").content.decode()
    assert "200+ events" in page
    assert len(listed(worker, "event", p="3")) == 50
    assert "250 events" in worker.get("/admin/jobs/event/?p=3").content.decode()


def test_kinds_are_those_that_there_are(worker: Client) -> None:
    assert kinds() == []
    for kind in ("step", "job", "job"):
        Event.objects.create(kind=kind, object_id=7, to_state="queued")
    assert kinds() == ["job", "step"]
    assert len(listed(worker, "event", kind="job")) == 2
    assert len(listed(worker, "event", q="7")) == 3
    assert listed(worker, "event", q="seven") == []
