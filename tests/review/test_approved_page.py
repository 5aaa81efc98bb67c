from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from jobs.models import Result
from review.views import approved as view_approved
from tests.factories import (
    make_account,
    make_batch,
    make_garment,
    make_job,
    make_person,
    make_result,
)

pytestmark = pytest.mark.django_db


def approved(**kwargs: Any) -> Result:
    return make_result("approved", job=make_job("succeeded", **kwargs))


def shown(client: Client, query: str = "") -> list[int]:
    return [result.pk for result in client.get(f"/gallery/{query}").context["page"].rows]


def test_it_works(viewer: Client) -> None:
    first, second = approved(), approved()
    assert shown(viewer) == [second.pk, first.pk]


def test_only_approved_finals_are_shown(viewer: Client) -> None:
    make_result("pending")
    make_result("rejected")
    make_result(role="unrefined")
    assert shown(viewer) == []


def test_a_card_shows_the_whole_picture_with_its_size_and_words(viewer: Client) -> None:
    result = approved()
    text = viewer.get("/gallery/").content.decode()
    assert f'alt="{result.job}" width="60" height="80"' in text
    assert result.get_absolute_url() in text


def test_an_empty_gallery_says_what_to_do(viewer: Client) -> None:
    assert "Nothing approved yet" in viewer.get("/gallery/").content.decode()


def test_providers_are_shown_by_name(viewer: Client) -> None:
    approved(batch=make_batch(account=make_account("dashscope")))
    for query in ("", "?provider=dashscope", "?provider=dashscope&person=0"):
        text = viewer.get(f"/gallery/{query}").content.decode()
        assert "Alibaba DashScope" in text
        assert not re.search(r">\s*dashscope\s*<", text)


def test_filters_combine(viewer: Client) -> None:
    person, garment = make_person(), make_garment()
    wanted = approved(person=person, top=garment)
    approved(person=person)
    approved(top=garment)
    query = f"?person={person.pk}&garment={garment.pk}&provider=local"
    assert shown(viewer, query) == [wanted.pk]


@pytest.mark.parametrize("slot", ["top", "bottom", "dress"])
def test_a_garment_is_found_in_any_slot(viewer: Client, slot: str) -> None:
    garment = make_garment(slot)
    wanted = approved(**{slot: garment})
    approved()
    assert shown(viewer, f"?garment={garment.pk}") == [wanted.pk]


def test_providers_are_distinguished(viewer: Client) -> None:
    cloud = approved(batch=make_batch(account=make_account("dashscope")))
    approved()
    assert shown(viewer, "?provider=dashscope") == [cloud.pk]


def test_a_filter_keeps_the_others_and_forgets_the_page(viewer: Client) -> None:
    result = approved()
    person = result.job.person
    page = viewer.get(f"/gallery/?provider=local&before={result.pk + 1}").content.decode()
    assert f'href="?provider=local&amp;person={person.pk}"' in page


def test_a_filter_without_hits_shows_the_way_out(viewer: Client) -> None:
    approved()
    text = viewer.get(f"/gallery/?person={make_person().pk}").content.decode()
    assert "Nothing approved matches these filters" in text
    assert 'href="/gallery/">Show everything' in text


@pytest.mark.parametrize(
    "query", ["person=0", "person=x", "garment=99999999999999999999", "before=-1", "after=%00"]
)
def test_nonsense_in_the_address_chooses_nothing(viewer: Client, query: str) -> None:
    result = approved()
    assert shown(viewer, f"?{query}") == [result.pk]


def test_pages_follow_each_other_both_ways(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_approved, "PAGE_SIZE", 2)
    e, d, c, b, a = reversed([approved().pk for _ in range(5)])
    assert shown(viewer) == [e, d]
    assert shown(viewer, f"?before={d}") == [c, b]
    assert shown(viewer, f"?before={b}") == [a]
    assert shown(viewer, f"?after={a}") == [c, b]
    assert shown(viewer, f"?after={c}") == [e, d]
    first = viewer.get("/gallery/").content.decode()
    assert f'href="?before={d}" rel="next"' in first
    assert 'rel="prev"' not in first
    last = viewer.get(f"/gallery/?before={b}").content.decode()
    assert f'href="?after={a}" rel="prev"' in last
    assert 'rel="next"' not in last


@pytest.mark.parametrize("n", [1, 50])
def test_the_number_of_queries_does_not_grow(
    viewer: Client, django_assert_num_queries: Any, n: int
) -> None:
    for _ in range(n):
        approved()
    # Session, user, rights (2), three menus, the rows.
    with django_assert_num_queries(8):
        viewer.get("/gallery/")
