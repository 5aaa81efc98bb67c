"""The library's pages: what they find, show and ask the database for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.library import search
from catalog.models import Collection, Garment, Person, Tag
from catalog.views import library
from tests.factories import make_garment, make_job, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


def shown(client: Client, query: str = "", page: str = "garments") -> list[str]:
    response = client.get(f"/{page}/{query}")
    return [asset.name for asset, *_marks in response.context["cards"]]


def test_it_works(site: Client) -> None:
    make_garment("top", name="Dunes tee", sku="LU27-T-0142")
    make_garment("dress", name="Floral dress")
    assert shown(site) == ["Floral dress", "Dunes tee"]
    page = site.get("/garments/").content.decode()
    assert "2 garments" in page
    assert "LU27-T-0142" in page
    assert 'aria-current="page"' in page


def test_persons_have_a_page_of_their_own(site: Client) -> None:
    make_person(name="Ada")
    assert shown(site, page="persons") == ["Ada"]
    assert "1 model" in site.get("/persons/").content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?slot=dress", ["Floral dress"]),
        ("?type=worn", ["Worn jeans"]),
        ("?findings=refuse", ["Worn jeans"]),
        ("?findings=none", ["Floral dress"]),
        ("?season=SS27", ["Dunes tee"]),
        ("?q=dune", ["Dunes tee"]),
        ("?q=0142", ["Dunes tee"]),
        ("?q=sum", ["Floral dress"]),
        ("?q=%00dune", ["Dunes tee"]),
        ("?slot=top&q=floral", []),
        ("?tag=none", ["Worn jeans", "Dunes tee"]),
        ("?usage=used", ["Dunes tee"]),
        ("?usage=unused", ["Worn jeans", "Floral dress"]),
        ("?archived=yes", ["Old skirt"]),
        ("?archived=all&slot=bottom", ["Old skirt", "Worn jeans"]),
        ("?order=name", ["Dunes tee", "Floral dress", "Worn jeans"]),
        ("?order=oldest", ["Dunes tee", "Floral dress", "Worn jeans"]),
        ("?order=nonsense", ["Worn jeans", "Floral dress", "Dunes tee"]),
        ("?slot=hat", []),
        ("?tag=999999999999999999999", []),
    ],
)
def test_the_address_says_what_is_shown(site: Client, query: str, found: list[str]) -> None:
    tee = make_garment("top", name="Dunes tee", sku="LU27-T-0142", season="SS27", verdict="fine")
    make_garment("dress", name="Floral dress").tags.add(Tag.objects.create(name="summer"))
    make_garment("bottom", name="Worn jeans", photo_type="worn", verdict="refuse")
    make_garment("bottom", name="Old skirt", archived_at=timezone.now())
    make_job(top=tee)
    assert shown(site, query) == found


def test_a_collection_and_a_tag_are_chosen_by_their_ids(site: Client) -> None:
    summer, tag = Collection.objects.create(name="Summer"), Tag.objects.create(name="linen")
    garment = make_garment(name="Tee")
    make_garment()
    garment.collections.add(summer)
    garment.tags.add(tag)
    assert shown(site, f"?collection={summer.pk}&tag={tag.pk}") == ["Tee"]
    page = site.get(f"/garments/?collection={summer.pk}").content.decode()
    assert "Summer" in page


@pytest.mark.parametrize(
    ("state", "values"),
    [
        ("fine", {}),
        ("fine", {"consent_scope": "unneeded"}),
        ("fine", {"consent_until": timedelta(days=31)}),
        ("soon", {"consent_until": timedelta(days=30)}),
        ("soon", {"consent_until": timedelta(0)}),
        ("ended", {"consent_until": timedelta(days=-1)}),
        ("missing", {"consent_scope": ""}),
        ("withdrawn", {"consent_withdrawn_at": True}),
    ],
)
def test_persons_are_found_by_their_consent(
    site: Client, state: str, values: dict[str, Any]
) -> None:
    if "consent_until" in values:
        values = {"consent_until": timezone.localdate() + values["consent_until"]}
    if "consent_withdrawn_at" in values:
        values = {"consent_withdrawn_at": timezone.now()}
    make_person(name="Ada", **values)
    for other in Person.ConsentState.values:
        found = ["Ada"] if other == state else []
        assert shown(site, f"?consent={other}", "persons") == found


def test_persons_are_found_by_what_they_are(site: Client) -> None:
    make_person(name="Ada", body="slim", view="half")
    make_person(name="Leo", gender="man", body="curvy")
    assert shown(site, "?gender=man", "persons") == ["Leo"]
    assert shown(site, "?body=slim&framing=half", "persons") == ["Ada"]


def test_chips_count_what_they_would_show(site: Client) -> None:
    for slot, verdict in (("top", "fine"), ("top", "refuse"), ("dress", "refuse")):
        make_garment(slot, verdict=verdict)
    context = site.get("/garments/?findings=refuse").context
    slots = next(menu for menu in context["menus"] if menu.facet.name == "slot")
    assert [(o.value, o.count) for o in slots.options] == [("top", 1), ("bottom", 0), ("dress", 1)]
    assert context["search"].total == 2


def test_nothing_is_counted_where_that_would_be_slow(site: Client, monkeypatch: Any) -> None:
    garment = make_garment(season="SS27")
    garment.collections.add(summer := Collection.objects.create(name="Summer"))
    make_garment()
    monkeypatch.setattr(search, "MOST_COUNTED", 1)
    for query in ("", "?q=top", "?usage=unused", "?tag=none"):
        page = site.get(f"/garments/{query}")
        assert page.context["search"].total is None
        assert "SS27" in page.content.decode()
    few = site.get(f"/garments/?collection={summer.pk}")
    assert few.context["search"].total == 1


@pytest.mark.parametrize("order", ["newest", "oldest", "name"])
def test_pages_lose_nothing_and_repeat_nothing(site: Client, order: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(library, "PAGE", 2)
    for name in ("b", "a", "b", "c", "a"):
        make_garment(name=name)
    there, query = [], f"?order={order}"
    while query:
        page = site.get(f"/garments/{query}").context["page"]
        there.append([row.pk for row in page.rows])
        query = page.older and f"?order={order}&before={page.older}"
    columns = {"newest": ["-id"], "oldest": ["id"], "name": ["name", "id"]}[order]
    assert [pk for pks in there for pk in pks] == list(
        Garment.objects.order_by(*columns).values_list("pk", flat=True)
    )
    back = site.get(f"/garments/?order={order}&after={there[2][0]}").context["page"]
    assert [row.pk for row in back.rows] == there[1]


def test_a_page_after_a_row_that_is_gone_is_the_first(site: Client) -> None:
    make_garment(name="a")
    assert shown(site, "?order=name&before=987654") == ["a"]


def test_the_look_is_remembered(site: Client) -> None:
    make_garment().tags.add(Tag.objects.create(name="linen"))
    assert 'class="rows"' not in site.get("/garments/").content.decode()
    assert 'class="rows"' in site.get("/garments/?view=list").content.decode()
    assert "linen" in site.get("/garments/").content.decode()
    assert 'class="rows"' not in site.get("/garments/?view=grid").content.decode()
    assert site.get("/garments/?view=hat").status_code == 200


@pytest.mark.parametrize("look", ["grid", "list"])
@pytest.mark.parametrize("page", ["garments", "persons"])
def test_queries_do_not_grow_with_rows(site: Client, look: str, page: str) -> None:
    make = make_garment if page == "garments" else make_person

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            site.get(f"/{page}/?view={look}")
        return len(queries)

    tag = Tag.objects.create(name="linen")
    make().tags.add(tag)
    site.get(f"/{page}/?view={look}")
    few = asked()
    for n in range(49):
        asset = make(verdict="warn", facts={"width": 100 + n, "height": 200})
        asset.tags.add(tag)
    assert asked() == few
    assert few <= 12


def test_a_card_names_the_worst_finding(site: Client) -> None:
    garment = make_garment(facts={"width": 300, "height": 300})
    garment.judge()
    garment.save()
    assert "Short side too short" in site.get("/garments/").content.decode()


def test_a_person_without_consent_is_marked(site: Client) -> None:
    make_person(consent_scope="")
    assert "No consent" in site.get("/persons/").content.decode()


def test_an_empty_library_says_what_to_do(site: Client) -> None:
    page = site.get("/garments/").content.decode()
    assert "No garments yet" in page
    assert "Choose photos" in page
    assert "make demo" in page


def test_no_hits_name_the_filters_and_the_way_out(site: Client) -> None:
    make_garment("top", name="Tee")
    page = site.get("/garments/?slot=dress&q=linen&order=name").content.decode()
    assert "No garment matches" in page
    assert "“linen”" in page
    assert "Slot: Dress" in page
    assert 'href="?q=linen&amp;order=name"' in page
    assert 'href="?slot=dress&amp;order=name"' in page


def test_nothing_of_the_address_is_markup(site: Client) -> None:
    page = site.get("/garments/?q=<script>&season=<b>").content.decode()
    assert "<script>" not in page.replace('<script type="module"', "")
    assert "<b>&lt;" not in page.partition("<main")[2].replace("<b>0", "")


def test_rights_decide_what_is_seen_and_offered(client: Client) -> None:
    assert client.get("/garments/").status_code == 302
    viewer = make_user("viewer")
    client.force_login(viewer)
    assert client.get("/garments/").status_code == 403
    viewer.user_permissions.add(Permission.objects.get(codename="view_garment"))
    make_garment()
    page = client.get("/garments/").content.decode()
    assert "data-upload-form" not in page
    assert "data-bulk-bar" not in page
    assert client.get("/persons/").status_code == 403


def test_a_reader_without_rights_is_not_asked_to_upload(client: Client) -> None:
    viewer = make_user("viewer")
    viewer.user_permissions.add(Permission.objects.get(codename="view_garment"))
    client.force_login(viewer)
    assert "ask a merchandiser" in client.get("/garments/").content.decode()


def test_lookalikes_are_the_nearest_first() -> None:
    garment = make_garment(dhash=-1)
    far = make_garment(dhash=-1 ^ 0b11111)
    near = make_garment(dhash=-1 ^ (1 << 63 - 1))
    make_garment(dhash=0)
    make_garment(dhash=-1, archived_at=timezone.now())
    assert garment.lookalikes() == [near, far]
    assert garment.lookalikes(1) == [near]


def test_uses_are_counted_over_all_slots() -> None:
    garment, person = make_garment(), make_person()
    make_job(top=garment, person=person)
    make_job(bottom=garment, person=person)
    make_garment()
    assert list(Garment.objects.order_by("pk").with_uses().values_list("uses", flat=True)) == [2, 0]
    assert Person.objects.used().get() == person
    assert not Person.objects.unused()
    assert Garment.objects.used().get() == garment


def test_the_day_is_the_one_it_was_asked_with() -> None:
    make_person(consent_until=date(2026, 5, 1))
    rows = Person.objects.with_consent_state(date(2026, 5, 2))
    assert rows.get().consent_state == "ended"  # type: ignore[attr-defined]
    rows = Person.objects.with_consent_state(date(2026, 5, 1))
    assert rows.get().consent_state == "soon"  # type: ignore[attr-defined]
