"""A photo that comes again: one rule of what is the same, and a policy for each way in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from catalog.imports.folder import load_folder
from catalog.models import Garment, Person
from catalog.photos import add
from catalog.photos.add import Duplicate, OnDuplicate, add_photo, find_same
from catalog.photos.upload import take
from jobs.models import Event
from tests.factories import make_user
from tests.pictures import photo

pytestmark = pytest.mark.django_db
REUSE, REFUSE = OnDuplicate.REUSE, OnDuplicate.REFUSE


def add_tee(data: bytes, **values: Any) -> Garment:
    return add_photo(Garment, data, **{"name": "Tee", "slot": "top", **values})


def test_it_works() -> None:
    first = add_tee(photo())
    assert add_tee(photo(), on_duplicate=REUSE) == first
    with pytest.raises(Duplicate) as refused:
        add_tee(photo(), on_duplicate=REFUSE)
    assert refused.value.asset == first
    assert add_tee(photo()) != first
    assert Garment.objects.count() == 2


def test_a_photo_may_be_a_garment_and_a_person() -> None:
    add_tee(photo())
    add_photo(Person, photo(), name="Ada", on_duplicate=REFUSE)
    assert (Garment.objects.count(), Person.objects.count()) == (1, 1)


def test_a_photo_belongs_to_its_owner() -> None:
    shopper, other = make_user("shopper"), make_user("other")
    rows = [
        add_photo(Person, photo(), name="Me", owner=owner, on_duplicate=REUSE)
        for owner in (shopper, None, other, shopper, None, other)
    ]
    assert rows[:3] == rows[3:]
    assert [row.owner for row in rows[:3]] == [shopper, None, other]


def test_articles_may_share_a_photo() -> None:
    first = add_tee(photo(), sku="A-1")
    assert add_tee(photo(), sku="A-2", on_duplicate=REUSE) != first
    assert add_tee(photo(), slot="dress", on_duplicate=REUSE) != first
    assert add_tee(photo(), sku="A-1", on_duplicate=REUSE) == first
    assert add_tee(photo(), on_duplicate=REUSE) == first
    with pytest.raises(Duplicate):
        add_tee(photo(), sku="A-3", slot="dress", on_duplicate=REFUSE)


def test_empty_fields_are_filled_in_and_nothing_else_changes() -> None:
    first = add_tee(photo(), name="First", season="SS26")
    again = add_tee(photo(), sku="A-1", season="SS27", name="Second", on_duplicate=REUSE)
    assert again == first
    assert (again.name, again.sku, again.season) == ("First", "A-1", "SS26")


def test_what_is_in_the_library_comes_before_the_archive() -> None:
    old, new = add_tee(photo()), add_tee(photo())
    Garment.objects.filter(pk=old.pk).archive()
    assert find_same(Garment, old.sha256) == new
    outcome = take(Garment, SimpleUploadedFile("tee.jpg", photo()), None)
    assert (outcome.kind, outcome.asset) == ("duplicate", new)
    assert "in the library" in outcome.message


def test_reusing_restores() -> None:
    first = add_tee(photo(), sku="A-1")
    Garment.objects.archive()
    again = add_tee(photo(), sku="A-1", on_duplicate=REUSE)
    assert (again, again.archived_at) == (first, None)


def test_a_consent_is_stated_once_and_withdrawn_for_good() -> None:
    ada = add_photo(Person, photo(), name="Ada")
    for scope in ("tryon", "publish"):
        add_photo(Person, photo(), name="Ada", consent_scope=scope, on_duplicate=REUSE)
    ada.refresh_from_db()
    assert ada.consent_scope == "tryon"
    Person.objects.withdraw_consent(ada, timezone.now())
    Person.objects.update(consent_scope="")
    add_photo(Person, photo(), name="Ada", consent_scope="tryon", on_duplicate=REUSE)
    assert Person.objects.get().consent_scope == ""


def _add_by_page(data: bytes, folder: Path, boss: User) -> None:
    take(Person, SimpleUploadedFile("ada.jpg", data), boss, consent="tryon")


def _add_by_folder(data: bytes, folder: Path, boss: User) -> None:
    (folder / "person").mkdir()
    (folder / "person/ada.jpg").write_bytes(data)
    manifest = '[{"file": "person/ada.jpg", "consent_scope": "tryon"}]'
    (folder / "manifest.json").write_text(manifest)
    load_folder(folder, boss)


@pytest.mark.parametrize("way", [_add_by_page, _add_by_folder])
def test_consent_that_comes_with_a_photo_is_in_its_history(
    way: Callable[..., None], tmp_path: Path, boss: User
) -> None:
    way(photo(), tmp_path, boss)
    [event] = Event.objects.filter(kind="person", object_id=Person.objects.get().pk)
    assert (event.from_state, event.to_state, event.by) == ("none", "tryon", boss)


def test_consent_that_a_list_adds_is_in_its_history(tmp_path: Path, boss: User) -> None:
    add_photo(Person, photo(), name="ada")
    _add_by_folder(photo(), tmp_path, boss)
    [event] = Event.objects.filter(kind="person", object_id=Person.objects.get().pk)
    assert (event.from_state, event.to_state, event.by) == ("none", "tryon", boss)


def test_a_list_says_what_stays_in_the_archive(tmp_path: Path) -> None:
    (tmp_path / "top").mkdir()
    (tmp_path / "top/tee.jpg").write_bytes(photo())
    load_folder(tmp_path)
    Garment.objects.archive()
    [row] = load_folder(tmp_path)
    assert (row.outcome, Garment.objects.active().exists()) == ("unchanged", False)
    assert "in the archive" in str(row.message)


@pytest.mark.parametrize("policy", [REUSE, REFUSE])
def test_a_photo_added_meanwhile_is_not_added_twice(
    policy: OnDuplicate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the first query and the insert lies the decoding, which takes a second."""
    store = add.store

    def overtaken(model: Any, data: bytes) -> dict[str, Any]:
        monkeypatch.setattr(add, "store", store)
        add_tee(data, name="Faster")
        return store(model, data)

    monkeypatch.setattr(add, "store", overtaken)
    if policy is REFUSE:
        outcome = take(Garment, SimpleUploadedFile("tee.jpg", photo()), None)
        assert (outcome.kind, str(outcome.asset)) == ("duplicate", "Faster")
    else:
        assert add_tee(photo(), on_duplicate=policy).name == "Faster"
    assert Garment.objects.count() == 1
