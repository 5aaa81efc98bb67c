"""A folder becomes a library, once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.imports.folder import Row, load_folder
from catalog.models import Garment, Person
from catalog.photos import refusals
from tests.pictures import photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "photos"
    for seed, name in enumerate(["person/ada.jpg", "top/shirt.jpg", "bottom/b.jpg", "dress/d.jpg"]):
        put(root, name, photo(seed=seed))
    return root


def put(root: Path, name: str, data: bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def tell(root: Path, *entries: Any) -> None:
    (root / "manifest.json").write_text(json.dumps(entries), "utf-8")


def load(root: Path, by: User | None = None) -> dict[str, Row]:
    return {row.file: row for row in load_folder(root, by)}


def test_it_works(folder: Path, boss: User) -> None:
    rows = load(folder, boss)
    assert {row.outcome for row in rows.values()} == {"created"}
    assert rows["person/ada.jpg"].asset == Person.objects.get(name="ada", created_by=boss)
    slots = Garment.objects.values_list("slot", flat=True)
    assert sorted(slots) == ["bottom", "dress", "top"]


def test_twice_adds_nothing(folder: Path) -> None:
    first, second = load(folder), load(folder)
    assert {row.outcome for row in second.values()} == {"unchanged"}
    assert {f: r.asset for f, r in first.items()} == {f: r.asset for f, r in second.items()}


def test_the_same_photo_may_be_a_top_and_a_dress(folder: Path) -> None:
    put(folder, "dress/shirt.jpg", (folder / "top/shirt.jpg").read_bytes())
    put(folder, "top/zz.jpg", (folder / "top/shirt.jpg").read_bytes())
    rows = load(folder)
    assert rows["dress/shirt.jpg"].outcome == "created"
    assert rows["top/zz.jpg"].outcome == "unchanged"


def test_the_manifest_tells_more(folder: Path) -> None:
    ada = {"name": "Ada", "kind": "person", "gender": "woman", "body": "slim", "view": "half"}
    shirt = {"name": "Shirt", "kind": "garment", "photo_type": "worn", "sku": "S-1", "slot": None}
    tell(folder, {"file": "person/ada.jpg"} | ada, {"file": "top/shirt.jpg"} | shirt)
    load(folder)
    person, garment = Person.objects.get(), Garment.objects.get(sku="S-1")
    assert (person.name, person.gender, person.body, person.view) == (
        "Ada",
        "woman",
        "slim",
        "half",
    )
    assert (garment.name, garment.slot, garment.photo_type) == ("Shirt", "top", "worn")


def test_the_manifest_places_files_of_other_folders(folder: Path) -> None:
    put(folder, "new/jeans.jpg", photo(seed=9))
    tell(folder, {"file": "new/jeans.jpg", "slot": "bottom"})
    assert load(folder)["new/jeans.jpg"].asset == Garment.objects.get(name="jeans", slot="bottom")


def test_one_bad_file_stops_nothing(folder: Path) -> None:
    put(folder, "person/a-broken.jpg", photo()[:500])
    put(folder, "top/notes.txt", b"hello")
    put(folder, "top/.DS_Store", b"hello")
    put(folder, "top/big.jpg", bytes(refusals.MAX_BYTES + 1))
    rows = load(folder)
    codes = {row.file: row.code for row in rows.values() if row.outcome == "refused"}
    assert codes == {
        "person/a-broken.jpg": "truncated",
        "top/notes.txt": "unsupported_format",
        "top/big.jpg": "too_many_bytes",
    }
    assert all(str(rows[file].message) for file in codes)
    assert len(rows) == 7


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"file": "person/nobody.jpg"}, "missing"),
        ({"file": "../secret.jpg"}, "outside_folder"),
        ({"file": "/etc/hostname"}, "outside_folder"),
        ({"file": "person/\0.jpg"}, "missing"),
        ({"name": "no file"}, "missing"),
        ({"file": "loose.jpg"}, "unknown_kind"),
        ({"file": "person/ada.jpg", "gender": "robot"}, "invalid"),
        ({"file": "person/ada.jpg", "name": "x" * 121}, "invalid"),
        ({"file": "person/ada.jpg", "kind": "shoe"}, "unknown_slot"),
        ({"file": "person/ada.jpg", "consent_until": "soon"}, "invalid"),
    ],
)
def test_what_a_manifest_gets_wrong(folder: Path, entry: dict[str, Any], code: str) -> None:
    put(folder, "loose.jpg", photo(seed=8))
    put(folder.parent, "secret.jpg", photo(seed=7))
    tell(folder, entry)
    row = load(folder)[entry.get("file", "")]
    assert (row.outcome, row.code) == ("refused", code)
    assert Garment.objects.count() == 3


def test_a_link_out_of_the_folder_is_not_followed(folder: Path) -> None:
    put(folder.parent, "secret.jpg", photo(seed=7))
    (folder / "top/link.jpg").symlink_to(folder.parent / "secret.jpg")
    assert load(folder)["top/link.jpg"].code == "outside_folder"


@pytest.mark.parametrize("text", ["{", "{}", "[1]", "\udcff"])
def test_without_a_readable_manifest_the_photos_go_in(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    rows = load(folder)
    assert rows.pop("manifest.json").code == "manifest_unreadable"
    assert {row.outcome for row in rows.values()} == {"created"}


def test_a_sku_is_given_once(folder: Path) -> None:
    tell(folder, *({"file": file, "sku": "S-1"} for file in ("bottom/b.jpg", "dress/d.jpg")))
    rows = load(folder)
    assert rows["bottom/b.jpg"].outcome == "created"
    assert rows["dress/d.jpg"].code == "other_photo"


def test_an_empty_folder_is_no_error(tmp_path: Path) -> None:
    assert load_folder(tmp_path / "nothing") == []


def test_a_manifest_tells_consent_and_measures(folder: Path) -> None:
    said = {"consent_scope": "publish", "consent_until": "2030-05-01", "consent_note": "contract 7"}
    tell(folder, {"file": "person/ada.jpg", **said, "height_cm": 178, "size": "M"})
    load(folder)
    person = Person.objects.get()
    assert (person.consent_scope, str(person.consent_until)) == ("publish", "2030-05-01")
    assert (person.consent_note, person.height_cm, person.size) == ("contract 7", 178, "M")


@pytest.mark.parametrize("scope", ["web", 7])
def test_an_unknown_scope_is_refused_with_those_that_are_known(folder: Path, scope: Any) -> None:
    tell(folder, {"file": "person/ada.jpg", "consent_scope": scope})
    row = load(folder)["person/ada.jpg"]
    assert (row.outcome, row.code) == ("refused", "unknown_consent")
    assert "tryon, publish, unneeded" in str(row.message)
    assert not Person.objects.exists()


def test_a_later_manifest_fills_in_consent_that_nobody_recorded(folder: Path) -> None:
    load(folder)
    tell(folder, {"file": "person/ada.jpg", "consent_scope": "unneeded"})
    assert load(folder)["person/ada.jpg"].outcome == "updated"
    assert Person.objects.get().consent_scope == "unneeded"
    tell(folder, {"file": "person/ada.jpg", "consent_scope": "publish"})
    load(folder)
    assert Person.objects.get().consent_scope == "unneeded"
    tell(folder, {"file": "person/ada.jpg", "consent_scope": "tryon", "consent_until": "soon"})
    assert load(folder)["person/ada.jpg"].outcome == "refused"


def test_a_manifest_does_not_undo_a_withdrawal(folder: Path) -> None:
    load(folder)
    Person.objects.update(consent_withdrawn_at=timezone.now())
    tell(folder, {"file": "person/ada.jpg", "consent_scope": "publish"})
    load(folder)
    assert Person.objects.get().consent_scope == ""
