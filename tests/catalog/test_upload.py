"""Uploads into the library, by the page's script and by the plain form."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client

from catalog.models import Garment, Person
from catalog.photos.add import add_photo
from catalog.photos.filenames import guess
from catalog.views.upload import MOST_AT_ONCE
from tests.factories import make_garment, make_user
from tests.pictures import photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


def send(client: Client, *files: tuple[str, bytes], kind: str = "garment", **fields: Any) -> Any:
    uploads = [SimpleUploadedFile(name, data) for name, data in files]
    answer = client.post(
        f"/{kind}s/add/", {"photos": uploads, **fields}, headers={"accept": "application/json"}
    )
    return answer.json()["files"]


def test_it_works(site: Client, boss: User) -> None:
    (told,) = send(site, ("LU27-T-0161_flat.jpg", photo()))
    garment = Garment.objects.get()
    assert (garment.slot, garment.photo_type, garment.sku) == ("top", "flat", "LU27-T-0161")
    assert (garment.name, garment.created_by) == ("LU27-T-0161_flat", boss)
    assert told["outcome"] == "added"
    assert told["asset"]["url"] == f"/garments/{garment.pk}/"
    assert told["asset"]["about"] == "Top"
    assert "Short side too short" in told["asset"]["finding"]
    assert LogEntry.objects.get().get_change_message() == "Added."


def test_a_person_needs_no_slot(site: Client) -> None:
    (told,) = send(site, ("ada.png", photo(format="PNG")), kind="person")
    assert told["outcome"] == "added"
    assert Person.objects.get().name == "ada"
    assert Person.objects.get().consent_scope == ""


def test_what_persons_agreed_to_is_stated_once_for_all_of_a_drop(site: Client, boss: User) -> None:
    send(site, ("ada.jpg", photo()), ("noor.jpg", photo(seed=1)), kind="person", consent="tryon")
    assert set(Person.objects.values_list("consent_scope", flat=True)) == {"tryon"}
    assert "Stated when" in Person.objects.all()[0].consent_note
    upload = SimpleUploadedFile("leo.jpg", photo(seed=2))
    assert site.post("/persons/add/", {"photos": upload, "consent": "all"}).status_code == 400
    assert Person.objects.count() == 2


def test_a_photo_is_never_decoded_inside_a_transaction(site: Client, monkeypatch: Any) -> None:
    from catalog.photos import ingest

    seen = []
    prepare = ingest.prepare

    def watched(data: bytes) -> ingest.Prepared:
        # The test itself is one transaction; a view's own would be a savepoint in it.
        seen.append(len(connection.savepoint_ids))
        return prepare(data)

    before = len(connection.savepoint_ids)
    monkeypatch.setattr(ingest, "prepare", watched)
    send(site, ("tee.jpg", photo()))
    assert seen == [before]


def test_the_chosen_slot_wins_over_the_name(site: Client) -> None:
    send(site, ("skirt.jpg", photo()), slot="dress")
    assert Garment.objects.get().slot == "dress"
    answer = site.post("/garments/add/", {"slot": "hat"})
    assert answer.status_code == 400


def test_a_name_that_tells_nothing_is_asked_about(site: Client) -> None:
    (told,) = send(site, ("IMG_0012.jpg", photo()))
    assert told["outcome"] == "unsorted"
    assert "Top, bottom or dress?" in told["message"]
    assert not Garment.objects.exists()


def test_a_duplicate_is_pointed_out_and_added_on_request(site: Client) -> None:
    data = photo()
    send(site, ("tee.jpg", data))
    (told,) = send(site, ("shirt.jpg", data))
    first = Garment.objects.get()
    assert told["outcome"] == "duplicate"
    assert told["asset"]["url"] == first.get_absolute_url()
    assert "“tee”" in told["message"]
    (told,) = send(site, ("shirt.jpg", data), anyway="1")
    assert told["outcome"] == "added"
    assert [alike["name"] for alike in told["alike"]] == ["tee"]
    assert Garment.objects.count() == 2


def test_a_duplicate_in_the_archive_is_called_that(site: Client) -> None:
    data = photo()
    send(site, ("tee.jpg", data))
    Garment.objects.archive()
    (told,) = send(site, ("tee.jpg", data))
    assert "in the archive" in told["message"]


def test_what_looks_alike_is_named(site: Client) -> None:
    send(site, ("tee.jpg", photo(seed=3)))
    (told,) = send(site, ("other-tee.jpg", photo(seed=3, quality=60)))
    assert told["outcome"] == "added"
    assert [alike["name"] for alike in told["alike"]] == ["tee"]


def test_a_number_stays_with_its_first_photo(site: Client) -> None:
    send(site, ("LU27-T-0161.jpg", photo(seed=1)), ("LU27-T-0161_worn.jpg", photo(seed=2)))
    first, second = Garment.objects.order_by("pk")
    assert (first.sku, second.sku, second.photo_type) == ("LU27-T-0161", "", "worn")


def test_two_photos_of_one_article_at_once_are_both_added(site: Client, monkeypatch: Any) -> None:
    def overtaken(model: Any, data: bytes, **values: Any) -> Any:
        if values["sku"]:
            raise IntegrityError
        return add_photo(model, data, **values)

    monkeypatch.setattr("catalog.photos.upload.add_photo", overtaken)
    (told,) = send(site, ("LU27-T-0161.jpg", photo()))
    assert told["outcome"] == "added"
    assert Garment.objects.get().sku == ""


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty"),
        (b"II*\x00" + b"\x00" * 400, "Save it as JPEG"),
        (b"%PDF-1.7 " * 50, "Save it as JPEG"),
        (photo()[:2000], "ends too early"),
        (photo(40, 40), "Use a larger one"),
    ],
)
def test_a_bad_file_is_explained_and_leaves_nothing(site: Client, data: bytes, said: str) -> None:
    (told,) = send(site, ("tee.jpg", data))
    assert told["outcome"] == "refused"
    assert said in told["message"]
    assert not Garment.objects.exists()
    assert not LogEntry.objects.exists()


def test_a_hostile_name_is_only_a_name(site: Client) -> None:
    (told,) = send(site, ("../../etc/<b>tee</b>" + "x" * 300 + ".jpg", photo()), slot="top")
    assert told["outcome"] == "added"
    garment = Garment.objects.get()
    assert len(garment.name) <= 120
    assert ".." not in garment.original.name


def test_the_plain_form_takes_several_and_says_what_became_of_each(site: Client) -> None:
    data = photo(seed=1)
    send(site, ("old tee.jpg", data))
    uploads = [
        SimpleUploadedFile("tee.jpg", photo(seed=2)),
        SimpleUploadedFile("again tee.jpg", data),
        SimpleUploadedFile("bad.jpg", b"not a photo"),
        SimpleUploadedFile("IMG_1.jpg", photo(seed=4)),
    ]
    answer = site.post("/garments/add/", {"photos": uploads}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [("/garments/", 302)]
    assert "1 photo added." in page
    assert "again tee.jpg: This very photo is in the library as “old tee”" in page
    assert "bad.jpg: Photos are JPEG" in page
    assert "IMG_1.jpg: Top, bottom or dress?" in page


def test_too_many_at_once_are_left_out_and_shown(site: Client) -> None:
    uploads = [SimpleUploadedFile(f"{n}.jpg", b"x") for n in range(MOST_AT_ONCE + 3)]
    page = site.post("/garments/add/", {"photos": uploads}, follow=True).content.decode()
    assert "3 more files were left out" in page


def test_no_file_is_shown(site: Client) -> None:
    assert "Choose at least one photo" in site.post("/garments/add/", follow=True).content.decode()
    assert site.get("/garments/add/").status_code == 302


def test_only_who_may_add_adds(client: Client) -> None:
    viewer = make_user("viewer")
    viewer.user_permissions.add(Permission.objects.get(codename="view_garment"))
    client.force_login(viewer)
    answer = client.post("/garments/add/", {"photos": [SimpleUploadedFile("tee.jpg", photo())]})
    assert answer.status_code == 403
    assert not Garment.objects.exists()


def test_queries_of_an_upload_do_not_grow_with_the_library(
    site: Client, django_assert_max_num_queries: Any
) -> None:
    for _n in range(20):
        make_garment()
    with django_assert_max_num_queries(20):
        send(site, ("tee.jpg", photo()))


@pytest.mark.parametrize(
    ("name", "slot", "photo_type", "sku"),
    [
        ("LU27-T-0161_flat.jpg", "top", "flat", "LU27-T-0161"),
        ("LU27-B-0088 worn.png", "bottom", "worn", "LU27-B-0088"),
        ("LU27-D-0012.jpg", "dress", "flat", "LU27-D-0012"),
        ("floral dress.jpg", "dress", "flat", ""),
        ("ShirtDress_model.jpg", "", "worn", ""),
        ("shirt-dress.jpg", "dress", "flat", ""),
        ("dress shirt.jpg", "top", "flat", ""),
        ("Jeans_Ecru_01.JPG", "bottom", "flat", ""),
        ("红色连衣裙.jpg", "dress", "flat", ""),
        ("半身裙.jpg", "bottom", "flat", ""),
        ("牛仔裤_模特.jpg", "bottom", "worn", ""),
        ("白衬衫.png", "top", "flat", ""),
        ("IMG_0012.jpg", "", "flat", ""),
        ("laptop.jpg", "", "flat", ""),
        ("", "", "flat", ""),
    ],
)
def test_names_tell_what_they_can(name: str, slot: str, photo_type: str, sku: str) -> None:
    told = guess(name)
    assert (told.slot, told.photo_type, told.sku) == (slot, photo_type, sku)
