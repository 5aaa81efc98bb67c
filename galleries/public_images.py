"""Makes what the public gets of a published result, and deletes it when it may not get it any more.

The rows say what is left to do, as for measuring: a bell that is lost costs a minute. A row goes
only after its files, and files never change under their name: with other marks, an image is
deleted and made anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.lanes import Backlog
from catalog.models.claimable import MAX_ATTEMPTS
from galleries import labelling
from galleries.models import PublicImage
from galleries.models.public_image import delete_folder
from jobs.models import Result

log = logging.getLogger(__name__)

# Renders wait in the same lane: give way to them this often.
SLICE_S = 3.0
# So many rows are asked for at a time: each question looks at all that is public.
PORTION = 20
# So few files are deleted before the answer to whoever took them down.
AT_ONCE = 40


def label() -> str:
    """The word that every current public image has."""
    return labelling.from_settings().name(settings.PUBLIC_WIDTHS)


def waiting(now: datetime) -> QuerySet:
    """Published results whose public image is yet to be made, and that nobody has in hand."""
    begun = Q(public__width=0) & ~Q(public__claimed_until__gt=now)
    again = Q(public__attempts__lt=MAX_ATTEMPTS) | ~Q(public__label=label())
    rows = Result.objects.published().filter(Q(public=None) | begun & again)
    return rows.select_related("step__account").order_by("id")


def on_published(result_ids: Collection[int]) -> None:
    transaction.on_commit(backlog.wake)


def on_unpublished(result_ids: Collection[int]) -> None:
    """Delete a few before the answer; leave many to the lane."""
    ids = list(result_ids)
    transaction.on_commit(partial(delete_now, ids) if len(ids) <= AT_ONCE else backlog.wake)


def on_consent_withdrawn(person_id: int) -> None:
    """Also where nothing is unpublished: the public gets nothing of the person's any more."""
    transaction.on_commit(backlog.wake)


def is_left(now: datetime) -> bool:
    return next(_next_chunks(now), None) is not None


def in_hand(now: datetime) -> bool:
    return PublicImage.objects.claimed(now).exists()


backlog = Backlog("galleries.tasks.update_public_images", is_left, in_hand)


def work() -> None:
    """Make and delete for a moment, what must not be seen any more first."""
    chunk: list[Callable[[], bool]] = []

    def do_one() -> bool:
        nonlocal chunk
        chunk = chunk or next(_next_chunks(timezone.now()), [])
        if chunk:
            chunk.pop(0)()
        return bool(chunk) or is_left(timezone.now())

    backlog.work(do_one, SLICE_S)


def _next_chunks(now: datetime) -> Iterator[list[Callable[[], bool]]]:
    """What is left to do, the most urgent first: what must not be seen any more."""
    public = PublicImage.objects
    for rows, work_on in (
        (public.unwanted(now), remove),
        (public.outdated(now, label()), _renew),
        (waiting(now), make),
    ):
        if found := list(rows.order_by("id")[:PORTION]):
            yield [partial(work_on, row) for row in found]


def remove(public: PublicImage) -> bool:
    """Delete the files and then the row; False where others have it in hand or it is wanted."""
    if not public.take_to_remove(timezone.now(), label()):
        return False
    try:
        delete_folder(public.name)
    except OSError:
        # The claim runs out, and somebody tries again.
        log.exception("public image %s cannot be deleted", public.pk)
        return False
    return bool(public.held().delete()[0])


def _renew(public: PublicImage) -> bool:
    """Delete and make at once: a gallery lacks the image for a second, not for all the others'."""
    pk = public.result_id
    if not remove(public):
        return False
    result = Result.objects.published().filter(public=None, pk=pk).first() if pk else None
    return result is not None and make(result)


def delete_now(result_ids: Iterable[int]) -> None:
    """Delete at once what the public has of results that are not published any more.

    For after the commit that said so. Whoever waits for it is a person: what fails, or is in other
    hands, is left to the next minute.
    """
    for public in PublicImage.objects.unwanted(timezone.now()).filter(result__in=result_ids):
        remove(public)


def make(result: Result) -> bool:
    """Write all renditions of a published result; False where others do, or it cannot be read."""
    public, _new = PublicImage.objects.get_or_create(result=result)
    if not public.take_to_make(label(), timezone.now()):
        return False
    try:
        sizes = _write(public, result)
    except OSError as error:
        log.warning("result %s cannot be published: %s", result.pk, error)
        return False
    if not public.made(sizes):
        # Overtaken: the files are another's now, unless the row was removed under our hands.
        if not PublicImage.objects.filter(pk=public.pk).exists():
            delete_folder(public.name)
        return False
    # It may have been taken down while nobody but us could touch the row.
    delete_now([result.pk])
    return True


def _write(public: PublicImage, result: Result) -> list[tuple[int, int]]:
    data, sizes = _original(result), set()
    for made in labelling.renditions(data, marks(result), _widths(result.width)):
        public.write(made.width, made.extension, made.data)
        sizes.add((made.width, made.height))
    return sorted(sizes)


def _widths(own: int) -> list[int]:
    largest = min(own, settings.PUBLIC_WIDTHS[-1])
    return [width for width in settings.PUBLIC_WIDTHS if width < largest] + [largest]


def marks(result: Result) -> labelling.Marks:
    """The marks of one result, with what made it."""
    step = result.step
    return labelling.from_settings().of(result.sha256, f"Toile ({step.account})", step.model)


def master(result: Result) -> bytes:
    """The result in its own size, marked: what leaves the house. Raises OSError."""
    return labelling.labelled(_original(result), marks(result)).data


def _original(result: Result) -> bytes:
    with result.original.open("rb") as file:
        return file.read()
