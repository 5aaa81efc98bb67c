"""Galleries: what is in them, in which order, and what becomes of the images with time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.utils import timezone

from galleries import publishing
from galleries import tasks as galleries_tasks
from galleries.models import Gallery, GalleryItem, PublicImage, ShareLink
from jobs.models import Event, Result
from tests.conftest import Commits
from tests.factories import make_gallery, make_job, make_person, make_public, make_result

pytestmark = pytest.mark.django_db


def order(gallery: Gallery) -> list[int]:
    return list(gallery.items.values_list("result", flat=True))


def places(gallery: Gallery) -> list[int]:
    return list(gallery.items.values_list("position", flat=True))


@pytest.fixture
def full() -> Gallery:
    return make_gallery(*[make_public() for _n in range(5)])


def items(gallery: Gallery) -> list[GalleryItem]:
    return list(gallery.items.all())


def test_it_works(boss: User) -> None:
    gallery = make_gallery()
    results = [make_result("approved") for _n in range(3)]
    wanted = [results[2].pk, results[0].pk, results[1].pk]
    added = publishing.add(gallery, wanted, boss)
    assert (added.added, added.already_there, added.refused) == (3, 0, [])
    assert order(gallery) == wanted
    assert places(gallery) == [1, 2, 3]
    assert not Result.objects.filter(published_at=None).exists()
    assert Event.objects.filter(kind="gallery", to_state="added", by=boss, why="+3").exists()


def test_each_is_in_it_once_and_at_the_end(full: Gallery, boss: User) -> None:
    before, new = order(full), make_result("approved")
    added = publishing.add(full, [before[1], new.pk], boss)
    assert (added.added, added.already_there) == (1, 1)
    assert order(full) == [*before, new.pk]


def test_refusals_are_named(boss: User) -> None:
    gallery, pending = make_gallery(), make_result()
    tryon = make_result(
        "approved", job=make_job("succeeded", person=make_person(consent_scope="tryon"))
    )
    added = publishing.add(gallery, [pending.pk, tryon.pk, 10**9], boss)
    assert added.added == 0
    assert len(added.refused) == 3
    refusals = " ".join(added.refused)
    assert str(pending.job) in refusals
    assert "not publishing" in refusals
    assert order(gallery) == []


def test_what_is_removed_leaves_no_gap_and_is_taken_down(
    full: Gallery, boss: User, committed: Commits
) -> None:
    other = make_gallery(Result.objects.get(pk=order(full)[1]))
    gone = [items(full)[1].pk, items(full)[3].pk]
    alone = items(full)[3].result
    with committed():
        assert publishing.remove(full, gone, boss, unpublish=True) == (2, 1)
    assert places(full) == [1, 2, 3]
    alone.refresh_from_db()
    assert alone.published_at is None
    assert not PublicImage.objects.filter(result=alone).exists()
    assert other.items.get().result.published_at is not None


def test_what_only_a_draft_has_besides_is_taken_down(full: Gallery, boss: User) -> None:
    make_gallery(items(full)[0].result, shown_from=None)
    assert publishing.remove(full, [items(full)[0].pk], boss, unpublish=True) == (1, 1)


def test_a_cover_that_is_removed_is_none_any_more(full: Gallery, boss: User) -> None:
    full.write_version(None, cover=items(full)[0].result)
    publishing.remove(full, [items(full)[0].pk], boss, unpublish=False)
    full.refresh_from_db()
    assert full.cover is None
    assert Result.objects.exclude(published_at=None).count() == 5


@pytest.mark.parametrize(
    ("n", "to", "expected"),
    [
        (0, "down", [1, 0, 2, 3, 4]),
        (3, "up", [0, 1, 3, 2, 4]),
        (3, "first", [3, 0, 1, 2, 4]),
        (1, "last", [0, 2, 3, 4, 1]),
        (4, "2", [0, 4, 1, 2, 3]),
        (0, "99999", [1, 2, 3, 4, 0]),
        (0, "up", [0, 1, 2, 3, 4]),
    ],
)
def test_an_item_moves(full: Gallery, boss: User, n: int, to: str, expected: list[int]) -> None:
    before = order(full)
    assert publishing.move(full, 0, items(full)[n].pk, to, boss)
    assert order(full) == [before[k] for k in expected]
    assert places(full) == [1, 2, 3, 4, 5]


def test_a_move_costs_the_same_whatever_the_distance(
    full: Gallery, boss: User, django_assert_num_queries: Any
) -> None:
    item = items(full)[0]
    with django_assert_num_queries(11):
        publishing.move(full, 0, item.pk, "last", boss)


def test_a_page_of_items_shares_the_places_it_holds(full: Gallery, boss: User) -> None:
    before, page = order(full), items(full)[1:4]
    assert publishing.reorder(full, 0, [page[2].pk, page[0].pk, page[1].pk], boss)
    assert order(full) == [before[k] for k in (0, 3, 1, 2, 4)]


def test_of_two_editors_the_second_is_refused(full: Gallery, boss: User) -> None:
    first, second = [item.pk for item in items(full)], [item.pk for item in items(full)][::-1]
    before = order(full)
    assert publishing.reorder(full, 0, [first[1], first[0]], boss)
    assert not publishing.reorder(full, 0, second, boss)
    assert not publishing.move(full, 0, first[0], "last", boss)
    assert not publishing.save(full, 0, {"name": "Mine"}, boss)
    assert order(full) == [before[k] for k in (1, 0, 2, 3, 4)]
    full.refresh_from_db()
    assert full.version == 1
    assert full.name != "Mine"


def test_an_item_of_another_gallery_is_not_ordered(full: Gallery, boss: User) -> None:
    other = make_gallery(make_public())
    mixed = [items(full)[0].pk, items(other)[0].pk]
    assert not publishing.reorder(full, 0, mixed, boss)
    full.refresh_from_db()
    assert full.version == 0


def test_unpublished_it_is_a_draft_and_shown_again_it_is_public(
    full: Gallery, boss: User, django_capture_on_commit_callbacks: Any
) -> None:
    kept = items(full)[0].result
    make_gallery(kept, access="link")
    before = order(full)
    with django_capture_on_commit_callbacks(execute=True):
        assert publishing.unpublish(full, 0, boss)
    assert full.current_state == "draft"
    assert list(Result.objects.exclude(published_at=None)) == [kept]
    assert PublicImage.objects.count() == 1
    assert order(full) == before
    person = items(full)[4].result.job.person
    person.consent_scope = "tryon"
    person.save()
    assert publishing.show(full, 1, boss)
    assert full.current_state == "shown"
    assert Result.objects.exclude(published_at=None).count() == 4
    moves = Event.objects.filter(kind="gallery").values_list("from_state", "to_state")
    assert list(moves) == [("shown", "draft"), ("draft", "shown")]


def test_scheduling_publishes_and_time_alone_shows(boss: User) -> None:
    gallery, now = make_gallery(make_result("approved"), shown_from=None), timezone.now()
    begin, end = now + timedelta(hours=1), now + timedelta(hours=2)
    publishing.save(gallery, 0, {"shown_from": begin, "shown_until": end}, boss)
    assert gallery.current_state == "scheduled"
    assert Result.objects.get().published_at is not None
    for at, state in ((now, "scheduled"), (begin, "shown"), (end, "ended")):
        assert gallery.state(at) == state
        shown = Gallery.objects.showing(at).exists()
        assert shown == (state == "shown")


def test_its_end_takes_down_what_no_other_shows(full: Gallery, committed: Commits) -> None:
    kept = items(full)[0].result
    make_gallery(kept)
    Gallery.objects.filter(pk=full.pk).update(
        shown_from=timezone.now() - timedelta(hours=2),
        shown_until=timezone.now() - timedelta(hours=1),
    )
    with committed():
        galleries_tasks.wake()
    assert list(Result.objects.exclude(published_at=None)) == [kept]
    assert list(PublicImage.objects.values_list("result", flat=True)) == [kept.pk]
    full.refresh_from_db()
    assert full.closed_at is not None


def test_publishing_thousands_costs_little(boss: User, django_assert_max_num_queries: Any) -> None:
    job = make_job("succeeded")
    row = make_result("approved", job=job)
    steps = [
        type(job.steps.get())(job=job, account=job.account, batch=job.batch, position=n)
        for n in range(1, 1200)
    ]
    type(steps[0]).objects.bulk_create(steps)
    fields = {"job": job, "role": "final", "review": "approved", "width": 1, "height": 1}
    fields |= {"original": row.original, "large": row.large, "thumb": row.thumb, "sha256": "x"}
    Result.objects.bulk_create(Result(step=step, **fields) for step in steps)
    gallery = make_gallery(*Result.objects.all(), shown_from=None)
    with django_assert_max_num_queries(50):
        publishing.show(gallery, 0, boss)
    assert not Result.objects.filter(published_at=None).exists()
    with django_assert_max_num_queries(50):
        publishing.unpublish(gallery, 1, boss)
    assert not Result.objects.exclude(published_at=None).exists()


def test_a_deleted_gallery_takes_its_images_and_links_with_it(
    full: Gallery, boss: User, committed: Commits
) -> None:
    link, _token = ShareLink.make(full, expires_at=timezone.now() + timedelta(days=1))
    pk, public = full.pk, PublicImage.objects.first()
    assert public
    with committed():
        publishing.delete(full, boss)
    assert not ShareLink.objects.filter(pk=link.pk).exists()
    assert not Result.objects.exclude(published_at=None).exists()
    assert not storages["public"].exists(public.file(320, "jpg"))
    assert Event.objects.filter(kind="gallery", object_id=pk, to_state="deleted").exists()


def test_a_link_is_noted_once_a_minute() -> None:
    now = timezone.now()
    link, token = ShareLink.make(make_gallery(), expires_at=now + timedelta(days=1))
    assert token not in (link.token_hash, link.label)
    assert link.note_use(now)
    assert not link.note_use(now + timedelta(seconds=50))
    assert link.note_use(now + timedelta(seconds=61))
