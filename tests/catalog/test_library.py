"""Rows of the library: added, found alike, archived, erased."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import ProtectedError

from catalog.models import Garment, Person
from catalog.photos import ingest
from catalog.photos.add import add_photo
from tests.factories import make_job
from tests.pictures import photo

pytestmark = pytest.mark.django_db


def files(settings: Any) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_it_works(boss: User) -> None:
    person = add_photo(Person, photo(), name="Ada", by=boss, gender="woman")
    person.refresh_from_db()
    assert (person.width, person.height, person.created_by) == (300, 400, boss)
    assert person.wire.read()[:3] == b"\xff\xd8\xff"
    assert person.original.name.startswith("person/")


def test_attributes_are_checked_before_the_photo(settings: Any) -> None:
    with pytest.raises(ValidationError):
        add_photo(Garment, b"not even a photo", name="x", slot="hat")
    with pytest.raises(ingest.Refused):
        add_photo(Garment, b"not a photo", name="x", slot="top")
    assert files(settings) == []


@pytest.mark.django_db(transaction=True)
def test_photos_are_prepared_outside_of_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare = ingest.prepare
    inside: list[bool] = []
    monkeypatch.setattr(
        ingest, "prepare", lambda data: inside.append(connection.in_atomic_block) or prepare(data)
    )
    add_photo(Garment, photo(), name="x", slot="top")
    assert inside == [False]


def test_duplicates_are_noticed_not_forbidden() -> None:
    first, second = (add_photo(Garment, photo(), name=n, slot="top") for n in "ab")
    add_photo(Person, photo(), name="the same bytes")
    assert list(first.duplicates()) == [second]
    assert first.original.name == second.original.name


def test_lookalikes_come_nearest_first_without_copies() -> None:
    first = add_photo(Garment, photo(600, 800), name="first", slot="top")
    add_photo(Garment, photo(600, 800), name="copy", slot="top")
    add_photo(Garment, photo(600, 800, seed=1), name="other", slot="top")
    small = add_photo(Garment, photo(600, 800, "WEBP", quality=30), name="small", slot="top")
    gone = add_photo(Garment, photo(600, 800, "BMP"), name="gone", slot="top")
    Garment.objects.filter(pk=gone.pk).archive()
    assert first.lookalikes() == [small]
    assert first.lookalikes(limit=0) == []


def test_archiving_counts_what_changed() -> None:
    add_photo(Garment, photo(), name="x", slot="top")
    everything = Garment.objects.all()
    assert (everything.archive(), everything.archive()) == (1, 0)
    assert not Garment.objects.active().exists()
    assert (everything.restore(), everything.restore()) == (1, 0)


def test_erasing_takes_the_files(settings: Any, django_capture_on_commit_callbacks: Any) -> None:
    add_photo(Person, photo(), name="Ada")
    with django_capture_on_commit_callbacks(execute=True):
        Person.objects.all().erase()
        assert len(files(settings)) == 4
    assert files(settings) == []


def test_erasing_leaves_files_that_another_row_uses(
    settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    first = add_photo(Person, photo(), name="Ada")
    add_photo(Person, photo(), name="Ada again")
    with django_capture_on_commit_callbacks(execute=True):
        Person.objects.filter(pk=first.pk).erase()
    assert len(files(settings)) == 4


def test_what_a_job_refers_to_stays() -> None:
    job = make_job()
    with pytest.raises(ProtectedError):
        Person.objects.filter(pk=job.person_id).erase()
