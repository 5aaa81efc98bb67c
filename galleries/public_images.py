"""Makes the public images of published results, and deletes them when they are unpublished.

The rows list what is left to do, so a lost wake-up costs a minute. A row is deleted only after
its files, and files never change under their name: when the label changes, an image is deleted
and made again.
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
# So many rows are read at a time: each query looks at all public images.
CHUNK_SIZE = 20
# So many results at most are deleted before the response to the user who unpublished them.
MAX_DELETED_AT_ONCE = 40


def label() -> str:
    """Return the label that every current public image has."""
    return labelling.from_settings().version_label(settings.PUBLIC_WIDTHS)


def results_to_render(now: datetime) -> QuerySet:
    """Published results whose public image is yet to be made, and that nobody has in hand."""
    begun = Q(public__width=0) & ~Q(public__claimed_until__gt=now)
    again = Q(public__attempts__lt=MAX_ATTEMPTS) | ~Q(public__label=label())
    rows = Result.objects.published().filter(Q(public=None) | begun & again)
    return rows.select_related("step__account").order_by("id")


def on_published(result_ids: Collection[int]) -> None:
    transaction.on_commit(backlog.wake)


def on_unpublished(result_ids: Collection[int]) -> None:
    """Delete the images of a few results at once; leave many to the lane."""
    ids = list(result_ids)
    transaction.on_commit(
        partial(delete_now, ids) if len(ids) <= MAX_DELETED_AT_ONCE else backlog.wake
    )


def on_consent_withdrawn(person_id: int) -> None:
    """Also where nothing is unpublished: the person's images are not public any more."""
    transaction.on_commit(backlog.wake)


def has_work(now: datetime) -> bool:
    return next(_next_chunks(now), None) is not None


def is_in_hand(now: datetime) -> bool:
    return PublicImage.objects.claimed(now).exists()


backlog = Backlog("galleries.tasks.update_public_images", has_work, is_in_hand)


def run_slice() -> None:
    """Make and delete public images for SLICE_S seconds, deletions first."""
    chunk: list[Callable[[], bool]] = []

    def do_one() -> bool:
        nonlocal chunk
        chunk = chunk or next(_next_chunks(timezone.now()), [])
        if chunk:
            chunk.pop(0)()
        return bool(chunk) or has_work(timezone.now())

    backlog.work(do_one, SLICE_S)


def _next_chunks(now: datetime) -> Iterator[list[Callable[[], bool]]]:
    """Yield chunks of work that is left, deletions first."""
    public = PublicImage.objects
    for rows, work_on in (
        (public.unwanted(now), remove),
        (public.outdated(now, label()), _remake),
        (results_to_render(now), make_public_image),
    ):
        if found := list(rows.order_by("id")[:CHUNK_SIZE]):
            yield [partial(work_on, row) for row in found]


def remove(public: PublicImage) -> bool:
    """Delete the files and then the row; False where others have it in hand or it is wanted."""
    if not public.take_to_remove(timezone.now(), label()):
        return False
    try:
        delete_folder(public.name)
    except OSError:
        # The claim runs out, and a worker tries again.
        log.exception("public image %s cannot be deleted", public.pk)
        return False
    return bool(public.held().delete()[0])


def _remake(public: PublicImage) -> bool:
    """Delete and make again at once, so that a gallery lacks the image only for a second."""
    pk = public.result_id
    if not remove(public):
        return False
    result = Result.objects.published().filter(public=None, pk=pk).first() if pk else None
    return result is not None and make_public_image(result)


def delete_now(result_ids: Iterable[int]) -> None:
    """Delete the public images of results that are not published any more.

    Call it after the commit that unpublished them. A user waits for it: what fails, or another
    worker has in hand, is left to the next minute.
    """
    for public in PublicImage.objects.unwanted(timezone.now()).filter(result__in=result_ids):
        remove(public)


def make_public_image(result: Result) -> bool:
    """Write all renditions of a published result; False where others do, or it cannot be read."""
    public, _new = PublicImage.objects.get_or_create(result=result)
    if not public.take_to_make(label(), timezone.now()):
        return False
    try:
        sizes = _write_renditions(public, result)
    except OSError as error:
        log.warning("result %s cannot be published: %s", result.pk, error)
        return False
    if not public.made(sizes):
        # Another worker took over and the files are its own, unless the row was deleted.
        if not PublicImage.objects.filter(pk=public.pk).exists():
            delete_folder(public.name)
        return False
    # It may have been unpublished while only this worker could touch the row.
    delete_now([result.pk])
    return True


def _write_renditions(public: PublicImage, result: Result) -> list[tuple[int, int]]:
    data, sizes = _original(result), set()
    for made in labelling.renditions(data, marks(result), _widths(result.width)):
        public.write(made.width, made.extension, made.data)
        sizes.add((made.width, made.height))
    return sorted(sizes)


def _widths(width: int) -> list[int]:
    largest = min(width, settings.PUBLIC_WIDTHS[-1])
    return [each for each in settings.PUBLIC_WIDTHS if each < largest] + [largest]


def marks(result: Result) -> labelling.Marks:
    """Return the marks of one result, with the system that made it."""
    step = result.step
    return labelling.from_settings().for_image(result.sha256, f"Toile ({step.account})", step.model)


def labelled_original(result: Result) -> bytes:
    """Return the result in its own size, labelled, as a JPEG to export. Raises OSError."""
    return labelling.labelled(_original(result), marks(result)).data


def _original(result: Result) -> bytes:
    with result.original.open("rb") as file:
        return file.read()
