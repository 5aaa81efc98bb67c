"""Findings where a merchandiser meets them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Garment, Person
from catalog.photos.add import add_photo
from tests.factories import make_job, make_user
from tests.pictures import photo

pytestmark = pytest.mark.django_db
PERSONS = reverse("admin:catalog_person_changelist")


@pytest.fixture
def site(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


def add(width: int = 300, height: int = 400, seed: int = 0, **facts: Any) -> Person:
    person = add_photo(Person, photo(width, height, seed=seed), name="Ada")
    person.facts |= facts
    person.judge()
    person.save(update_fields=["facts", "verdict"])
    return person


def change(asset: Any) -> str:
    return reverse(f"admin:catalog_{asset._meta.model_name}_change", args=[asset.pk])


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def test_it_works(site: Client) -> None:
    person = add()
    page = site.get(change(person)).content.decode()
    assert "Short side too short: 300 px, needs 400 px" in page
    assert '<button type="submit" class="button" name="_mend" value="resize"' in page
    assert "Not measured yet" in page
    assert "style=" not in page.partition("findings")[2]

    answer = site.post(change(person), {"_mend": "resize"}, follow=True)
    assert "Mended. Providers now get it with 516 × 688 pixels" in said(answer)
    assert "Short side too short" not in answer.content.decode()
    assert Person.objects.get().wire_width == 516


def test_the_list_shows_and_filters_by_the_verdict(site: Client) -> None:
    add(), add(800, 1000, seed=1)
    assert "Refused somewhere" in site.get(PERSONS).content.decode()
    for verdict, count in (("refuse", 1), ("fine", 0), ("", 2)):
        where = {"verdict__exact": verdict} if verdict else {}
        assert site.get(PERSONS, where).context["cl"].result_count == count


def test_a_longer_list_asks_no_more(site: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            site.get(PERSONS)
        return len(captured)

    add()
    site.get(PERSONS)
    few = queries()
    for seed in range(1, 6):
        add(seed=seed, persons=2)
    assert queries() == few


def test_the_action_mends_what_it_can_and_names_what_not(site: Client) -> None:
    used, free = add(), add(seed=1)
    make_job(person=used)
    chosen = {"action": "apply_remedies", "_selected_action": [used.pk, free.pk]}
    answer = site.post(PERSONS, chosen, follow=True)
    assert "1 photo was mended." in said(answer)
    assert "Ada: Try-ons were made of this photo" in said(answer)
    assert [p.wire_width for p in Person.objects.order_by("pk")] == [300, 516]


def test_a_remedy_that_no_finding_offers_changes_nothing(site: Client) -> None:
    person = add(800, 1000)
    answer = site.post(change(person), {"_mend": "pad"}, follow=True)
    assert "Nothing was mended" in said(answer)
    assert Person.objects.get().wire_sha256 == person.wire_sha256


def test_who_may_only_look_sees_findings_without_buttons(client: Client) -> None:
    viewer = make_user("viewer")
    viewer.user_permissions.add(Permission.objects.get(codename="view_person"))
    client.force_login(viewer)
    person = add()
    page = client.get(change(person)).content.decode()
    assert "Short side too short" in page
    assert "_mend" not in page
    assert client.post(change(person), {"_mend": "resize"}).status_code == 403
    assert Person.objects.get().wire_width == 300


def test_saying_that_a_garment_is_worn_changes_its_verdict(site: Client) -> None:
    garment = add_photo(Garment, photo(800, 1000), name="Tee", slot="top")
    fields = {"name": "Tee", "slot": "top", "photo_type": "worn", "sku": ""}
    site.post(change(garment), fields)
    assert Garment.objects.get().verdict == "refuse"


def test_legs_name_the_garments_that_need_them(site: Client) -> None:
    page = site.get(change(add(800, 1000, legs=1))).content.decode()
    assert "Legs not in the photo (Dress)" in page
