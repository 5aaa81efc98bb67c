"""Photos are looked at once, by whoever has an engine."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_q.models import OrmQ

import engine
from catalog import tasks as catalog_tasks
from catalog.imports.row_plan import plan
from catalog.models import Garment, Person
from catalog.photos import facts
from catalog.photos.add import add_photo
from catalog.preflight import fixes, measure
from engine import inspection
from tests.pictures import photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An engine that needs no graphs; returns what it has looked at."""
    looks: list[str] = []

    def measure_person(data: bytes) -> dict[str, Any]:
        looks.append("person")
        return {"persons": 2}

    def measure_garment(data: bytes, slot: str, cache: Any = None) -> dict[str, Any]:
        looks.append(slot)
        return {"worn": True}

    monkeypatch.setattr(engine, "unavailable", lambda: "")
    monkeypatch.setattr(inspection, "measure_person", measure_person)
    monkeypatch.setattr(inspection, "measure_garment", measure_garment)
    return looks


def add() -> Person:
    return add_photo(Person, photo(), name="Ada")


def test_it_works(seen: list[str]) -> None:
    add()
    add_photo(Garment, photo(seed=1), name="Tee", slot="top")
    catalog_tasks.measure_photos()
    assert seen == ["person", "top"]
    person = Person.objects.get()
    assert person.facts["persons"] == 2
    assert person.facts["width"] == 300
    assert (person.verdict, person.facts_version) == ("refuse", facts.VERSION)
    catalog_tasks.measure_photos()
    assert len(seen) == 2


def test_an_upload_rings_once(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        add()
    assert OrmQ.objects.get().func() == "catalog.tasks.measure_photos"


def test_nobody_rings_while_somebody_measures() -> None:
    person = add()
    assert person.take_from(Person.objects.all(), timezone.now(), measure.CLAIM)
    add()
    measure.backlog.wake()
    assert not OrmQ.objects.exists()


def test_a_photo_that_kills_its_workers_is_left_alone() -> None:
    person, now = add(), timezone.now()
    for hour in range(5):
        then = now + timedelta(hours=hour)
        left = Person.objects.unmeasured(then)
        assert person.take_from(left, then, measure.CLAIM) is (hour < 3)


def test_a_photo_that_was_mended_meanwhile_is_measured_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add()
    look = inspection.measure_person

    def mend(data: bytes) -> dict[str, Any]:
        assert fixes.apply(Person.objects.get(), "resize")
        return look(data)

    with monkeypatch.context() as patch:
        patch.setattr(inspection, "measure_person", mend)
        assert measure.measure_one()
    person = Person.objects.get()
    assert (person.facts_version, "persons" in person.facts) == (0, False)
    assert measure.measure_one()
    assert Person.objects.get().facts_version == facts.VERSION


def test_a_garment_that_became_another_meanwhile_is_measured_again(
    seen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_photo(Garment, photo(), name="Tee", slot="top", sku="A-1")
    look = inspection.measure_garment

    def rename(data: bytes, slot: str, cache: Any = None) -> dict[str, Any]:
        plan({"sku": "A-1", "slot": "bottom"}).write(None)
        return look(data, slot, cache)

    with monkeypatch.context() as patch:
        patch.setattr(inspection, "measure_garment", rename)
        assert measure.measure_one()
    assert Garment.objects.get().facts_version == 0
    assert measure.measure_one()
    assert seen == ["top", "bottom"]


def test_a_lost_file_ends_nothing(seen: list[str]) -> None:
    person = add()
    person.wire.storage.delete(person.wire.name or "")
    catalog_tasks.measure_photos()
    assert Person.objects.get().attempts == 1


def test_without_an_engine_the_photo_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "unavailable", lambda: "no engine")
    add()
    catalog_tasks.measure_photos()
    person = Person.objects.get()
    assert (person.facts_version, person.attempts, person.verdict) == (0, 0, "refuse")


def run(*args: Any, **options: Any) -> str:
    out = StringIO()
    call_command("preflight", *args, stdout=out, stderr=out, **options)
    return out.getvalue()


def test_the_command_checks_the_library_and_mends() -> None:
    add()
    said = run(all=True)
    assert "Ada: " in said
    assert "refuse: Short side too short: 300 px, needs 400 px" in said
    assert "mended: resize" in run(all=True, mend=True)
    assert Person.objects.get().wire_width > 300


def test_the_command_checks_a_folder_and_leaves_the_library_alone(tmp_path: Path) -> None:
    (tmp_path / "top").mkdir()
    (tmp_path / "top" / "tee.png").write_bytes(photo(300, 400, "PNG"))
    (tmp_path / "top" / "text.txt").write_bytes(b"hello")
    said = run(str(tmp_path), mend=True)
    assert "top/tee.png: " in said
    assert "top/text.txt: Photos are JPEG" in said
    assert (tmp_path / "mended" / "top" / "tee.jpg").is_file()
    assert not Garment.objects.exists()


def test_the_command_wants_one_of_both(tmp_path: Path) -> None:
    for wrong in ([], [str(tmp_path / "none")]):
        with pytest.raises(CommandError):
            run(*wrong)
