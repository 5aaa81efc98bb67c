"""One change to many assets."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.storage import default_storage
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone

from catalog.library import bulk_actions
from catalog.models import AssetQuerySet, Collection, Garment, Person, Tag
from tests.factories import make_garment, make_job, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


def change(client: Client, do: str, assets: list[Any], kind: str = "garment", **fields: Any) -> Any:
    ids = [asset.pk for asset in assets]
    return client.post(f"/{kind}s/change/", {"do": do, "ids": ids, **fields}, follow=True)


def test_it_works(site: Client) -> None:
    first, second, other = (make_garment() for _n in range(3))
    page = change(site, "tag", [first, second], tag="linen", next="/garments/?slot=top")
    assert page.redirect_chain == [("/garments/?slot=top", 302)]
    assert "Tag put on 2 photos." in page.content.decode()
    assert list(Tag.objects.get().garments.order_by("pk")) == [first, second]
    assert not other.tags.exists()
    entries = LogEntry.objects.values_list("object_id", flat=True)
    assert sorted(entries) == sorted([str(first.pk), str(second.pk)])
    assert LogEntry.objects.first().get_change_message() == "Changed tags."  # type: ignore[union-attr]


def test_tagging_twice_is_harmless_and_a_tag_is_taken_off(site: Client) -> None:
    garment, other = make_garment(), make_garment()
    for _n in range(2):
        change(site, "tag", [garment, other], tag=" linen ")
    tag = Tag.objects.get()
    assert tag.name == "linen"
    change(site, "untag", [garment], untag=tag.pk)
    assert list(tag.garments.all()) == [other]


def test_persons_are_tagged_as_well(site: Client) -> None:
    person = make_person()
    change(site, "tag", [person], "person", tag="studio")
    assert person.tags.get().name == "studio"


def test_garments_go_into_collections_and_out(site: Client) -> None:
    garment, summer = make_garment(), Collection.objects.create(name="Summer")
    change(site, "collect", [garment], collection=summer.pk)
    change(site, "collect", [garment], new_collection="Winter")
    assert {c.name for c in garment.collections.all()} == {"Summer", "Winter"}
    change(site, "release", [garment], release=summer.pk)
    assert garment.collections.get().name == "Winter"


def test_a_season_is_set_and_taken_back(site: Client) -> None:
    garment = make_garment()
    change(site, "season", [garment], season="SS27")
    garment.refresh_from_db()
    assert garment.season == "SS27"
    change(site, "season", [garment], season="")
    garment.refresh_from_db()
    assert garment.season == ""


def test_archiving_and_restoring(site: Client) -> None:
    person = make_person()
    change(site, "archive", [person], "person")
    assert Person.objects.archived().get() == person
    change(site, "restore", [person], "person")
    assert Person.objects.active().get() == person


def test_all_that_match_are_meant_on_every_page(site: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(bulk_actions, "CHUNK", 2)
    tops = [make_garment("top") for _n in range(5)]
    make_garment("dress")
    page = change(site, "tag", tops[:1], tag="linen", all="1", query="slot=top&before=3")
    assert "5 photos" in page.content.decode()
    assert Tag.objects.get().garments.count() == 5


def test_what_a_change_takes_out_of_the_filter_is_changed_all_the_same(
    site: Client, monkeypatch: Any
) -> None:
    monkeypatch.setattr(bulk_actions, "CHUNK", 1)
    tag = Tag.objects.create(name="linen")
    for _n in range(3):
        make_garment().tags.add(tag)
    change(site, "untag", [], untag=tag.pk, all="1", query=f"tag={tag.pk}")
    assert not tag.garments.exists()


def test_a_filter_that_is_gone_means_nothing_rather_than_all(site: Client) -> None:
    make_garment()
    for query in ("tag=987", "collection=x", "slot=hat", "archived=maybe"):
        page = change(site, "archive", [], all="1", query=query)
        assert "Nothing is selected" in page.content.decode()
    assert Garment.objects.active().count() == 1


def test_all_or_nothing(site: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(bulk_actions, "CHUNK", 1)
    first, second = make_garment(), make_garment()
    calls = []

    def breaks(rows: Any) -> int:
        calls.append(rows)
        if len(calls) == 2:
            raise RuntimeError
        return rows.update(archived_at=timezone.now())

    monkeypatch.setattr(AssetQuerySet, "archive", breaks)
    with pytest.raises(RuntimeError):
        change(site, "archive", [first, second])
    assert Garment.objects.active().count() == 2
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("do", "fields", "said"),
    [
        ("tag", {"tag": ""}, "Say which tag"),
        ("tag", {"tag": "x" * 41}, "at most 40"),
        ("untag", {}, "Choose the tag"),
        ("untag", {"untag": "987"}, "valid choice"),
        ("collect", {}, "Choose a collection"),
        ("release", {"release": "x"}, "valid choice"),
        ("season", {"season": "x" * 21}, "at most 20"),
    ],
)
def test_what_is_missing_is_shown(site: Client, do: str, fields: Any, said: str) -> None:
    page = change(site, do, [make_garment()], **fields)
    assert said in page.content.decode()
    assert not LogEntry.objects.exists()


def test_nothing_ticked_is_reported(site: Client) -> None:
    assert "Tick some photos first" in change(site, "archive", []).content.decode()
    assert site.get("/garments/change/").status_code == 302
    ids = ["x", "-1", "9" * 30]
    page = site.post("/garments/change/", {"do": "archive", "ids": ids}, follow=True)
    assert "Tick some photos first" in page.content.decode()


@pytest.mark.parametrize("do", ["", "explode", "__init__"])
def test_unknown_acts_are_refused(site: Client, do: str) -> None:
    assert change(site, do, [make_garment()]).status_code == 400


def test_persons_are_in_no_collection(site: Client) -> None:
    assert change(site, "collect", [make_person()], "person").status_code == 400


def test_a_launch_gets_the_ids_in_one_field(site: Client) -> None:
    first, second = make_garment(), make_garment()
    page = change(site, "launch", [first, second]).content.decode()
    assert f'name="garments" value="{second.pk},{first.pk}"' in page
    assert "Launch with 2 garments" in page
    person = make_person()
    page = change(site, "launch", [person], "person").content.decode()
    assert f'name="persons" value="{person.pk}"' in page


# --- deleting ---


def test_deleting_asks_first_and_names_what_stays(site: Client) -> None:
    used, free = make_garment(name="Dunes tee"), make_garment(name="Free tee")
    make_job(top=used)
    page = change(site, "delete", [used, free]).content.decode()
    assert "1 is not used in any try-on" in page
    assert "1 is used in try-ons and stays" in page
    assert f'href="/garments/{used.pk}/#used"' in page
    assert "1 try-on" in page
    # What goes is shown, what stays is listed with where it is used.
    assert 'alt="Free tee"' in page
    assert 'alt="Dunes tee"' not in page
    assert Garment.objects.count() == 2


def test_only_the_unused_are_deleted_with_their_files(
    site: Client, django_capture_on_commit_callbacks: Any
) -> None:
    used, free = make_garment(), make_garment()
    make_job(top=used)
    with django_capture_on_commit_callbacks(execute=True):
        page = change(site, "delete", [used, free], confirm="delete").content.decode()
    assert "1 photo deleted." in page
    assert Garment.objects.get() == used
    assert Garment.objects.active().get() == used
    assert not default_storage.exists(free.thumb.name)
    assert default_storage.exists(used.thumb.name)
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.is_deletion()) == (str(free.pk), True)


def test_the_used_can_be_archived_instead(site: Client) -> None:
    used, free = make_garment(), make_garment()
    make_job(top=used)
    page = change(site, "delete", [used, free], confirm="archive").content.decode()
    assert "1 is used in try-ons and was archived." in page
    assert Garment.objects.archived().get() == used


def test_all_that_match_are_carried_through_the_question(site: Client) -> None:
    for _n in range(3):
        make_garment("top")
    make_garment("dress")
    page = change(site, "delete", [], all="1", query="slot=top").content.decode()
    assert "Delete 3 photos?" in page
    assert 'name="query" value="slot=top"' in page
    change(site, "delete", [], all="1", query="slot=top", confirm="delete")
    assert Garment.objects.get().slot == "dress"


def test_a_try_on_that_comes_between_saves_them_all(site: Client, monkeypatch: Any) -> None:
    garment = make_garment()

    def too_late(rows: Any) -> None:
        raise ProtectedError("", set())

    monkeypatch.setattr(AssetQuerySet, "erase", too_late)
    page = change(site, "delete", [garment], confirm="delete").content.decode()
    assert "nothing was deleted" in page
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("do", "fields", "right"),
    [
        ("tag", {"tag": "x"}, "change_garment"),
        ("archive", {}, "change_garment"),
        ("delete", {"confirm": "delete"}, "delete_garment"),
        ("launch", {}, "add_batch"),
    ],
)
def test_each_act_needs_its_right(client: Client, do: str, fields: Any, right: str) -> None:
    user, garment = make_user("mia"), make_garment()
    user.user_permissions.add(Permission.objects.get(codename="view_garment"))
    client.force_login(user)
    assert change(client, do, [garment], **fields).status_code == 403
    assert Garment.objects.active().exists()
    user.user_permissions.add(Permission.objects.get(codename=right))
    assert change(client, do, [garment], **fields).status_code == 200


def test_naming_a_collection_needs_the_right_to_add_one(client: Client) -> None:
    user, garment = make_user("mia"), make_garment()
    rights = Permission.objects.filter(codename__in=["view_garment", "change_garment"])
    user.user_permissions.set(rights)
    client.force_login(user)
    assert change(client, "collect", [garment], new_collection="Summer").status_code == 403
    assert not Collection.objects.exists()
