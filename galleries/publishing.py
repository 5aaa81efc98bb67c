"""What editors do with galleries: fill and order them, show them, take them down.

A gallery's images are public while a gallery that shows them is, or will be. Pages follow the
clock by themselves; the images of a gallery whose time is over are seen to within a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from galleries.models import Gallery, GalleryItem
from galleries.models.item import arrange, renumber
from jobs.domain_events import Kind, fire
from jobs.models import Event, PublishRefused, Result

# One request publishes each of them by itself.
MOST_ADDED = 500
PORTION = 500
LIVE = (Gallery.State.SCHEDULED, Gallery.State.SHOWN)


@dataclass
class Added:
    """`refused`: a sentence for each that may not be shown."""

    n: int = 0
    already: int = 0
    refused: list[str] = field(default_factory=list)


def tell(gallery: Gallery, to: str, by: Any, why: str = "", old: str = "") -> None:
    Event.record("gallery", gallery.pk, old, to, by=by, why=why)


def history(gallery: Gallery) -> QuerySet:
    events = Event.objects.filter(kind="gallery", object_id=gallery.pk)
    return events.select_related("by").order_by("-id")


# --- what is in it ---


def add(gallery: Gallery, ids: Sequence[int], by: Any) -> Added:
    """Publish these results and put them at the end, in this order, each once."""
    rows = Result.objects.final().select_related(
        "job__person", "job__top", "job__bottom", "job__dress"
    )
    found, told = rows.in_bulk(ids), Added()
    told.refused += [_("Result %(n)d is not there.") % {"n": pk} for pk in ids if pk not in found]
    with transaction.atomic():
        gallery.claim(None)
        there = set(gallery.items.filter(result__in=ids).values_list("result", flat=True))
        told.already = len(there)
        wanted = [found[pk] for pk in ids if pk in found and pk not in there]
        chosen = [result for result in wanted if _published(result, by, told.refused)]
        _append(gallery, chosen)
        if chosen:
            tell(gallery, "added", by, f"+{len(chosen)}")
    told.n = len(chosen)
    return told


def _published(result: Result, by: Any, refused: list[str]) -> bool:
    """Whether the public may have it; if not, the reason is added to `refused`."""
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


def remove(gallery: Gallery, items: Sequence[int], by: Any, *, unpublish: bool) -> tuple[int, int]:
    """Take items out; how many, and how many of them were taken down, as shown nowhere else."""
    with transaction.atomic():
        gallery.claim(None)
        rows = gallery.items.filter(pk__in=items)
        results = list(rows.values_list("result", flat=True))
        n = rows.delete()[0]
        if gallery.cover_id in results:
            gallery.claim(None, cover=None)
        renumber(gallery)
        if n:
            tell(gallery, "removed", by, f"-{n}")
    return n, _unpublish(results, gallery, by) if unpublish else 0


def order(gallery: Gallery, version: int, items: Sequence[int], by: Any) -> bool:
    """Save the order of a page's items; False where somebody else changed the gallery meanwhile."""
    with transaction.atomic():
        done = gallery.claim(version) and arrange(gallery, items)
        if done:
            tell(gallery, "ordered", by)
        else:
            transaction.set_rollback(True)
    return done


def move(gallery: Gallery, version: int, item: int, place: str, by: Any) -> bool:
    """Move one item to a place: a number, or first, last, up or down."""
    with transaction.atomic():
        moved = gallery.items.filter(pk=item).first()
        if moved is None or not gallery.claim(version):
            return False
        moved.move_to(_place(moved, place))
        tell(gallery, "ordered", by, f"{moved.title()} → {moved.position}")
    return True


def _place(item: GalleryItem, word: str) -> int:
    near = {"up": item.position - 1, "down": item.position + 1, "first": 1, "last": 10**9}
    return near[word] if word in near else int(word)


# --- when it is shown ---


def save(gallery: Gallery, version: int, values: dict[str, Any], by: Any) -> bool:
    """Write settings and schedule; images come and go with them. False: somebody was faster."""
    now = timezone.now()
    was = Gallery.objects.get(pk=gallery.pk)
    old = was.state(now)
    with transaction.atomic():
        if not gallery.claim(version, closed_at=_still_closed(was, values), **values):
            return False
        to = gallery.state(now)
        tell(gallery, to if to != old else "changed", by, old=old)
        _tell_receivers(gallery, was, now)
    _follow(gallery, old, to, by)
    return True


