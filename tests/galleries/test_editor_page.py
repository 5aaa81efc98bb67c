"""Galleries as publishers see and change them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from galleries.models import Gallery, PublicImage, ShareLink
from jobs.models import Result
from review.decide import reopen
from tests.conftest import Commits
from tests.factories import client_of, make_gallery, make_public, make_result, make_user

pytestmark = pytest.mark.django_db

RIGHTS = ("view_gallery", "add_gallery", "change_gallery", "delete_gallery", "publish_result")
RIGHTS += ("add_sharelink", "change_sharelink")


@pytest.fixture
def paula(db: None) -> Client:
    """A publisher."""
    return client_of(make_user("paula"), *RIGHTS)


@pytest.fixture
def audrey(db: None) -> Client:
    """She may look."""
    return client_of(make_user("audrey"), "view_gallery")


def edit(gallery: Gallery, **fields: Any) -> dict[str, Any]:
    posted = {"name": gallery.name, "slug": gallery.slug, "text": "", "access": gallery.access}
    return posted | {"version": gallery.version, "shown_from": "", "shown_until": ""} | fields


def message_texts(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def url(name: str, gallery: Gallery) -> str:
    return reverse(name, args=[gallery.pk])


def test_it_works(paula: Client) -> None:
    answer = paula.post("/galleries/new/", {"name": "Spring 27", "access": "public"})
    gallery = Gallery.objects.get()
    assert answer["Location"] == gallery.get_absolute_url()
    assert (gallery.slug, gallery.current_state) == ("spring-27", "draft")
    assert gallery.created_by
    assert gallery.created_by.username == "paula"
    results = [make_result("approved") for _n in range(2)]
    answer = paula.post(
        url("gallery-add", gallery), {"results": f"{results[1].pk},{results[0].pk}"}
    )
    text = paula.get(gallery.get_absolute_url()).content.decode()
    assert text.index(str(results[1].job.top)) < text.index(str(results[0].job.top))
    paula.post(url("gallery-show", gallery), {"version": Gallery.objects.get().version})
    assert Gallery.objects.get().current_state == "shown"
    assert "Shown" in paula.get("/galleries/").content.decode()


def test_the_list_costs_the_same_for_many(paula: Client, django_assert_num_queries: Any) -> None:
    for rows in (1, 12):
        for _n in range(rows):
            make_gallery(make_public())
        with django_assert_num_queries(6):
            paula.get("/galleries/")


def test_the_page_costs_the_same_for_many(paula: Client, django_assert_num_queries: Any) -> None:
    for rows in (1, 12, 60):
        gallery = make_gallery(*[make_public() for _n in range(rows)])
        paula.get("/")
        with django_assert_num_queries(9):
            answer = paula.get(gallery.get_absolute_url())
    assert len(answer.context["page"].rows) == 48
    query = f"?before={answer.context['page'].older}"
    rest = paula.get(gallery.get_absolute_url() + query)
    assert [item.position for item in rest.context["page"].rows] == list(range(49, 61))


@pytest.mark.parametrize("slug", ["s", "taken", "not an address", "x" * 81])
def test_a_bad_address_is_refused(paula: Client, slug: str) -> None:
    make_gallery(slug="taken")
    answer = paula.post("/galleries/new/", {"name": "New", "slug": slug, "access": "public"})
    assert answer.status_code == 400
    assert Gallery.objects.count() == 1


def test_names_without_latin_letters_get_an_address(paula: Client) -> None:
    for _n in range(2):
        paula.post("/galleries/new/", {"name": "春季系列", "access": "public"})
    assert set(Gallery.objects.values_list("slug", flat=True)) == {"gallery", "gallery-2"}


def test_the_schedule_is_in_the_time_zone_of_the_site(paula: Client, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    gallery = make_gallery(shown_from=None)
    paula.post(
        gallery.get_absolute_url(),
        edit(gallery, shown_from="2031-05-01T09:00", shown_until="2031-05-02T09:00"),
    )
    gallery.refresh_from_db()
    assert gallery.shown_from
    assert gallery.shown_from.isoformat() == "2031-05-01T01:00:00+00:00"
    assert gallery.current_state == "scheduled"
    assert "2031-05-01T09:00" in paula.get(gallery.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"shown_until": "2031-05-01T09:00"},
        {"shown_from": "2031-05-02T09:00", "shown_until": "2031-05-01T09:00"},
        {"shown_from": "tomorrow"},
        {"name": ""},
        {"access": "friends"},
        {"version": ""},
        {"version": "1e9"},
    ],
)
def test_what_makes_no_sense_is_explained(paula: Client, fields: dict[str, Any]) -> None:
    gallery = make_gallery(shown_from=None)
    answer = paula.post(gallery.get_absolute_url(), edit(gallery, **fields))
    assert answer.status_code == 400
    gallery.refresh_from_db()
    assert (gallery.version, gallery.shown_from) == (0, None)


def test_two_editors_do_not_overwrite_each_other(paula: Client) -> None:
    gallery = make_gallery(make_public(), make_public())
    one, two = gallery.items.all()
    order = url("gallery-order", gallery)
    answer = paula.post(order, {"version": 0, "items": [two.pk, one.pk]}, follow=True)
    assert "Order saved" in message_texts(answer)
    answer = paula.post(order, {"version": 0, "items": [one.pk, two.pk]}, follow=True)
    assert "Somebody else changed this gallery" in message_texts(answer)
    assert list(gallery.items.all()) == [two, one]
    answer = paula.post(gallery.get_absolute_url(), edit(gallery, name="Mine"), follow=True)
    assert "Somebody else changed" in message_texts(answer)
    gallery.refresh_from_db()
    assert gallery.name != "Mine"


@pytest.mark.parametrize("move", ["", "x", "{}:sideways", "{}:place", "99999999999999999999:up"])
def test_a_move_to_nowhere_changes_nothing(paula: Client, move: str) -> None:
    gallery = make_gallery(make_public(), make_public())
    item = gallery.items.first()
    assert item
    data = {"version": 0, "move": move.format(item.pk), f"place-{item.pk}": "-3"}
    assert paula.post(url("gallery-move", gallery), data).status_code == 302
    gallery.refresh_from_db()
    assert gallery.version == 0


def test_an_item_moves_to_a_position_across_pages(paula: Client) -> None:
    gallery = make_gallery(*[make_public() for _n in range(4)])
    item = gallery.items.first()
    assert item
    data = {"version": 0, "move": f"{item.pk}:place", f"place-{item.pk}": "3"}
    paula.post(url("gallery-move", gallery), data)
    item.refresh_from_db()
    assert item.position == 3


def test_the_cover_is_chosen(paula: Client) -> None:
    gallery = make_gallery(make_public(), make_public())
    item = gallery.items.all()[1]
    paula.post(url("gallery-cover", gallery), {"version": 0, "item": item.pk})
    gallery.refresh_from_db()
    assert gallery.cover_id == item.result_id
    stranger = make_gallery(make_public()).items.get()
    paula.post(url("gallery-cover", gallery), {"version": 1, "item": stranger.pk})
    gallery.refresh_from_db()
    assert gallery.cover_id == item.result_id


def test_removing_asks_whether_to_take_down(paula: Client, committed: Commits) -> None:
    gallery = make_gallery(make_public(), make_public())
    one, two = gallery.items.all()
    paula.post(url("gallery-remove", gallery), {"ids": one.pk})
    assert Result.objects.get(pk=one.result_id).published_at
    with committed():
        paula.post(url("gallery-remove", gallery), {"ids": two.pk, "unpublish": "1"})
    assert Result.objects.get(pk=two.result_id).published_at is None
    assert not PublicImage.objects.filter(result=two.result_id).exists()


def test_refusals_are_named_on_the_page(paula: Client) -> None:
    gallery, pending = make_gallery(), make_result()
    where = {"gallery": gallery.pk, "ids": pending.pk}
    answer = paula.post("/galleries/add/", where, follow=True)
    assert str(pending.job) in message_texts(answer)
    assert paula.post("/galleries/add/", {"gallery": "9" * 30}).status_code == 404
    answer = paula.post(url("gallery-add", gallery), {"results": "x"}, follow=True)
    assert "between 1 and 500" in message_texts(answer)


def test_results_are_chosen_in_the_gallery_of_approved_ones(paula: Client, audrey: Client) -> None:
    gallery, result = make_gallery(), make_result("approved")
    page = paula.get(f"/gallery/?to={gallery.pk}").content.decode()
    assert f'value="{gallery.pk}" selected' in page
    assert f'name="ids" value="{result.pk}"' in page
    assert "Publish in a gallery" in paula.get(result.get_absolute_url()).content.decode()
    assert 'name="ids"' not in audrey.get("/gallery/").content.decode()


def test_what_is_not_shown_says_why(paula: Client) -> None:
    results = [make_public() for _n in range(3)]
    gallery = make_gallery(*results)
    reopen(results[0], make_user("rita"))
    person = results[1].job.person
    person.consent_scope = "tryon"
    person.save()
    PublicImage.objects.filter(result=results[2]).update(width=0)
    text = paula.get(gallery.get_absolute_url()).content.decode()
    for words in ("No longer approved", "not publishing", "Being prepared"):
        assert words in text


def test_a_link_is_shown_once(paula: Client, client: Client) -> None:
    gallery = make_gallery(make_public(), access="link")
    asked = {"label": "Paris", "days": "7", "may_download": "on"}
    answer = paula.post(url("gallery-share", gallery), asked)
    address = answer.context["address"]
    assert "no-store" in answer["Cache-Control"]
    link = ShareLink.objects.get()
    assert (link.label, link.may_download) == ("Paris", True)
    assert link.expires_at - timezone.now() > timedelta(days=6, hours=23)
    assert client.get(address).status_code == 200
    page = paula.get(gallery.get_absolute_url()).content.decode()
    assert address.rpartition("/s/")[2] not in page
    paula.post(url("gallery-revoke", gallery), {"link": link.pk})
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"days": "1000"},
        {"days": "date"},
        {"days": "date", "until": "2001-01-01"},
        {"days": "date", "until": "9999-12-31"},
    ],
)
def test_a_link_for_no_good_time_is_refused(paula: Client, asked: dict[str, str]) -> None:
    answer = paula.post(url("gallery-share", make_gallery()), asked)
    assert answer.status_code == 400
    assert not ShareLink.objects.exists()


def test_a_link_is_good_to_the_end_of_a_day(paula: Client) -> None:
    day = timezone.localdate() + timedelta(days=3)
    asked = {"days": "date", "until": day.isoformat()}
    paula.post(url("gallery-share", make_gallery()), asked)
    end = timezone.localtime(ShareLink.objects.get().expires_at)
    assert (end.date(), end.hour) == (day + timedelta(days=1), 0)


def test_deleting_asks_first(paula: Client) -> None:
    gallery = make_gallery(make_public())
    assert "Delete" in paula.get(url("gallery-delete", gallery)).content.decode()
    assert Gallery.objects.exists()
    assert paula.post(url("gallery-delete", gallery))["Location"] == "/galleries/"
    assert not Gallery.objects.exists()


def test_who_may_look_sees_no_button(audrey: Client) -> None:
    gallery = make_gallery(make_public())
    text = audrey.get(gallery.get_absolute_url()).content.decode()
    for action in ("order", "move", "remove", "share", "unpublish"):
        assert f'action="{url(f"gallery-{action}", gallery)}"' not in text


def test_others_see_nothing(client: Client, viewer: Client) -> None:
    gallery = make_gallery(shown_from=None)
    for name in ("gallery-edit", "gallery-preview"):
        assert client.get(url(name, gallery)).status_code == 302
        assert viewer.get(url(name, gallery)).status_code == 403
