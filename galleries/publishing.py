"""Filling, ordering, showing and unpublishing galleries.

A gallery's images are public while a gallery that shows them is, or will be. Pages follow the
clock by themselves; the images of a gallery that has ended are unpublished within a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from galleries.models import Gallery, GalleryItem
from galleries.models.item import assign_positions, renumber
from jobs.domain_events import Kind, fire
from jobs.models import Event, PublishRefused, Result
from jobs.models.result import ResultQuerySet

# Each is published in a statement of its own.
MAX_ADDED = 500
CHUNK_SIZE = 500
LIVE_STATES = (Gallery.State.SCHEDULED, Gallery.State.SHOWN)


@dataclass
class AddOutcome:
    """What became of results to be added. `refused`: a sentence for each that may not be shown."""

    added: int = 0
    already_there: int = 0
    refused: list[str] = field(default_factory=list)


def record_event(gallery: Gallery, to: str, by: User | None, why: str = "", old: str = "") -> None:
    Event.record("gallery", gallery.pk, old, to, by=by, why=why)


def history(gallery: Gallery) -> QuerySet:
    events = Event.objects.filter(kind="gallery", object_id=gallery.pk)
    return events.select_related("by").order_by("-id")


# --- its items ---


def add(gallery: Gallery, ids: Sequence[int], by: User | None) -> AddOutcome:
    """Publish these results and put them at the end, in this order, each once."""
    rows = Result.objects.final().select_related(
        "job__person", "job__top", "job__bottom", "job__dress"
    )
    found, outcome = rows.in_bulk(ids), AddOutcome()
    outcome.refused += [
        _("Result %(n)d is not there.") % {"n": pk} for pk in ids if pk not in found
    ]
    with transaction.atomic():
        gallery.write_version(None)
        present = set(gallery.items.filter(result__in=ids).values_list("result", flat=True))
        outcome.already_there = len(present)
        wanted = [found[pk] for pk in ids if pk in found and pk not in present]
        chosen = [result for result in wanted if _ensure_published(result, by, outcome.refused)]
        _append(gallery, chosen)
        if chosen:
            record_event(gallery, "added", by, f"+{len(chosen)}")
    outcome.added = len(chosen)
    return outcome


def _ensure_published(result: Result, by: User | None, refused: list[str]) -> bool:
    """Publish it if need be; whether it is published. If refused, add the reason to `refused`."""
    if result.review != Result.Review.APPROVED:
        refused.append(_("%(result)s: it is not approved.") % {"result": result.job})
        return False
    try:
        if result.published_at or result.publish(by):
            return True
    except PublishRefused as error:
        refused.append(str(error))
        return False
    # Somebody was faster: they published it, or undid its approval.
    result.refresh_from_db(fields=["published_at"])
    return result.published_at is not None


def _append(gallery: Gallery, results: Sequence[Result]) -> None:
    last = gallery.items.last_place()
    GalleryItem.objects.bulk_create(
        GalleryItem(gallery=gallery, result=result, position=last + n)
        for n, result in enumerate(results, 1)
    )


def remove(
    gallery: Gallery, items: Sequence[int], by: User | None, *, unpublish: bool
) -> tuple[int, int]:
    """Take items out; return how many, and how many were unpublished as shown nowhere else."""
    with transaction.atomic():
        gallery.write_version(None)
        rows = gallery.items.filter(pk__in=items)
        results = list(rows.values_list("result", flat=True))
        n = rows.delete()[0]
        if gallery.cover_id in results:
            gallery.write_version(None, cover=None)
        renumber(gallery)
        if n:
            record_event(gallery, "removed", by, f"-{n}")
    return n, _unpublish(results, gallery, by) if unpublish else 0


def reorder(gallery: Gallery, version: int, items: Sequence[int], by: User | None) -> bool:
    """Save the order of a page's items; False where somebody else changed the gallery meanwhile."""
    with transaction.atomic():
        done = gallery.write_version(version) and assign_positions(gallery, items)
        if done:
            record_event(gallery, "ordered", by)
        else:
            transaction.set_rollback(True)
    return done


def move(gallery: Gallery, version: int, item: int, place: str, by: User | None) -> bool:
    """Move one item to a place: a number, or first, last, up or down."""
    with transaction.atomic():
        moved = gallery.items.filter(pk=item).first()
        if moved is None or not gallery.write_version(version):
            return False
        moved.move_to(_target_position(moved, place))
        record_event(gallery, "ordered", by, f"{moved.title()} → {moved.position}")
    return True


def _target_position(item: GalleryItem, place: str) -> int:
    positions = {"up": item.position - 1, "down": item.position + 1, "first": 1, "last": 10**9}
    return positions[place] if place in positions else int(place)


# --- when it is shown ---