def opened(gallery: Gallery, by: Any) -> None:
    """It has just been made. Within the transaction that did."""
    tell(gallery, gallery.now, by)
    if gallery.now in LIVE:
        fire(Kind.GALLERY_SHOWN, gallery=gallery, state=gallery.now)


def _still_closed(was: Gallery, values: dict[str, Any]) -> datetime | None:
    """Where its end stays what it was, what that end brought about stays done."""
    return was.closed_at if values.get("shown_until", was.shown_until) == was.shown_until else None


def _tell_receivers(gallery: Gallery, was: Gallery, now: datetime) -> None:
    """Of an end that comes by the clock, `close_ended` tells, whether it was set or waited for."""
    old, to = was.state(now), gallery.state(now)
    times = (gallery.shown_from, gallery.shown_until)
    if to in LIVE and (old, was.shown_from, was.shown_until) != (to, *times):
        fire(Kind.GALLERY_SHOWN, gallery=gallery, state=to)
    elif to == Gallery.State.DRAFT and _is_open(was):
        fire(Kind.GALLERY_HIDDEN, gallery=gallery, state=to)


def _is_open(gallery: Gallery) -> bool:
    """Whether receivers were told that it is shown, and not yet that this is over."""
    return gallery.shown_from is not None and gallery.closed_at is None


def show(gallery: Gallery, version: int, by: Any) -> bool:
    """Show it from now on."""
    until = gallery.shown_until
    later = until if until and until > timezone.now() else None
    return save(gallery, version, {"shown_from": timezone.now(), "shown_until": later}, by)


def unpublish(gallery: Gallery, version: int, by: Any) -> bool:
    """Take all of it down at once; it stays as a draft."""
    return save(gallery, version, {"shown_from": None, "shown_until": None}, by)


def delete(gallery: Gallery, by: Any) -> None:
    results = list(gallery.items.values_list("result", flat=True))
    with transaction.atomic():
        tell(gallery, "deleted", by, gallery.name, old=gallery.now)
        if _is_open(gallery):
            fire(Kind.GALLERY_HIDDEN, gallery=gallery, state="deleted")
        gallery.delete()
    _unpublish(results, None, by)


def close_ended() -> None:
    """Take down the images of galleries whose time is over, unless another shows them."""
    now = timezone.now()
    for gallery in Gallery.objects.over(now):
        if _closed(gallery, now):
            results = gallery.items.values_list("result", flat=True)
            _unpublish(list(results), gallery, None)


def _closed(gallery: Gallery, now: datetime) -> bool:
    """Whether this call did: another may be closing it at this moment, or it lasts longer now."""
    with transaction.atomic():
        done = Gallery.objects.over(now).filter(pk=gallery.pk).update(closed_at=now)
        if done:
            fire(Kind.GALLERY_HIDDEN, gallery=gallery, state=Gallery.State.ENDED)
    return bool(done)


def _follow(gallery: Gallery, old: str, to: str, by: Any) -> None:
    if to in LIVE:
        publish_all(gallery, by)
    elif old in LIVE:
        _unpublish(list(gallery.items.values_list("result", flat=True)), gallery, by)


def publish_all(gallery: Gallery, by: Any) -> int:
    """Publish what is in it and may be shown; how many that were."""
    results = list(gallery.items.values_list("result", flat=True))
    return _set_published(Result.objects.all(), results, timezone.now(), by, "")


def _unpublish(results: Sequence[int], but: Gallery | None, by: Any) -> int:
    """Take down those that no other gallery shows, or will show; how many that were."""
    return _set_published(_alone(but), results, None, by, but.name if but else "")


def _alone(but: Gallery | None) -> Any:
    live = GalleryItem.objects.filter(gallery__in=Gallery.objects.live(timezone.now()))
    others = live.filter(result=OuterRef("pk"))
    return Result.objects.filter(~Exists(others.exclude(gallery=but) if but else others))


def _set_published(
    rows: Any, results: Sequence[int], at: datetime | None, by: Any, why: str
) -> int:
    """In portions, each a transaction of its own, where thousands are published or taken down."""
    portions = (results[n : n + PORTION] for n in range(0, len(results), PORTION))
    return sum(len(rows.set_published(part, at, by=by, why=why)) for part in portions)
