"""Lists of garments come in row by row, once, and each refused row says what to do."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation

from catalog.imports import photo_source, runner
from catalog.imports.receive import receive
from catalog.models import Garment, Import, ImportRow, Person
from catalog.photos.fetch import FetchFailed
from catalog.photos.refusals import Refused
from tests.factories import make_garment, make_user
from tests.pictures import photo

pytestmark = pytest.mark.django_db

CSV = "sku,name,slot,season,collections,tags,photo_url\n"


@pytest.fixture(autouse=True)
def web(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The photos that addresses lead to; everything else is gone."""
    found: dict[str, bytes] = {}

    def fetch(url: str, **_: Any) -> bytes:
        if url not in found:
            raise FetchFailed("status", 404, gone=True)
        return found[url]

    monkeypatch.setattr(photo_source, "fetch", fetch)
    return found


def packed(files: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def upload(data: bytes | str, name: str = "list.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)


def start(data: bytes | str, by: User, **defaults: Any) -> Import:
    return receive(upload(data), by, defaults)[0]


def bring(data: bytes | str, by: User, **defaults: Any) -> Import:
    source = start(data, by, **defaults)
    while runner.work():
        pass
    source.refresh_from_db()
    return source


def outcomes(source: Import) -> dict[str, str]:
    return {row.ref: row.code or row.state for row in source.rows.all()}


@pytest.fixture
def lookbook() -> dict[str, bytes | str]:
    files: dict[str, bytes | str] = {f"{s}/{s}.jpg": photo(seed=n) for n, s in enumerate(SLOTS)}
    return files | {"person/ada.jpg": photo(seed=9)}


SLOTS = ("top", "bottom", "dress")


def test_it_works(lookbook: dict[str, Any], boss: User) -> None:
    source = bring(packed(lookbook), boss, season="SS27", tags=["new"])
    assert (source.state, source.total, source.created) == ("done", 4, 4)
    top = Garment.objects.get(slot="top")
    assert (top.name, top.season, top.created_by) == ("top", "SS27", boss)
    assert [tag.name for tag in top.tags.all()] == ["new"]
    assert Person.objects.get().name == "ada"
    assert ImportRow.objects.get(ref="top/top.jpg").garment == top


def test_again_changes_nothing(lookbook: dict[str, Any], boss: User) -> None:
    bring(packed(lookbook), boss, tags=["new"])
    source = bring(packed(lookbook), boss, tags=["newer"])
    assert (source.created, source.updated, source.unchanged) == (0, 0, 4)


def test_a_table_changes_what_it_names(boss: User) -> None:
    make_garment(sku="A-1", name="Old", season="SS26")
    source = bring("sku,name,season,tags\nA-1,New,,red; blue\n", boss)
    garment = Garment.objects.get()
    assert (source.updated, garment.name, garment.season) == (1, "New", "SS26")
    assert {tag.name for tag in garment.tags.all()} == {"red", "blue"}
    row = source.rows.get()
    assert row.message == "Changed: name, tags."
    with translation.override("zh-hans"):
        assert row.message
    again = bring("sku,name,season,tags\nA-1,New,,blue; red\n", boss)
    assert outcomes(again) == {"A-1": "unchanged"}


def test_a_minus_sign_empties(boss: User) -> None:
    garment = make_garment(sku="A-1", season="SS26")
    garment.tags.create(name="red")
    bring("sku,season,tags\nA-1,-,-\n", boss)
    garment.refresh_from_db()
    assert (garment.season, garment.tags.count()) == ("", 0)


def test_addresses_are_fetched(web: dict[str, bytes], boss: User) -> None:
    web["https://x.test/a.jpg"] = photo()
    text = CSV + "A-1,Tee,top,SS27,Spring,,https://x.test/a.jpg\nA-2,,top,,,,https://x.test/b.jpg\n"
    source = bring(text, boss)
    assert outcomes(source) == {"A-1": "created", "A-2": "status"}
    assert [c.name for c in Garment.objects.get().collections.all()] == ["Spring"]
    web["https://x.test/b.jpg"] = photo(seed=2)
    assert source.again()
    while runner.work():
        pass
    source.refresh_from_db()
    assert (source.state, source.created, source.refused) == ("done", 2, 0)


@pytest.mark.parametrize(
    "text",
    [
        "https://x.test/a.jpg\n\nhttps://x.test/b.jpg\n",
        json.dumps(["https://x.test/a.jpg", {"url": "https://x.test/b.jpg"}]),
        json.dumps({"garments": [{"photo_url": f"https://x.test/{n}.jpg"} for n in "ab"]}),
    ],
)
def test_a_manifest_of_addresses(text: str, web: dict[str, bytes], boss: User) -> None:
    web |= {f"https://x.test/{n}.jpg": photo(seed=ord(n)) for n in "ab"}
    source = bring(text, boss, slot="dress")
    assert (source.kind, source.created) == ("urls", 2)
    assert bring(text, boss, slot="dress").unchanged == 2


def test_each_broken_row_is_explained(web: dict[str, bytes], boss: User) -> None:
    web["https://x.test/text"] = b"<html>"
    make_garment(sku="OLD")
    web["https://x.test/new.jpg"] = photo()
    rows = {
        "NO-PHOTO,Tee,top": "no_photo",
        "SLOT,Tee,hat,,,,https://x.test/new.jpg": "unknown_slot",
        "HTML,Tee,top,,,,https://x.test/text": "unsupported_format",
        "OLD,Tee,top,,,,https://x.test/new.jpg": "other_photo",
        "1.23E+12,Tee,top": "sku_mangled",
        "LONG,Tee,top,,," + "x" * 50 + ",https://x.test/new.jpg": "too_long",
        "SEASON,Tee,top," + "x" * 30 + ",,,https://x.test/new.jpg": "invalid",
        "MANY,a,top,b,c,d,e,f": "too_many_cells",
        "KIND,Tee,,,,,https://x.test/new.jpg": "unknown_kind",
    }
    source = bring(CSV + "\n".join(rows) + "\n", boss)
    found = list(source.rows.all())
    assert [row.code for row in found] == list(rows.values())
    assert all(row.message and "{" not in row.message for row in found)
    assert (source.refused, source.state) == (len(rows), "done")
    assert Garment.objects.count() == 1


def test_the_zip_may_bring_a_table(boss: User) -> None:
    table = '\ufefffile;sku;name;slot\r\nimages/1.jpg;A-1;"Tee; long";top\r\ngone.jpg;A-2;;top\r\n'
    files = {"look/garments.csv": table, "look/images/1.jpg": photo(), "look/dress/2.jpg": b"no"}
    source = bring(packed(files), boss)
    assert outcomes(source) == {
        "A-1": "created",
        "A-2": "missing",
        "dress/2.jpg": "unsupported_format",
    }
    assert Garment.objects.get().name == "Tee; long"


def test_one_sku_has_one_photo(boss: User) -> None:
    told = [{"file": f"top/{n}.jpg", "sku": "A-1"} for n in range(3)]
    files = {f"top/{n}.jpg": photo(seed=n // 2) for n in range(3)}
    source = bring(packed({"manifest.json": json.dumps(told), **files}), boss)
    assert Counter(row.state for row in source.rows.all()) == {
        "created": 1,
        "unchanged": 1,
        "refused": 1,
    }
    assert "Nothing was changed" in source.rows.get(state="refused").message


def test_a_photo_without_a_sku_is_given_one(boss: User) -> None:
    bring(packed({"top/1.jpg": photo()}), boss)
    told = json.dumps([{"file": "top/1.jpg", "sku": "A-1"}])
    source = bring(packed({"top/1.jpg": photo(), "manifest.json": told}), boss)
    assert (source.updated, Garment.objects.get().sku) == (1, "A-1")


def test_a_later_row_may_change_what_an_earlier_one_brought(
    web: dict[str, bytes], boss: User
) -> None:
    web["https://x.test/a.jpg"] = photo()
    source = bring(CSV + "A-1,Tee,top,,,,https://x.test/a.jpg\nA-1,Shirt\n", boss)
    assert (source.created, source.updated) == (1, 1)
    assert Garment.objects.get().name == "Shirt"


def test_two_skus_may_share_a_photo(web: dict[str, bytes], boss: User) -> None:
    web["https://x.test/a.jpg"] = photo()
    rows = "".join(f"A-{n},Tee,top,,,,https://x.test/a.jpg\n" for n in range(2))
    assert bring(CSV + rows, boss).created == 2


# --- resuming ---


def test_a_killed_worker_costs_no_row(
    lookbook: dict[str, Any], boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = start(packed(lookbook), boss)
    settle, calls = runner._settle, []

    def dying(*args: Any) -> None:
        if len(calls) == 2:
            raise SystemExit
        calls.append(args)
        settle(*args)

    monkeypatch.setattr(runner, "_settle", dying)
    with pytest.raises(SystemExit):
        runner.work()
    source.refresh_from_db()
    assert (source.state, source.created) == ("running", 2)
    monkeypatch.setattr(runner, "_settle", settle)
    assert not runner.work()  # the dead worker's claim still holds
    Import.objects.update(claimed_until=timezone.now())
    assert runner.work()
    source.refresh_from_db()
    assert (source.state, source.created, source.unchanged) == ("done", 4, 0)


def test_listing_goes_on_where_it_was(boss: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LIST_CHUNK", 2)
    monkeypatch.setattr(runner, "SLICE_S", -1)
    source = start("sku,name\n" + "".join(f"A-{n},x\n" for n in range(5)), boss)
    for rows in (2, 4, 5):
        assert runner.work()
        assert source.rows.count() == rows
    monkeypatch.undo()
    while runner.work():
        pass
    source.refresh_from_db()
    assert (source.total, source.refused, source.state) == (5, 5, "done")
    assert [row.number for row in source.rows.all()] == [1, 2, 3, 4, 5]


def test_a_row_that_kills_is_set_aside(
    lookbook: dict[str, Any], boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = start(packed(lookbook), boss)
    with monkeypatch.context() as patch:
        patch.setattr(runner, "_settle", lambda *args: (_ for _ in ()).throw(SystemExit))
        # The first claim did something: it made the list.
        for _ in range(4):
            with pytest.raises(SystemExit):
                runner.work()
            Import.objects.update(claimed_until=timezone.now())
    assert runner.work()
    source.refresh_from_db()
    assert (source.state, source.refused) == ("failed", 1)
    assert "stopped three workers" in source.message
    assert source.again()
    while runner.work():
        pass
    source.refresh_from_db()
    assert (source.state, source.created) == ("done", 4)


def test_an_import_is_taken_once(lookbook: dict[str, Any], boss: User) -> None:
    source = start(packed(lookbook), boss)
    other, now = Import.objects.get(), timezone.now()
    assert source.take(now)
    assert not other.take(now)
    assert Import.objects.get().take(now + timedelta(hours=1))
    assert not source.keep(now)


def test_canceling_stops_between_rows(
    lookbook: dict[str, Any], boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = start(packed(lookbook), boss)
    settle = runner._settle

    def canceled(*args: Any) -> None:
        settle(*args)
        source.cancel()

    monkeypatch.setattr(runner, "_settle", canceled)
    runner.work()
    source.refresh_from_db()
    assert (source.state, source.created, Garment.objects.count()) == ("canceled", 1, 1)
    assert not runner.work()
    assert source.can_go_on


def test_a_lost_file_is_shown(lookbook: dict[str, Any], boss: User) -> None:
    source = start(packed(lookbook), boss)
    source.file.storage.delete(source.file.name)
    runner.work()
    source.refresh_from_db()
    assert (source.state, source.message) == (
        "failed",
        "The uploaded file is gone. Upload it again.",
    )


def test_a_file_that_is_needed_no_more_is_deleted(lookbook: dict[str, Any], boss: User) -> None:
    source = start(packed(lookbook), boss)
    name = source.file.name
    while runner.work():
        pass
    assert not source.file.storage.exists(name)
    kept = bring("sku,name\nX,x\n", boss)
    assert kept.file.storage.exists(kept.file.name)


# --- rights ---


def test_everybody_brings_what_they_may(lookbook: dict[str, Any]) -> None:
    mei = make_user("mei")
    mei.user_permissions.set(Permission.objects.filter(codename="add_garment"))
    make_garment(sku="A-1")
    source = bring(packed(lookbook), mei)
    assert outcomes(source)["person/ada.jpg"] == "not_allowed"
    assert source.created == 3
    assert outcomes(bring("sku,name\nA-1,New\n", mei)) == {"A-1": "not_allowed"}


def test_an_upload_that_is_no_list_is_refused_at_once(boss: User) -> None:
    for data in (b"", b"\xff\xd8\xff", b"PK\3\4rest", b"a,b\n1,2\n", b"sku,name\n", b"[1", b"\0\0"):
        with pytest.raises(Refused) as refused:
            receive(upload(data), boss, {})
        assert str(refused.value.message)
    assert not Import.objects.exists()


def test_a_file_in_a_bucket_is_copied_once(
    lookbook: dict[str, Any], boss: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(photo_source.tempfile, "gettempdir", lambda: str(tmp_path))
    source = start(packed(lookbook), boss)

    def no_path(name: str) -> str:
        raise NotImplementedError

    data = packed(lookbook)
    bucket = SimpleNamespace(path=no_path, open=lambda name: io.BytesIO(data))
    source.file.storage = bucket
    path = photo_source.local_path(source)
    assert Path(path).read_bytes() == data
    assert photo_source.local_path(source) == path
    photo_source.drop_copy(source)
    assert list(tmp_path.glob("toile-*")) == []
