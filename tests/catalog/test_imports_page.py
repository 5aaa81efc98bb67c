"""The Imports pages: upload, progress, report, and garments as a table."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from catalog import tasks as catalog_tasks
from catalog.imports import columns, runner
from catalog.models import Garment, Import, ImportRow
from catalog.views import import_progress
from tests.catalog.test_imports import packed
from tests.factories import make_garment, make_user
from tests.pictures import photo

pytestmark = pytest.mark.django_db


def login(name: str, *rights: str) -> Client:
    user = make_user(name)
    found = Permission.objects.filter(codename__in=["view_garment", *rights])
    user.user_permissions.set(found)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def mei(db: None) -> Client:
    return login("mei", "add_garment", "change_garment")


@pytest.fixture
def looker(db: None) -> Client:
    return login("looker")


def send(client: Client, data: bytes, **extra: Any) -> Any:
    file = SimpleUploadedFile("list.csv", data)
    return client.post("/imports/", {"file": file} | extra, follow=True)


def finish() -> None:
    while runner.work():
        pass


def streamed(response: Any) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


def make_import(**rows: int) -> Import:
    source = Import.objects.create(
        kind="csv", name="list.csv", file="import/x", listed=True, total=sum(rows.values()), **rows
    )
    states = [state for state, n in rows.items() for _ in range(n)]
    ImportRow.objects.bulk_create(
        ImportRow(source=source, number=n, ref=f"A-{n}", state=state, garment=make_garment())
        for n, state in enumerate(states, 1)
    )
    return source


def test_it_works(mei: Client, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        page = send(
            mei, packed({"top/tee.jpg": photo(), "hat/x.jpg": photo(seed=1)}), season="SS27"
        )
    assert OrmQ.objects.get().func() == "catalog.tasks.run_imports"
    source = Import.objects.get()
    assert page.redirect_chain[0][0] == f"/imports/{source.pk}/"
    assert f"/imports/{source.pk}/progress/" in page.content.decode()
    catalog_tasks.run_imports()
    text = mei.get(f"/imports/{source.pk}/").content.decode()
    assert "2 of 2 rows" in text
    assert "Nothing says whether this is a top, a bottom or a dress: name its slot" in text
    assert "Try 1 refused row again" in text
    assert Garment.objects.get().season == "SS27"
    news = mei.get(f"/imports/{source.pk}/progress/").json()
    assert news["segments"]["created"] == {"count": 1, "x": 0.0, "width": 500.0}
    assert (news["live"], news["badge"]["word"]) == (False, "Done")


def test_a_file_that_cannot_be_read_is_refused_at_once(mei: Client) -> None:
    page = send(mei, b"colour,shape\nred,wide\n")
    assert "names no column that is known" in page.content.decode()
    script = mei.post("/imports/", headers={"accept": "application/json"})
    assert script.json() == {"errors": {"file": ["Choose a file first."]}}
    assert not Import.objects.exists()


def test_columns_that_are_not_used_are_named(mei: Client) -> None:
    page = send(mei, b"sku,name,colour\nA-1,Tee,red\n")
    assert "Columns that are not used: colour." in page.content.decode()


def test_the_lane_is_woken_while_rows_are_left(
    mei: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(mei, b"sku,name\nA-1,Tee\n")
    monkeypatch.setattr(runner, "SLICE_S", -1)
    catalog_tasks.run_imports()
    assert OrmQ.objects.count() == 1
    monkeypatch.undo()
    catalog_tasks.run_imports()
    assert OrmQ.objects.count() == 1
    assert Import.objects.get().state == "done"


def test_the_minute_rings_for_a_dead_worker(mei: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    send(mei, b"sku,name\nA-1,Tee\n")
    source = Import.objects.get()
    assert source.take(timezone.now())
    catalog_tasks.wake()
    assert not OrmQ.objects.exists()
    Import.objects.update(claimed_until=timezone.now())
    catalog_tasks.wake()
    assert "catalog.tasks.run_imports" in {queued.func() for queued in OrmQ.objects.all()}


def test_the_report_has_every_row_in_the_readers_language(mei: Client) -> None:
    send(mei, b"sku,name,slot\n=A-1,Tee,top\nA-2,Tee,hat\n")
    finish()
    address = f"/imports/{Import.objects.get().pk}/report/"
    rows = list(csv.reader(io.StringIO(streamed(mei.get(address)))))
    assert rows[0] == ["Row", "What", "Outcome", "Code", "Explanation"]
    assert rows[1][:4] == ["1", "'=A-1", "Refused", "no_photo"]
    assert "Write one of them." in rows[2][4]


@pytest.mark.usefixtures("compiled_messages")
def test_the_report_speaks_chinese(mei: Client) -> None:
    send(mei, b"sku,name,slot\nA-2,Tee,hat\n")
    finish()
    mei.post("/language/", {"language": "zh-hans"})
    rows = list(
        csv.reader(io.StringIO(streamed(mei.get(f"/imports/{Import.objects.get().pk}/report/"))))
    )
    assert rows[0][0] == "行"
    assert "请" in rows[1][4]


def test_an_export_comes_back_unchanged(mei: Client) -> None:
    odd = make_garment(
        sku="=1+1", name='\'quoted, "twice"\nand on', season="@SS", photo_type="worn"
    )
    odd.tags.create(name="red; very")
    odd.tags.create(name='say "so"')
    odd.collections.create(name="Spring；春")
    make_garment("dress", name="no sku", archived_at=timezone.now())
    make_garment("bottom", name="-x", sku="B-1")
    table = mei.get("/garments/export/?archived=all")
    assert "attachment" in table["Content-Disposition"]
    text = streamed(table)
    assert '"\'=1+1"' in text or "'=1+1" in text
    send(mei, ("\ufeff" + text).encode())
    finish()
    source = Import.objects.get()
    assert [row.code or row.state for row in source.rows.all()] == ["unchanged"] * 3


def test_the_export_is_narrowed(mei: Client) -> None:
    tee = make_garment(sku="A-1", season="SS27", name="one")
    tag, collection = tee.tags.create(name="red"), tee.collections.create(name="Spring")
    make_garment("dress", name="two", archived_at=timezone.now())
    for query, names in {
        "": ["one"],
        "sku=A-1": ["one"],
        "slot=dress&archived=yes": ["two"],
        "archived=all": ["one", "two"],
        f"season=SS27&tag={tag.pk}": ["one"],
        f"tag={tag.pk}&collection={collection.pk}": ["one"],
        "collection=Autumn": [],
        "sku=%00": ["one"],
    }.items():
        rows = csv.DictReader(io.StringIO(streamed(mei.get(f"/garments/export/?{query}"))))
        assert [row["name"] for row in rows] == names, query


def test_canceling_and_going_on(mei: Client) -> None:
    send(mei, b"sku,name\nA-1,Tee\n")
    pk = Import.objects.get().pk
    page = mei.post(f"/imports/{pk}/cancel/", follow=True).content.decode()
    assert "What is in the library stays there." in page
    assert "Go on" in page
    assert (
        "It had ended already." in mei.post(f"/imports/{pk}/cancel/", follow=True).content.decode()
    )
    mei.post(f"/imports/{pk}/retry/")
    finish()
    assert Import.objects.get().refused == 1
    page = mei.post(f"/imports/{pk}/retry/", follow=True).content.decode()
    assert "1 row is tried again." in page
    assert (
        "Nothing of it is left" in mei.post(f"/imports/{pk}/retry/", follow=True).content.decode()
    )


def test_only_who_may_add_garments_imports(looker: Client) -> None:
    source = make_import(refused=1)
    page = looker.get("/imports/").content.decode()
    assert "data-upload" not in page
    assert send(looker, b"sku,name\nA,b\n").status_code == 403
    for what in ("cancel", "retry"):
        assert looker.post(f"/imports/{source.pk}/{what}/").status_code == 403
    assert "/retry/" not in looker.get(f"/imports/{source.pk}/").content.decode()
    stranger = Client()
    stranger.force_login(make_user("stranger"))
    for address in ("/imports/", f"/imports/{source.pk}/", "/garments/export/"):
        assert stranger.get(address).status_code == 403
        assert Client().get(address).status_code == 302


def test_rows_come_in_pages(mei: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_progress, "ROWS", 2)
    source = make_import(refused=5)
    first = mei.get(f"/imports/{source.pk}/").context["page"]
    assert ([row.number for row, _ in first.rows], first.previous, first.next) == ([1, 2], None, 3)
    last = mei.get(f"/imports/{source.pk}/?from=5").context["page"]
    assert ([row.number for row, _ in last.rows], last.previous, last.next) == ([5], 3, None)
    assert mei.get(f"/imports/{source.pk}/?from=99999999999&state=x").status_code == 200


@pytest.mark.parametrize("n", [1, 40])
def test_the_number_of_queries_does_not_grow(
    looker: Client, django_assert_num_queries: Any, n: int
) -> None:
    source = make_import(refused=n, created=n)
    for _ in range(n):
        make_import(created=1)
    # Session, user, rights (2), the page itself.
    with django_assert_num_queries(5):
        looker.get("/imports/")
    with django_assert_num_queries(6):
        looker.get(f"/imports/{source.pk}/?state=all")
    with django_assert_num_queries(5):
        looker.get(f"/imports/{source.pk}/progress/")
    with django_assert_num_queries(6):
        streamed(looker.get(f"/imports/{source.pk}/report/"))
    with django_assert_num_queries(7):
        streamed(looker.get("/garments/export/"))


def test_the_template_names_the_columns() -> None:
    path = finders.find("files/garments-template.csv")
    assert path
    with open(path, encoding="utf-8-sig") as file:
        assert tuple(next(csv.reader(file))) == columns.TEMPLATE
