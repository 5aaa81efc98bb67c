"""Photos of people through the API: one's own, whole, once, and erased on a word."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Person
from jobs.models import Event, Result, TryOnJob
from tests.api.conftest import client_of, member
from tests.factories import make_garment, make_job, make_person, make_result
from tests.pictures import photo

PERSONS, GARMENTS = "/api/v1/persons", "/api/v1/garments"
pytestmark = pytest.mark.django_db


def send(client: APIClient, path: str = PERSONS, data: bytes = b"", **fields: Any) -> Any:
    file = SimpleUploadedFile("me.jpg", data or photo(), "image/jpeg")
    key = fields.pop("key", str(uuid.uuid4()))
    body = {"photo": file, "name": "Me", **fields}
    return client.post(path, body, format="multipart", headers={"Idempotency-Key": key})


def files(settings: Any) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_it_works(api: APIClient, shopper: User) -> None:
    made = send(api, consent="tryon", gender="woman", height_cm=170)
    assert made.status_code == 201, made.content
    told = made.json()
    person = Person.objects.get()
    assert (person.owner, person.consent_scope, told["own"]) == (shopper, "tryon", True)
    assert told["image"]["placeholder"].startswith("#")
    assert api.get(made["Location"]).json()["id"] == told["id"]
    assert [row["id"] for row in api.get(PERSONS).json()["results"]] == [told["id"]]


def test_a_photo_sent_twice_is_one_person(api: APIClient, settings: Any) -> None:
    first = send(api, consent="tryon", key="k1")
    same = send(api, consent="tryon", key="k1")
    assert same["Idempotency-Replayed"] == "true"
    before = files(settings)
    again = send(api, consent="tryon")
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert (Person.objects.count(), files(settings)) == (1, before)


def test_shoppers_agree_before_anything_is_kept(api: APIClient, settings: Any) -> None:
    for consent in ({}, {"consent": "publish"}, {"consent": "unneeded"}, {"consent": ""}):
        answer = send(api, **consent)
        assert answer.status_code == 400
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/consent"]
    assert (Person.objects.count(), files(settings)) == (0, [])


def test_persons_of_others_do_not_exist(api: APIClient, merch: APIClient) -> None:
    theirs = make_person(owner=member("shopper", "other"))
    house = make_person()
    for person in (theirs, house):
        for call in (api.get, api.patch, api.delete):
            assert call(f"{PERSONS}/{person.pk}").status_code == 404
    assert [row["id"] for row in merch.get(PERSONS).json()["results"]] == [house.pk]
    assert merch.get(f"{PERSONS}/{theirs.pk}").status_code == 404


def test_the_team_adds_its_own(merch: APIClient, as_role: Any) -> None:
    made = send(merch, consent="publish")
    assert made.status_code == 201
    assert Person.objects.get().owner is None
    assert send(as_role("reviewer")).status_code == 403


def test_attributes_change_and_nothing_else(api: APIClient, shopper: User) -> None:
    person = make_person(owner=shopper)
    path = f"{PERSONS}/{person.pk}"
    assert api.patch(path, {"name": "New"}).json()["name"] == "New"
    body = {"name": "x", "owner": None, "consent_scope": "tryon", "sha256": "0"}
    refused = api.patch(path, body).json()["errors"]
    assert {(e["pointer"], e["code"]) for e in refused} == {
        (f"/{name}", "unknown") for name in ("owner", "consent_scope", "sha256")
    }
    person.refresh_from_db()
    assert (person.owner, person.consent_scope, person.name) == (shopper, "publish", "New")
    bad = api.patch(path, {"height_cm": -1, "gender": "x", "name": "a\0b"})
    pointers = {error["pointer"] for error in bad.json()["errors"]}
    assert pointers == {"/height_cm", "/gender", "/name"}


def test_erasing_takes_all_that_was_made(api: APIClient, shopper: User, settings: Any) -> None:
    person = Person.objects.get(pk=send(api, consent="tryon").json()["id"])
    job = make_job("succeeded", person=person, owner=shopper)
    make_result(job=job, role="private", owner=shopper)
    kept = len(files(settings))
    assert api.delete(f"{PERSONS}/{person.pk}").status_code == 204
    assert not Person.objects.exists()
    assert not Result.objects.exists()
    assert len(files(settings)) < kept
    assert api.get(f"{PERSONS}/{person.pk}").status_code == 404


def test_a_photo_at_a_provider_waits(api: APIClient, shopper: User) -> None:
    person = make_person(owner=shopper)
    make_job("running", person=person, owner=shopper)
    answer = api.delete(f"{PERSONS}/{person.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_used_persons_of_the_team_stay(merch: APIClient) -> None:
    job = make_job()
    assert merch.delete(f"{PERSONS}/{job.person_id}").status_code == 409
    assert merch.delete(f"{PERSONS}/{make_person().pk}").status_code == 204
    assert TryOnJob.objects.exists()


def test_one_has_so_many_photos(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.resources import persons

    monkeypatch.setattr(persons, "MOST_OWN", 1)
    assert send(api, data=photo(seed=1), consent="tryon").status_code == 201
    assert send(api, data=photo(seed=2), consent="tryon").status_code == 409


def test_merchandisers_add_change_and_archive_garments(merch: APIClient, api: APIClient) -> None:
    made = send(merch, GARMENTS, slot="top", sku="A1", photo_type="flat")
    assert made.status_code == 201, made.content
    path = f"{GARMENTS}/{made.json()['id']}"
    twice = send(merch, GARMENTS, data=photo(seed=9), slot="top", sku="A1")
    assert twice.status_code == 400
    assert twice.json()["errors"][0]["pointer"] == "/sku"
    assert merch.patch(path, {"season": "AW26"}).json()["season"] == "AW26"
    assert merch.patch(path, {"slot": "dress"}).json()["errors"][0]["pointer"] == "/slot"
    assert merch.delete(path).status_code == 204
    assert merch.get(path).status_code == 404
    for answer in (send(api, GARMENTS, slot="top"), api.patch(path, {}), api.delete(path)):
        assert answer.status_code == 403


def test_one_number_is_one_garment_at_any_time(merch: APIClient) -> None:
    one = make_garment("top", sku="A1")
    two = make_garment("top", sku="A2")
    answer = merch.patch(f"{GARMENTS}/{two.pk}", {"sku": one.sku})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/sku")


def test_a_photo_of_another_shopper_is_nobodys_business(api: APIClient) -> None:
    data = photo(seed=3)
    other = client_of(member("shopper", "other"))
    first = send(other, data=data, consent="tryon").json()["id"]
    mine = send(api, data=data, consent="tryon")
    assert (mine.status_code, mine.json()["id"] == first) == (201, False)


def test_one_photo_sent_twice_at_once_is_one_person(
    threads: Callable[..., list[Any]], shopper: User
) -> None:
    answers = threads(lambda _n: send(client_of(shopper), consent="tryon").status_code, 4)
    assert sorted(answers) == [200, 200, 200, 201]
    assert Person.objects.count() == 1


def test_one_photo_is_as_many_garments_as_it_has_slots_and_numbers(merch: APIClient) -> None:
    first = send(merch, GARMENTS, slot="top", sku="A1").json()
    for fields in ({"slot": "dress"}, {"slot": "top", "sku": "A2"}):
        other = send(merch, GARMENTS, **fields)
        assert other.status_code == 201
        assert {name: other.json()[name] for name in fields} == fields
    again = send(merch, GARMENTS, slot="top", sku="A1")
    assert (again.status_code, again.json()["id"]) == (200, first["id"])


def test_a_photo_without_a_number_is_given_one(merch: APIClient) -> None:
    first = send(merch, GARMENTS, slot="top").json()
    again = send(merch, GARMENTS, slot="top", sku="A1")
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    assert again.json()["sku"] == "A1"
    assert send(merch, GARMENTS, data=photo(seed=5), slot="top").status_code == 201
    taken = send(merch, GARMENTS, data=photo(seed=5), slot="top", sku="A1")
    assert (taken.status_code, taken.json()["errors"][0]["pointer"]) == (400, "/sku")


def test_a_garment_that_was_archived_comes_back(merch: APIClient) -> None:
    first = send(merch, GARMENTS, slot="top", sku="A1").json()
    merch.delete(f"{GARMENTS}/{first['id']}")
    again = send(merch, GARMENTS, slot="top", sku="A1")
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    assert merch.get(f"{GARMENTS}/{first['id']}").status_code == 200


def test_archiving_a_person_does_not_undo_a_withdrawal(merch: APIClient) -> None:
    send(merch, consent="publish")
    Person.objects.withdraw_consent(Person.objects.get(), timezone.now())
    Person.objects.archive()
    again = send(merch, consent="publish")
    assert again.status_code == 200
    assert "withdrawn" in again.json()["consent"]["refusal"]


def test_consent_is_in_the_history_of_a_photo(api: APIClient, merch: APIClient) -> None:
    send(api, consent="tryon")
    send(merch)
    send(merch, consent="publish")
    events = Event.objects.filter(kind="person").order_by("id")
    assert list(events.values_list("from_state", "to_state", "by__username")) == [
        ("none", "tryon", "shopper"),
        ("none", "publish", "merchandiser"),
    ]