def save(gallery: Gallery, version: int, values: dict[str, Any], by: User | None) -> bool:
    """Write settings and schedule, and publish or unpublish the images by them.

    False where somebody else changed the gallery meanwhile.
    """
    now = timezone.now()
    was = Gallery.objects.get(pk=gallery.pk)
    old = was.state(now)
    with transaction.atomic():
        if not gallery.write_version(version, closed_at=_closed_at_after(was, values), **values):
            return False
        to = gallery.state(now)
        record_event(gallery, to if to != old else "changed", by, old=old)
        _fire_events(gallery, was, now)
    _publish_or_unpublish(gallery, old, to, by)
    return True


def record_created(gallery: Gallery, by: User | None) -> None:
    """Record and announce a new gallery, within the transaction that made it."""
    record_event(gallery, gallery.current_state, by)
    if gallery.current_state in LIVE_STATES:
        fire(Kind.GALLERY_SHOWN, gallery=gallery, state=gallery.current_state)


def _closed_at_after(was: Gallery, values: dict[str, Any]) -> datetime | None:
    """Return `closed_at` for the new values: kept while the gallery's end stays the same."""
    return was.closed_at if values.get("shown_until", was.shown_until) == was.shown_until else None


def _fire_events(gallery: Gallery, was: Gallery, now: datetime) -> None:
    """Fire what changed. An end that comes by the clock is fired by `close_ended`."""
    old, to = was.state(now), gallery.state(now)
    times = (gallery.shown_from, gallery.shown_until)
    if to in LIVE_STATES and (old, was.shown_from, was.shown_until) != (to, *times):
        fire(Kind.GALLERY_SHOWN, gallery=gallery, state=to)
    elif to == Gallery.State.DRAFT and _is_announced(was):
        fire(Kind.GALLERY_HIDDEN, gallery=gallery, state=to)


def _is_announced(gallery: Gallery) -> bool:
    """Whether GALLERY_SHOWN was fired for it, and GALLERY_HIDDEN not yet."""
    return gallery.shown_from is not None and gallery.closed_at is None


def show(gallery: Gallery, version: int, by: User | None) -> bool:
    """Show it from now on."""
    until = gallery.shown_until
    later = until if until and until > timezone.now() else None
    return save(gallery, version, {"shown_from": timezone.now(), "shown_until": later}, by)


def unpublish(gallery: Gallery, version: int, by: User | None) -> bool:
    """Hide it at once; it stays as a draft."""
    return save(gallery, version, {"shown_from": None, "shown_until": None}, by)


def delete(gallery: Gallery, by: User | None) -> None:
    results = list(gallery.items.values_list("result", flat=True))
    with transaction.atomic():
        record_event(gallery, "deleted", by, gallery.name, old=gallery.current_state)
        if _is_announced(gallery):
            fire(Kind.GALLERY_HIDDEN, gallery=gallery, state="deleted")
        gallery.delete()
    _unpublish(results, None, by)


def close_ended() -> None:
    """Unpublish the images of galleries that have ended, unless another gallery shows them."""
    now = timezone.now()
    for gallery in Gallery.objects.ended_unclosed(now):
        if _close_if_ended(gallery, now):
            results = gallery.items.values_list("result", flat=True)
            _unpublish(list(results), gallery, None)


def _close_if_ended(gallery: Gallery, now: datetime) -> bool:
    """Close it if it has ended; False where another worker did, or its end was moved."""
    with transaction.atomic():
        done = Gallery.objects.ended_unclosed(now).filter(pk=gallery.pk).update(closed_at=now)
        if done:
            fire(Kind.GALLERY_HIDDEN, gallery=gallery, state=Gallery.State.ENDED)
    return bool(done)


def _publish_or_unpublish(gallery: Gallery, old: str, to: str, by: User | None) -> None:
    if to in LIVE_STATES:
        publish_all(gallery, by)
    elif old in LIVE_STATES:
        _unpublish(list(gallery.items.values_list("result", flat=True)), gallery, by)


def publish_all(gallery: Gallery, by: User | None) -> int:
    """Publish all of it that may be shown; return how many that were."""
    results = list(gallery.items.values_list("result", flat=True))
    return _set_published(Result.objects.all(), results, timezone.now(), by, "")


def _unpublish(results: Sequence[int], excluding: Gallery | None, by: User | None) -> int:
    """Unpublish those that no other gallery shows or will show; return how many that were."""
    return _set_published(
        _not_shown_elsewhere(excluding), results, None, by, excluding.name if excluding else ""
    )


def _not_shown_elsewhere(excluding: Gallery | None) -> ResultQuerySet:
    live = GalleryItem.objects.filter(gallery__in=Gallery.objects.live(timezone.now()))
    others = live.filter(result=OuterRef("pk"))
    return Result.objects.filter(
        ~Exists(others.exclude(gallery=excluding) if excluding else others)
    )


def _set_published(
    rows: ResultQuerySet, results: Sequence[int], at: datetime | None, by: User | None, why: str
) -> int:
    """Publish or unpublish in chunks, each in a transaction of its own: it may be thousands."""
    chunks = (results[n : n + CHUNK_SIZE] for n in range(0, len(results), CHUNK_SIZE))
    return sum(len(rows.set_published(part, at, by=by, why=why)) for part in chunks)
