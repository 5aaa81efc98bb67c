"""What every address of the API promises: problems, request ids, pages, ETags, limits, sync."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.models import Collection, Garment
from tests.factories import make_garment

pytestmark = pytest.mark.django_db
GARMENTS = "/api/v1/garments"


def test_it_works(merch: APIClient) -> None:
    garment = make_garment("dress")
    answer = merch.get(GARMENTS)
    assert answer.status_code == 200
    [row] = answer.json()["results"]
    assert row["id"] == garment.pk
    assert row["slot"] == "dress"
    assert row["created_at"].endswith("Z")
    assert row["image"]["url"].startswith("http://testserver/private/")


def test_problems_have_a_type_and_a_request_id() -> None:
    answer = APIClient().get(GARMENTS, headers={"X-Request-Id": "phone-4711"})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    told = answer.json()
    assert told["type"] == "urn:toile:problem:unauthenticated"
    assert told["status"] == 401
    assert told["request_id"] == answer["X-Request-Id"] == "phone-4711"


def test_problems_are_in_the_language_asked_for(merch: APIClient) -> None:
    answer = merch.get(f"{GARMENTS}/1", headers={"Accept-Language": "zh-hans"})
    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found"


@pytest.mark.parametrize("path", ["nothing", "garments/", "garments/x", "garments/-1"])
def test_what_no_view_answers_is_a_problem_too(merch: APIClient, path: str) -> None:
    answer = merch.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["X-Request-Id"] == answer.json()["request_id"]


def test_a_hostile_request_id_is_not_repeated() -> None:
    answer = Client().get(GARMENTS, headers={"X-Request-Id": "a b\x07<script>"})
    assert "script" not in answer["X-Request-Id"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("cursor=zzz", "?cursor"),
        ("cursor=cD1hYmM%3D", "?cursor"),
        ("cursor=cD0tNQ%3D%3D", "?cursor"),
        (f"cursor=cD0{'5' * 40}", "?cursor"),
        ("page_size=0", "?page_size"),
        ("page_size=101", "?page_size"),
        ("page_size=x", "?page_size"),
        ("updated_since=yesterday", "?updated_since"),
        ("updated_since=2026-11-26T00:00:00", "?updated_since"),
        ("slot=hat", "?slot"),
        ("colour=red", "?colour"),
        ("collection=x", "?collection"),
        (f"collection={'9' * 30}", "?collection"),
        ("sku=%00", "?sku"),
    ],
)
def test_hostile_parameters_are_pointed_at(merch: APIClient, query: str, pointer: str) -> None:
    answer = merch.get(f"{GARMENTS}?{query}")
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_pages_lead_through_all_rows_both_ways(merch: APIClient) -> None:
    ids = [make_garment().pk for _n in range(7)][::-1]
    seen, url = [], f"{GARMENTS}?page_size=3"
    while url:
        page = merch.get(url).json()
        seen += [row["id"] for row in page["results"]]
        last, url = page, page["next"]
    assert seen == ids
    before = merch.get(last["previous"]).json()
    assert [row["id"] for row in before["results"]] == ids[3:6]


def test_nothing_shifts_while_rows_arrive(merch: APIClient) -> None:
    ids = [make_garment().pk for _n in range(4)][::-1]
    first = merch.get(f"{GARMENTS}?page_size=2").json()
    make_garment()
    second = merch.get(first["next"]).json()
    assert [row["id"] for row in second["results"]] == ids[2:]


def test_an_etag_saves_the_body(merch: APIClient) -> None:
    garment = make_garment()
    for url in (GARMENTS, f"{GARMENTS}/{garment.pk}"):
        first = merch.get(url)
        assert first["ETag"].startswith('"')
        again = merch.get(url, headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304
        assert not again.content
        assert again["X-Request-Id"]
    Garment.objects.filter(pk=garment.pk).update(name="changed")
    assert merch.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_answers_are_for_one_user_only(merch: APIClient) -> None:
    answer = merch.get(GARMENTS)
    assert "private" in answer["Cache-Control"]
    assert "Authorization" in answer["Vary"]


def test_the_rate_is_in_the_headers_and_ends(merch: APIClient, monkeypatch: Any) -> None:
    from api.framework.viewsets import Throttle

    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | {"read": "2/min"}
    monkeypatch.setattr(Throttle, "THROTTLE_RATES", rates)
    answers = [merch.get(GARMENTS) for _n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2]["RateLimit-Limit"] == "2"
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert answers[2].json()["code"] == "too-many-requests"


def test_sync_tells_what_changed_and_what_is_gone(merch: APIClient) -> None:
    old, changed, archived, deleted = [make_garment() for _n in range(4)]
    past = timezone.now() - timedelta(days=1)
    Garment.objects.update(updated_at=past)
    since = (timezone.now() - timedelta(minutes=5)).isoformat()
    Garment.objects.filter(pk=changed.pk).update(name="new name")
    Garment.objects.filter(pk=archived.pk).archive()
    gone = deleted.pk
    deleted.delete()
    page = merch.get(GARMENTS, {"updated_since": since}).json()
    assert [row["id"] for row in page["results"]] == [changed.pk]
    assert page["deleted"] == [archived.pk, gone]
    assert page["synced_at"].endswith("Z")
    assert old.pk not in page["deleted"]


def test_who_was_away_too_long_begins_anew(merch: APIClient) -> None:
    answer = merch.get(GARMENTS, {"updated_since": "2020-01-01T00:00:00Z"})
    assert answer.status_code == 410
    assert answer.json()["code"] == "sync-too-old"


def test_shoppers_see_what_is_shown_in_the_app(api: APIClient) -> None:
    shown, hidden = make_garment(), make_garment()
    shown.collections.add(Collection.objects.create(name="Spring", in_app=True))
    hidden.collections.add(Collection.objects.create(name="Autumn"))
    assert [row["id"] for row in api.get(GARMENTS).json()["results"]] == [shown.pk]
    assert api.get(f"{GARMENTS}/{hidden.pk}").status_code == 404
    assert [c["name"] for c in api.get("/api/v1/collections").json()["results"]] == ["Spring"]


@pytest.mark.parametrize("end", ["hidden", "deleted", "deleted among others", "taken out"])
def test_apps_learn_what_a_collection_no_longer_shows(api: APIClient, end: str) -> None:
    garment, spring = make_garment(), Collection.objects.create(name="Spring", in_app=True)
    Garment.objects.all().collect(spring)
    assert len(api.get(GARMENTS).json()["results"]) == 1
    Garment.objects.update(updated_at=timezone.now() - timedelta(days=1))
    if end == "hidden":
        spring.in_app = False
        spring.save()
    elif end == "deleted":
        spring.delete()
    elif end == "deleted among others":
        Collection.objects.all().delete()
    else:
        Garment.objects.all().release(spring)
    since = (timezone.now() - timedelta(minutes=5)).isoformat()
    page = api.get(GARMENTS, {"updated_since": since}).json()
    assert (page["results"], page["deleted"]) == ([], [garment.pk])


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_methods_that_are_not_there_are_405(merch: APIClient, method: str) -> None:
    for client in (merch, APIClient()):
        answer = getattr(client, method)("/api/v1/collections")
        assert answer.status_code == 405
        assert answer["Allow"] == "GET, HEAD"
        assert answer.json()["code"] == "method-not-allowed"
