"""The page of one photo: attributes, findings with their remedies, uses, results."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Collection, Garment, Person
from catalog.photos.add import add_photo
from review.views import asset as asset_page
from tests.factories import make_garment, make_job, make_person, make_result, make_user
from tests.pictures import photo

pytestmark = pytest.mark.django_db
TEND = ["view_garment", "change_garment", "view_person", "change_person"]


@pytest.fixture
def mia(client: Client) -> Client:
    """A merchandiser: she tends the library and launches."""
    user = make_user("mia")
    rights = [*TEND, "delete_garment", "delete_person", "add_batch"]
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)
    return client


def small(**kwargs: Any) -> Garment:
    return add_photo(Garment, photo(300, 400), name="Tee", slot="top", **kwargs)


def save(client: Client, asset: Any, **values: Any) -> Any:
    fields = {"name": asset.name, "tag_names": ""}
    if isinstance(asset, Garment):
        fields |= {"slot": asset.slot, "photo_type": asset.photo_type, "sku": asset.sku}
    else:
        fields |= {"gender": asset.gender, "body": asset.body, "view": asset.view}
    return client.post(asset.get_absolute_url(), fields | values, follow=True)


def test_it_works(mia: Client) -> None:
    garment = make_garment("dress", name="Floral dress", sku="LU27-D-0012")
    page = mia.get(f"/garments/{garment.pk}/").content.decode()
    assert "<h1>Floral dress</h1>" in page
    assert "LU27-D-0012" in page
    assert garment.large.url in page
    assert "No try-on has used it yet" in page
    assert mia.get("/garments/987654/").status_code == 404


def test_attributes_are_changed_and_the_history_says_which(mia: Client) -> None:
    garment, summer = make_garment(), Collection.objects.create(name="Summer")
    page = save(
        mia,
        garment,
        name="Tee",
        season="SS27",
        tag_names="linen, blue，linen",
        collections=[summer.pk],
    )
    assert "Saved." in page.content.decode()
    garment.refresh_from_db()
    assert (garment.name, garment.season) == ("Tee", "SS27")
    assert {tag.name for tag in garment.tags.all()} == {"linen", "blue"}
    assert garment.collections.get() == summer
    message = LogEntry.objects.get().get_change_message()
    assert message == "Changed name, season, collections and tags."


def test_saving_nothing_writes_nothing(mia: Client) -> None:
    garment = make_garment()
    save(mia, garment)
    assert not LogEntry.objects.exists()


def test_errors_are_shown_at_their_field(mia: Client) -> None:
    make_garment(sku="A-1")
    garment = make_garment(name="Tee")
    page = save(mia, garment, sku="A-1", name="", tag_names="x" * 41).content.decode()
    assert "<h1>Tee</h1>" in page
    assert page.count('role="alert"') == 3
    assert "A tag may have 40 letters." in page
    garment.refresh_from_db()
    assert garment.name == "Tee"


def test_a_person_has_a_height_and_a_size(mia: Client) -> None:
    person = make_person()
    save(mia, person, height_cm="178", size="M", body="slim")
    person.refresh_from_db()
    assert (person.height_cm, person.size, person.body) == (178, "M", "slim")
    assert "consent" not in save(mia, person, consent_scope="publish").context["form"].fields


def test_a_worker_that_measures_meanwhile_keeps_its_facts(mia: Client, monkeypatch: Any) -> None:
    garment = make_garment(name="Tee")
    rejudge = Garment.rejudge

    def measured_first(asset: Garment) -> None:
        Garment.objects.filter(pk=asset.pk).update(facts={"worn": True, "width": 9, "height": 9})
        rejudge(asset)

    monkeypatch.setattr(Garment, "rejudge", measured_first)
    save(mia, garment, name="Shirt")
    garment.refresh_from_db()
    assert garment.facts["worn"]
    assert garment.verdict == "refuse"


def test_changing_the_photo_type_judges_it_again(mia: Client) -> None:
    garment = make_garment(facts={"worn": True, "width": 800, "height": 1000})
    assert "Said to be flat, but worn" in mia.get(garment.get_absolute_url()).content.decode()
    page = save(mia, garment, photo_type="worn").content.decode()
    assert "Said to be flat, but worn" not in page


def test_a_finding_names_its_providers(mia: Client) -> None:
    page = mia.get(small().get_absolute_url()).content.decode()
    assert "Alibaba Cloud Market, Aidge" in page
    assert "aliyun_market" not in page


def test_a_finding_is_fixed_with_one_click(mia: Client) -> None:
    garment = small()
    page = mia.get(garment.get_absolute_url()).content.decode()
    assert "Short side too short: 300 px" in page
    assert '<button class="btn" name="mend" value="resize">' in page
    answer = mia.post(f"/garments/{garment.pk}/mend/", {"mend": "resize"}, follow=True)
    page = answer.content.decode()
    assert "Mended. Providers now get it with 516 × 688 pixels" in page
    assert "Short side too short" not in page
    assert "516 × 688" in page


@pytest.mark.parametrize("wish", ["", "crop", "explode"])
def test_only_what_is_offered_is_applied(mia: Client, wish: str) -> None:
    garment = small()
    page = mia.post(f"/garments/{garment.pk}/mend/", {"mend": wish}, follow=True).content.decode()
    assert "Nothing was mended" in page
    assert Garment.objects.get().wire_width == 300


def test_a_photo_that_try_ons_refer_to_stays_as_it_was_sent(mia: Client) -> None:
    garment = small()
    make_job(top=garment)
    page = mia.get(garment.get_absolute_url()).content.decode()
    assert 'name="mend"' not in page
    assert "so it stays as it was sent" in page
    page = mia.post(f"/garments/{garment.pk}/mend/", {"mend": "resize"}, follow=True)
    assert "so it stays as it was sent" in page.content.decode()
    assert Garment.objects.get().wire_width == 300


def test_duplicates_and_lookalikes_are_shown(mia: Client) -> None:
    garment = make_garment(dhash=7)
    same = make_garment(name="Same file", sha256=garment.sha256, dhash=7)
    alike = make_garment(name="Nearly", dhash=5)
    page = mia.get(garment.get_absolute_url()).content.decode()
    assert f'href="/garments/{same.pk}/">Same file' in page
    assert f'href="/garments/{alike.pk}/">Nearly' in page
    assert page.count("Looks alike") == 1


@pytest.mark.parametrize("slot", ["top", "bottom", "dress"])
def test_uses_and_approved_results_are_shown(mia: Client, slot: str) -> None:
    garment = make_garment(slot)
    approved = make_result("approved", job=make_job("succeeded", **{slot: garment}))
    pending = make_result("pending", job=make_job("succeeded", **{slot: garment}))
    make_result("approved")
    context = mia.get(garment.get_absolute_url()).context
    assert list(context["approved"]) == [approved]
    assert list(context["jobs"]) == [pending.job, approved.job]
    assert context["used"] == 2


def test_the_page_of_a_person_shows_their_results(mia: Client) -> None:
    result = make_result("approved")
    page = mia.get(result.job.person.get_absolute_url())
    assert list(page.context["approved"]) == [result]
    assert f"/gallery/?person={result.job.person_id}" in page.content.decode()


def test_very_many_uses_are_not_counted_out(mia: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(asset_page, "MAX_COUNTED", 2)
    person = make_person()
    for _n in range(4):
        make_job(person=person)
    assert "more than 2 try-ons" in mia.get(person.get_absolute_url()).content.decode()


def test_queries_do_not_grow_with_uses(mia: Client) -> None:
    person = make_person()

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            mia.get(person.get_absolute_url())
        return len(queries)

    make_result("approved", job=make_job("succeeded", person=person))
    mia.get(person.get_absolute_url())
    few = asked()
    for _n in range(20):
        make_result("approved", job=make_job("succeeded", person=person))
        make_person(sha256=person.sha256)
    assert asked() == few
    assert few <= 14


def test_a_viewer_sees_and_changes_nothing(client: Client) -> None:
    user, garment = make_user("vic"), small()
    client.force_login(user)
    assert client.get(garment.get_absolute_url()).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_garment"))
    page = client.get(garment.get_absolute_url()).content.decode()
    assert "<dd>Top</dd>" in page
    assert garment.original.url not in page
    for word in ('name="mend"', "Save", "Archive", "Delete", "Try on with"):
        assert word not in page.partition("<main")[2]
    assert save(client, garment, name="Mine").status_code == 403
    assert client.post(f"/garments/{garment.pk}/mend/", {"mend": "resize"}).status_code == 403
    assert Garment.objects.get().name == "Tee"
    assert client.get(f"/persons/{make_person().pk}/").status_code == 403


def test_archive_comes_back_to_the_page(mia: Client) -> None:
    person = make_person()
    act = {"do": "archive", "ids": person.pk, "next": person.get_absolute_url()}
    page = mia.post("/persons/change/", act, follow=True)
    assert page.redirect_chain == [(person.get_absolute_url(), 302)]
    assert "Restore" in page.content.decode()
    assert Person.objects.archived().exists()
