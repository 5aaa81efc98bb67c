"""The library in the admin, as a merchandiser meets it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Collection, Garment, Person
from catalog.photos import ingest, refusals
from catalog.photos.add import add_photo
from tests.factories import make_job
from tests.pictures import photo

pytestmark = pytest.mark.django_db
PERSONS = "admin:catalog_person_changelist"
GARMENTS = "admin:catalog_garment_changelist"


@pytest.fixture
def site(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


def upload(site: Client, data: bytes | None, kind: str = "person", **fields: Any) -> Any:
    values = {"name": "Ada", "view": "full"} if kind == "person" else {"name": "Shirt"}
    if kind == "garment":
        values |= {"slot": "top", "photo_type": "flat"}
    if data is not None:
        values["photo"] = SimpleUploadedFile("x.jpg", data)  # type: ignore[assignment]
    address = reverse(f"admin:catalog_{kind}_add")
    return site.post(address, values | fields, follow=True)


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def change(asset: Any) -> str:
    return reverse(f"admin:catalog_{asset._meta.model_name}_change", args=[asset.pk])


def test_it_works(site: Client, boss: User) -> None:
    upload(site, photo())
    person = Person.objects.get()
    assert (person.name, person.width, person.created_by) == ("Ada", 300, boss)
    assert site.get(person.thumb.url).status_code == 200
    assert person.thumb.url in site.get(reverse(PERSONS)).content.decode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (None, "required"),
        (b"", "empty"),
        (b"words", "unsupported_format"),
        (photo()[:999], "truncated"),
    ],
)
def test_a_bad_photo_is_a_form_error(site: Client, data: bytes | None, code: str) -> None:
    response = upload(site, data)
    errors = response.context["adminform"].form.errors.as_data()["photo"]
    assert [error.code for error in errors] == [code]
    assert not Person.objects.exists()


def test_a_large_file_is_refused_unread(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "prepare", lambda data: pytest.fail("the file was read"))
    response = upload(site, bytes(refusals.MAX_BYTES + 1))
    errors = response.context["adminform"].form.errors.as_data()["photo"]
    assert [error.code for error in errors] == ["too_many_bytes"]


def test_a_bad_attribute_writes_no_file(site: Client, settings: Any) -> None:
    assert upload(site, photo(), "garment", slot="hat").context["adminform"].form.errors
    assert not Path(settings.MEDIA_ROOT).exists()


@pytest.mark.django_db(transaction=True)
def test_a_photo_is_decoded_once_and_outside_of_the_transaction(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[bool] = []
    for name in ("prepare", "save"):
        real = getattr(ingest, name)
        monkeypatch.setattr(
            ingest, name, lambda *a, f=real: inside.append(connection.in_atomic_block) or f(*a)
        )
    upload(site, photo())
    assert Person.objects.count() == 1
    assert inside == [False, False]


def test_duplicates_and_lookalikes_are_pointed_out(site: Client) -> None:
    first = add_photo(Person, photo(600, 800), name="First")
    response = upload(site, photo(600, 800))
    assert Person.objects.count() == 2
    assert change(first) in said(response)
    response = upload(site, photo(600, 800, "WEBP"))
    assert "similar" in said(response)
    shown = site.get(change(first)).content.decode()
    assert all(change(other) in shown for other in Person.objects.exclude(pk=first.pk))


def test_names_are_escaped(site: Client) -> None:
    evil = add_photo(Person, photo(), name="<script>alert(1)</script>")
    assert "<script>alert" not in said(upload(site, photo()))
    for address in (change(evil), reverse(PERSONS)):
        assert b"<script>alert" not in site.get(address).content


def test_a_row_keeps_its_photo(site: Client) -> None:
    person = add_photo(Person, photo(), name="Ada")
    assert b'name="photo"' not in site.get(change(person)).content
    values = {"name": "Eve", "view": "half", "photo": SimpleUploadedFile("x.jpg", photo(seed=5))}
    site.post(change(person), values)
    changed = Person.objects.get()
    assert (changed.name, changed.sha256) == ("Eve", person.sha256)


def test_archived_ones_are_out_of_sight(site: Client) -> None:
    add_photo(Person, photo(), name="Here")
    gone = add_photo(Person, photo(seed=1), name="Gone")
    Person.objects.filter(pk=gone.pk).archive()

    def names(query: str) -> set[str]:
        found = site.get(reverse(PERSONS) + query).context["cl"].result_list
        return {person.name for person in found}

    assert names("") == {"Here"}
    assert names("?archived=yes") == {"Gone"}
    assert names("?archived=all") == {"Here", "Gone"}


def test_actions_say_what_they_did(site: Client) -> None:
    keys = [add_photo(Person, photo(seed=seed), name="x").pk for seed in range(3)]
    Person.objects.filter(pk=keys[0]).archive()

    def act(action: str) -> str:
        address = reverse(PERSONS) + "?archived=all"
        return said(site.post(address, {"action": action, "_selected_action": keys}, follow=True))

    assert act("archive") == "2 were archived. 1 had been archived before."
    assert Person.objects.active().count() == 0
    assert act("restore") == "3 were restored."
    assert act("restore") == "0 were restored. 3 were not archived."


def test_the_original_is_for_those_who_may_change(client: Client) -> None:
    person = add_photo(Person, photo(), name="Ada")
    user = User.objects.create_user("eve", is_staff=True)
    client.force_login(user)
    assert client.get(change(person)).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_person"))
    shown = client.get(change(person)).content.decode()
    assert person.large.url in shown
    assert "original." not in shown
    user.user_permissions.add(Permission.objects.get(codename="change_person"))
    assert person.original.url in client.get(change(person)).content.decode()


def test_without_permission_nothing_is_decoded(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "prepare", lambda data: pytest.fail("decoded"))
    client.force_login(User.objects.create_user("eve", is_staff=True))
    assert upload(client, photo()).status_code == 403
    client.logout()
    upload(client, photo())


def test_what_a_job_uses_cannot_be_deleted(site: Client) -> None:
    job = make_job()
    site.post(reverse("admin:catalog_person_delete", args=[job.person_id]), {"post": "yes"})
    action = {"action": "delete_selected", "_selected_action": [job.person_id], "post": "yes"}
    shown = site.post(reverse(PERSONS), action)
    assert "Archive it instead" in said(shown)
    assert str(job) in shown.content.decode()
    assert Person.objects.filter(pk=job.person_id).exists()


@pytest.mark.parametrize("by_action", [True, False])
def test_deleting_takes_the_files(
    site: Client, settings: Any, django_capture_on_commit_callbacks: Any, by_action: bool
) -> None:
    person = add_photo(Person, photo(), name="Ada")
    address = reverse("admin:catalog_person_delete", args=[person.pk])
    values: dict[str, Any] = {"post": "yes"}
    if by_action:
        address = reverse(PERSONS)
        values |= {"action": "delete_selected", "_selected_action": [person.pk]}
    with django_capture_on_commit_callbacks(execute=True):
        site.post(address, values)
    assert not Person.objects.exists()
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


def fill(rows: int) -> None:
    shown = Collection.objects.get_or_create(name="Spring")[0]
    values = ingest.save(ingest.prepare(photo(160, 200)), "garment")
    for number in range(rows):
        garment = Garment.objects.create(name=f"G{number}", slot="top", **values)
        garment.collections.add(shown)
        Person.objects.create(name=f"P{number}", **values)
        Collection.objects.create(name=f"C{rows}-{number}").garments.add(garment)


@pytest.mark.parametrize("kind", ["person", "garment", "collection"])
def test_lists_ask_no_more_for_more_rows(site: Client, kind: str) -> None:
    address = reverse(f"admin:catalog_{kind}_changelist")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert site.get(address).status_code == 200
        return len(captured)

    fill(2)
    few = queries()
    fill(20)
    assert queries() == few
    assert few <= 8


def test_collections_count_their_garments(site: Client) -> None:
    fill(3)
    shown = site.get(reverse("admin:catalog_collection_changelist"))
    spring = Collection.objects.get(name="Spring")
    link = f"{reverse(GARMENTS)}?collections__id__exact={spring.pk}"
    assert f'<a href="{link}">3</a>' in shown.content.decode()
    assert len(site.get(link).context["cl"].result_list) == 3


def test_search_and_filters(site: Client) -> None:
    add_photo(Garment, photo(), name="Shirt", slot="top", sku="S-77")
    add_photo(Garment, photo(seed=1), name="Skirt", slot="bottom")
    for query, name in (("?q=s-77", "Shirt"), ("?slot__exact=bottom", "Skirt")):
        found = site.get(reverse(GARMENTS) + query).context["cl"].result_list
        assert [garment.name for garment in found] == [name]


def test_photos_cause_no_page_errors_in_chinese(site: Client) -> None:
    person = add_photo(Person, photo(), name="Ada")
    for address in (change(person), reverse(PERSONS), reverse("admin:catalog_person_add")):
        assert site.get(address, headers={"accept-language": "zh-hans"}).status_code == 200
