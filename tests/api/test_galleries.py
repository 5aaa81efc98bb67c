"""Galleries through the API: public pictures for everybody, nothing private of the house."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from jobs.models import Gallery
from tests.builders import make_gallery, make_public, make_result

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


def test_a_deleted_gallery_is_told(api: APIClient) -> None:
    gallery = make_gallery()
    pk = gallery.pk
    gallery.delete()
    since = (timezone.now() - timedelta(minutes=5)).isoformat()
    assert api.get(GALLERIES, {"updated_since": since}).json()["deleted"] == [pk]
