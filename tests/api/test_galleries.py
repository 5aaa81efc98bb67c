"""Galleries through the API: public pictures for everybody, nothing private of the house."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from galleries import publishing
from galleries.models import Gallery
from tests.factories import make_gallery, make_public, make_result

GALLERIES = "/api/v1/galleries"
pytestmark = pytest.mark.django_db


def test_it_works(api: APIClient, merch: APIClient) -> None:
    result = make_public()
    gallery = make_gallery(result)
    [told] = api.get(GALLERIES).json()["results"]
    assert (told["id"], told["state"]) == (gallery.pk, "shown")
    [item] = api.get(f"{GALLERIES}/{gallery.pk}/items").json()["results"]
    assert item["result"] is None
    assert item["garments"][0]["name"]
    assert "/public/" in item["image"]["url"]
    assert api.get(item["image"]["variants"][0]["url"]).status_code == 200
    assert "private" not in str(item)
    [seen] = merch.get(f"{GALLERIES}/{gallery.pk}/items").json()["results"]
    assert seen["result"] == result.pk


@pytest.mark.parametrize("kind", ["draft", "scheduled", "ended", "by link"])
def test_shoppers_see_what_everybody_sees(api: APIClient, merch: APIClient, kind: str) -> None:
    now, day = timezone.now(), timedelta(days=1)
    values: dict[str, Any] = {
        "draft": {"shown_from": None},
        "scheduled": {"shown_from": now + day},
        "ended": {"shown_from": now - day, "shown_until": now},
        "by link": {"access": "link"},
    }[kind]
    gallery = make_gallery(make_public(), **values)
    assert api.get(GALLERIES).json()["results"] == []
    for path in (f"{GALLERIES}/{gallery.pk}", f"{GALLERIES}/{gallery.pk}/items"):
        assert api.get(path).status_code == 404
        assert merch.get(path).status_code == 200


def test_what_is_not_published_is_not_shown(api: APIClient, merch: APIClient) -> None:
    gallery = make_gallery(make_public(), make_result("approved"), make_result())
    path = f"{GALLERIES}/{gallery.pk}/items"
    assert len(api.get(path).json()["results"]) == 1
    assert [item["image"] is None for item in merch.get(path).json()["results"]] == [
        False,
        True,
        True,
    ]


def test_items_come_in_their_order(api: APIClient) -> None:
    results = [make_public() for _n in range(5)]
    gallery = make_gallery(*results)
    seen, url = [], f"{GALLERIES}/{gallery.pk}/items?page_size=2"
    while url:
        page = api.get(url).json()
        seen += [item["position"] for item in page["results"]]
        url = page["next"]
    assert seen == [1, 2, 3, 4, 5]


def test_pages_cost_the_same(api: APIClient, django_assert_max_num_queries: Any) -> None:
    gallery = make_gallery(*[make_public() for _n in range(5)])
    with django_assert_max_num_queries(11) as few:
        api.get(f"{GALLERIES}/{gallery.pk}/items?page_size=1")
    with django_assert_max_num_queries(len(few)):
        api.get(f"{GALLERIES}/{gallery.pk}/items?page_size=5")


def test_time_alone_is_news(api: APIClient) -> None:
    now = timezone.now()
    opened = make_gallery(shown_from=now - timedelta(minutes=1))
    ended = make_gallery(shown_from=now - timedelta(days=2), shown_until=now - timedelta(minutes=1))
    Gallery.objects.update(updated_at=now - timedelta(days=2))
    since = (now - timedelta(minutes=5)).isoformat()
    page = api.get(GALLERIES, {"updated_since": since}).json()
    assert [row["id"] for row in page["results"]] == [opened.pk]
    assert page["deleted"] == [ended.pk]


def test_a_deleted_gallery_is_shown(api: APIClient) -> None:
    gallery = make_gallery()
    pk = gallery.pk
    gallery.delete()
    since = (timezone.now() - timedelta(minutes=5)).isoformat()
    assert api.get(GALLERIES, {"updated_since": since}).json()["deleted"] == [pk]


def pages(client: APIClient, url: str) -> Iterator[list[int]]:
    """The ids of each page, fetched when the next is asked for."""
    following: str | None = url
    while following:
        page = client.get(following).json()
        following = page["next"]
        yield [item["id"] for item in page["results"]]


def test_nothing_is_passed_over_when_what_was_seen_goes(api: APIClient, boss: User) -> None:
    gallery = make_gallery(*[make_public() for _n in range(6)])
    ids = list(gallery.items.values_list("pk", flat=True))
    shown = pages(api, f"{GALLERIES}/{gallery.pk}/items?page_size=2")
    assert next(shown) == ids[:2]
    publishing.remove(gallery, ids[:1], boss, unpublish=False)
    assert next(shown) == ids[2:4]
    # Also where it is the very item at which the page ended.
    publishing.remove(gallery, [ids[3]], boss, unpublish=False)
    assert list(shown) == [ids[4:]]


def test_a_page_goes_on_behind_an_item_wherever_it_is(api: APIClient, boss: User) -> None:
    gallery = make_gallery(*[make_public() for _n in range(5)])
    ids = list(gallery.items.values_list("pk", flat=True))
    shown = pages(api, f"{GALLERIES}/{gallery.pk}/items?page_size=2")
    assert next(shown) == ids[:2]
    gallery.refresh_from_db()
    assert publishing.move(gallery, gallery.version, ids[4], "first", boss)
    assert [pk for page in shown for pk in page] == ids[2:4]


def test_items_at_one_place_are_distinguished(api: APIClient) -> None:
    gallery = make_gallery(*[make_public() for _n in range(5)])
    gallery.items.update(position=1)
    ids = sorted(gallery.items.values_list("pk", flat=True))
    url = f"{GALLERIES}/{gallery.pk}/items?page_size=2"
    assert list(islice(pages(api, url), 4)) == [ids[:2], ids[2:4], ids[4:]]


def test_pages_lead_back(api: APIClient) -> None:
    gallery = make_gallery(*[make_public() for _n in range(5)])
    ids = list(gallery.items.values_list("pk", flat=True))
    page = api.get(f"{GALLERIES}/{gallery.pk}/items?page_size=2").json()
    assert page["previous"] is None
    last = api.get(api.get(page["next"]).json()["next"]).json()
    assert (last["next"], [item["id"] for item in last["results"]]) == (None, ids[4:])
    before = api.get(last["previous"]).json()
    assert [item["id"] for item in before["results"]] == ids[2:4]
    first = api.get(before["previous"]).json()
    assert [item["id"] for item in first["results"]] == ids[:2]
    assert first["previous"] is None
    assert [item["id"] for item in api.get(first["next"]).json()["results"]] == ids[2:4]


def test_a_cursor_of_another_gallery_tells_nothing_of_it(api: APIClient) -> None:
    one, other = (make_gallery(*[make_public() for _n in range(3)]) for _twice in range(2))
    link = api.get(f"{GALLERIES}/{other.pk}/items?page_size=2").json()["next"]
    answer = api.get(link.replace(f"/{other.pk}/", f"/{one.pk}/"))
    assert answer.status_code == 200
    mine = set(one.items.values_list("pk", flat=True))
    assert {item["id"] for item in answer.json()["results"]} <= mine


@pytest.mark.parametrize("place", ["x", "-1", "9" * 30, "0", str(2**63 - 1), "1.5", "%00"])
def test_hostile_cursors(api: APIClient, place: str) -> None:
    gallery = make_gallery(make_public())
    cursor = b64encode(f"p={place}".encode()).decode()
    answer = api.get(f"{GALLERIES}/{gallery.pk}/items", {"cursor": cursor})
    assert answer.status_code in (200, 400), answer.content
    for query in ("updated_since=2026-11-26T00:00:00Z", "position=1", "result=1"):
        path = f"{GALLERIES}/{gallery.pk}/items?{query}"
        assert api.get(path).json()["errors"][0]["code"] == "unknown"


def test_what_is_put_in_or_taken_out_is_news(api: APIClient, boss: User) -> None:
    gallery = make_gallery(make_public(), shown_from=timezone.now() - timedelta(days=2))
    new = make_public()
    item = gallery.items.get().pk
    for change in (
        lambda: publishing.add(gallery, [new.pk], boss),
        lambda: publishing.remove(gallery, [item], boss, unpublish=False),
    ):
        Gallery.objects.update(updated_at=timezone.now() - timedelta(days=2))
        since = (timezone.now() - timedelta(minutes=5)).isoformat()
        assert api.get(GALLERIES, {"updated_since": since}).json()["results"] == []
        change()
        page = api.get(GALLERIES, {"updated_since": since}).json()
        assert [row["id"] for row in page["results"]] == [gallery.pk]
