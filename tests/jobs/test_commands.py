from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import Garment, Person
from demo.management.commands import seed
from jobs.models import Batch, Event, ProviderAccount, TryOnJob
from providers.contract import ProviderError
from tests.factories import make_user
from tests.fake_provider import Fake, refused
from tests.pictures import photo


@pytest.fixture
def files(tmp_path: Path, account: ProviderAccount) -> dict[str, Any]:
    """The arguments of a try-on that goes well."""
    for name, number in (("ada", 1), ("tee", 2), ("jeans", 3), ("dress", 4)):
        (tmp_path / f"{name}.jpg").write_bytes(photo(400, 600, seed=number))
    return {
        "person": tmp_path / "ada.jpg",
        "top": tmp_path / "tee.jpg",
        "provider": "fake",
        "out": tmp_path / "dressed.jpg",
    }


def code_of(**arguments: Any) -> int:
    with pytest.raises(CommandError) as failed:
        call_command("tryon", **arguments)
    return failed.value.returncode


def test_it_works(files: dict[str, Any], fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("tryon", **files)
    assert files["out"].read_bytes() == photo(width=300, height=400)
    assert "0.50 CNY" in capsys.readouterr().out
    assert Batch.objects.get().interactive


def test_the_same_again_is_not_paid_twice(files: dict[str, Any], fake: Fake) -> None:
    call_command("tryon", **files)
    files["out"].unlink()
    call_command("tryon", **files)
    assert files["out"].exists()
    assert len(fake.requests) == 1
    call_command("tryon", **files, again=True)
    assert len(fake.requests) == 2


def test_a_shoppers_photo_of_the_same_bytes_is_not_used(files: dict[str, Any], fake: Fake) -> None:
    call_command("tryon", **files)
    Person.objects.update(owner=make_user("shopper"))
    TryOnJob.objects.update(fingerprint="")
    call_command("tryon", **files)
    assert Person.objects.filter(owner=None).count() == 1
    assert TryOnJob.objects.latest("id").person.owner is None


def test_options_reach_the_provider(files: dict[str, Any], fake: Fake) -> None:
    call_command("tryon", **files, resolution=1024, restore_face=False, option=[("seed", 7)])
    [request] = fake.requests
    assert (request.resolution, request.restore_face) == (1024, False)
    assert request.extra == {"seed": 7}


def test_a_failure_of_the_provider_is_1(files: dict[str, Any], fake: Fake) -> None:
    fake.answers.append(refused("InvalidPerson"))
    assert code_of(**files) == 1
    assert not files["out"].exists()


def test_a_refused_input_is_2(files: dict[str, Any], tmp_path: Path) -> None:
    noise = tmp_path / "noise.jpg"
    noise.write_bytes(b"no photo")
    missing = tmp_path / "missing.jpg"
    for change in (
        {"person": noise},
        {"person": missing},
        {"provider": "nobody"},
        {"dress": tmp_path / "dress.jpg"},
        {"top": None},
        {"model": "unknown"},
        {"refine": True},  # without a gender
    ):
        assert code_of(**(files | change)) == 2, change
    assert not Batch.objects.exists()


def test_an_unknown_outcome_is_3(files: dict[str, Any], fake: Fake) -> None:
    fake.answers.append(refused("ReadTimeout", kind="transient", sent="maybe"))
    fake.listing = ProviderError("unsupported", kind="unsupported", sent="no")
    assert code_of(**files) == 3


def test_no_answer_in_time_is_3(files: dict[str, Any]) -> None:
    assert code_of(**files, timeout=0) == 3


@pytest.mark.django_db
def test_seeding_twice_adds_nothing(tmp_path: Path) -> None:
    for kind, number in (("person", 1), ("top", 2)):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "one.jpg").write_bytes(photo(400, 600, seed=number))
    for _ in range(2):
        call_command("seed", photos=tmp_path)
    assert (Person.objects.count(), Garment.objects.count()) == (1, 1)
    assert {user.username for user in User.objects.all()} == set(seed.ROLES)


@pytest.mark.django_db
def test_demo_logins_may_do_their_work_and_no_more() -> None:
    seed.add_demo_users()
    merchandiser = User.objects.get(username="merchandiser")
    reviewer = User.objects.get(username="reviewer")
    assert merchandiser.has_perms(["catalog.add_garment", "jobs.add_batch"])
    assert not merchandiser.has_perm("jobs.change_result")
    assert reviewer.has_perm("jobs.change_result")
    assert not reviewer.has_perm("jobs.change_tryonjob")
    assert [name for name, _ in seed.demo_logins()] == sorted(seed.ROLES)
    reviewer.set_password("another")
    reviewer.save()
    assert "reviewer" not in [name for name, _ in seed.demo_logins()]


def test_naming_a_photo_is_a_statement_of_consent(files: dict[str, Any], fake: Fake) -> None:
    call_command("tryon", **files)
    person = Person.objects.get()
    assert (person.consent_scope, person.consent_note) == ("tryon", "Stated on the command line.")
    [event] = Event.objects.filter(kind="person", object_id=person.pk)
    assert (event.from_state, event.to_state) == ("none", "tryon")


def test_the_statement_can_be_another(files: dict[str, Any], fake: Fake) -> None:
    call_command("tryon", **files, consent="publish")
    assert Person.objects.get().consent_scope == "publish"
    call_command("tryon", **files, consent="unneeded")
    assert Person.objects.get().consent_scope == "publish"


def test_it_does_not_undo_a_withdrawal(files: dict[str, Any], fake: Fake) -> None:
    call_command("tryon", **files)
    Person.objects.update(consent_withdrawn_at=timezone.now())
    assert code_of(**files, again=True) == 2
    assert len(fake.requests) == 1


def test_another_gender_does_not_undo_a_withdrawal(files: dict[str, Any], fake: Fake) -> None:
    """A row of another gender was not found, and a new one made with a new consent."""
    call_command("tryon", **files, gender="woman")
    Person.objects.update(consent_withdrawn_at=timezone.now())
    for gender in ("", "man"):
        assert code_of(**files, gender=gender, again=True) == 2
    assert Person.objects.count() == len(fake.requests) == 1


def test_a_known_person_is_used_with_what_is_known(files: dict[str, Any], fake: Fake) -> None:
    call_command("tryon", **files)
    for gender in ("woman", ""):
        call_command("tryon", **files, gender=gender, again=True)
    assert Person.objects.get().gender == "woman"
    assert [request.gender for request in fake.requests] == ["", "woman", "woman"]
    assert code_of(**files, gender="man", again=True) == 2


def test_an_archived_photo_is_back_in_the_library(files: dict[str, Any], fake: Fake) -> None:
    call_command("tryon", **files)
    Garment.objects.archive()
    call_command("tryon", **files, again=True)
    assert Garment.objects.get().archived_at is None
