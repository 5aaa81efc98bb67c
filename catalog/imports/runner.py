"""Works through imports, a moment at a time, so that a lane is never held for long.

Photos are fetched and decoded by threads (Pillow lets go of the interpreter); every database
access happens in the caller's thread, and each row is one transaction with the import's counts.
Whatever is interrupted goes on with the first row that is still pending.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.imports import messages, row_plan
from catalog.imports.photo_source import Photo, Photos, drop_copy, open_upload
from catalog.imports.row_reader import Listed, folder_of, listed
from catalog.lanes import Backlog
from catalog.models import Import, ImportRow
from catalog.models.claimable import MAX_ATTEMPTS
from catalog.photos.add import store
from catalog.photos.refusals import Refused
from catalog.preflight import measure

log = logging.getLogger(__name__)

# Others wait in the same lane: give way to them this often.
SLICE_S = 5.0
# Rows at a time; each may hold a photo of 20 MB in memory.
CHUNK = 12
LIST_CHUNK = 500

State = ImportRow.State
Decided = tuple[row_plan.Plan, dict[str, Any] | None]


class TakenAway(Exception):
    """The import was canceled, or another worker holds it."""


def is_left(now: datetime) -> bool:
    return Import.objects.claimable(now).exists()


# Several imports may be worked on at once, each by one worker.
backlog = Backlog("catalog.tasks.run_imports", is_left, lambda now: False)


def work() -> bool:
    """Work for a moment on the import that waits longest; whether there was one to be had."""
    now = timezone.now()
    for source in Import.objects.select_related("created_by").claimable(now)[:5]:
        if source.take(now):
            _take_turn(source)
            return True
    return False


def _take_turn(source: Import) -> None:
    if source.attempts > MAX_ATTEMPTS:
        _give_up(source)
        return
    made = source.created
    try:
        _go_on(source)
    except TakenAway:
        pass
    except Refused as refused:
        source.fail(refused.text, **refused.values)
    except FileNotFoundError:
        source.fail(_("The uploaded file is gone. Upload it again."))
    except OSError as error:
        # The storage is away or full: the claim runs out, and somebody tries again.
        log.warning("Import %s cannot go on: %s", source.pk, error)
    source.refresh_from_db(fields=["created", "state"])
    if source.created > made:
        measure.wake_after_commit()
    if source.state not in Import.OPEN:
        drop_copy(source)


def _go_on(source: Import) -> None:
    ends = time.monotonic() + SLICE_S
    # After a death, one row at a time, so that the one that kills is known from its neighbours.
    size = CHUNK if source.attempts == 1 else 1
    if source.listed or _list(source, ends):
        with Photos(source) as photos, Hands(photos) as hands:
            while time.monotonic() < ends:
                rows = list(source.rows.filter(state=State.PENDING)[:size])
                if not rows:
                    break
                hands.take(source, rows)
    if source.finish():
        source.drop_file()
    else:
        source.requeue(timezone.now())


# --- listing ---


def _list(source: Import, ends: float) -> bool:
    """Make a row of each entry, from where it was interrupted; whether all are made."""
    last = source.rows.order_by("-number").values_list("number", flat=True).first() or 0
    with open_upload(source) as file:
        entries = islice(enumerate(listed(source.kind, file), 1), last, None)
        while batch := list(islice(entries, LIST_CHUNK)):
            _add(source, batch)
            if time.monotonic() > ends:
                return False
    if not source.keep(timezone.now(), listed=True):
        raise TakenAway
    return True


def _add(source: Import, batch: list[tuple[int, Listed]]) -> None:
    rows = [_row(source, number, entry) for number, entry in batch]
    refused = sum(row.state == State.REFUSED for row in rows)
    with transaction.atomic():
        if not source.keep(timezone.now(), total=batch[-1][0], refused=F("refused") + refused):
            raise TakenAway
        ImportRow.objects.bulk_create(rows)


def _row(source: Import, number: int, entry: Listed) -> ImportRow:
    row = ImportRow(source=source, number=number, ref=entry.ref, values=entry.values)
    if entry.refused:
        row.state, row.code = State.REFUSED, entry.refused.code
        row.problem = messages.of_refusal(entry.refused)
    return row


# --- rows ---


class Hands:
    """Threads that fetch, and threads that decode: as many as there are cores."""

    def __init__(self, photos: Photos) -> None:
        self._photos = photos
        self._fetching = ThreadPoolExecutor(CHUNK, "fetch")
        self._decoding = ThreadPoolExecutor(settings.CORES, "decode")

    def __enter__(self) -> Hands:
        return self

    def __exit__(self, *_: object) -> None:
        self._fetching.shutdown(cancel_futures=True)
        self._decoding.shutdown(cancel_futures=True)

    def take(self, source: Import, rows: list[ImportRow]) -> None:
        """Bring the rows in, one after another. Raises TakenAway, OSError."""
        arriving = [self._fetching.submit(self._photos.of, row.values) for row in rows]
        seen: set[str] = set()
        begun = [self._begin(source, *each, seen) for each in zip(rows, arriving, strict=True)]
        for row, finish in zip(rows, begun, strict=True):
            _settle(source, row, finish)

    def _begin(
        self, source: Import, row: ImportRow, arriving: Future[Photo | None], seen: set[str]
    ) -> Callable[[], Decided]:
        """Decide on a row and have its photo decoded; what is returned ends it, in its turn."""
        try:
            photo = arriving.result()
        except Refused as refused:
            return _raising(refused)
        keys = {row.values.get("sku", ""), photo.sha256 if photo else ""} - {""}
        if not keys.isdisjoint(seen):
            # A row before it may bring the same: decide when that is in.
            return lambda: self._decided(_plan(source, row, photo), photo)()
        seen |= keys
        try:
            return self._decided(_plan(source, row, photo), photo)
        except Refused as refused:
            return _raising(refused)

    def _decided(self, plan: row_plan.Plan, photo: Photo | None) -> Callable[[], Decided]:
        if not (plan.wants_photo and photo):
            return lambda: (plan, None)
        stored = self._decoding.submit(store, type(plan.asset), photo.data)
        return lambda: (plan, stored.result())


def _raising(refused: Refused) -> Callable[[], Decided]:
    def finish() -> Decided:
        raise refused

    return finish


def _plan(source: Import, row: ImportRow, photo: Photo | None) -> row_plan.Plan:
    by = source.created_by
    plan = row_plan.plan(
        row.values,
        photo.sha256 if photo else "",
        folder=folder_of(row.values.get("file", "")),
        name=_name(row),
        defaults=source.defaults,
        may=by.has_perm if by else lambda permission: False,
    )
    if plan.wants_photo:
        plan.asset.created_by = by
    return plan


def _name(row: ImportRow) -> str:
    """What a garment is called where its row does not say it."""
    path = row.values.get("file") or unquote(urlsplit(row.values.get("photo_url", "")).path)
    return row.values.get("sku") or Path(path).stem[:120] or row.ref[:120]


def _settle(source: Import, row: ImportRow, finish: Callable[[], Decided]) -> None:
    """One row, one transaction: what it brings, what became of it, and the import's count."""
    try:
        plan, photo = finish()
        with transaction.atomic():
            plan.write(source.created_by, photo)
            _count(source, plan.outcome)
            asset = {type(plan.asset)._meta.model_name: plan.asset}
            row.settle(plan.outcome, code="", problem=plan.remark, **asset)
    except Refused as refused:
        with transaction.atomic():
            _count(source, State.REFUSED)
            _refuse(row, refused)


def _count(source: Import, outcome: str) -> None:
    if not source.keep(timezone.now(), **{outcome: F(outcome) + 1}):
        raise TakenAway


def _refuse(row: ImportRow, refused: Refused) -> bool:
    return row.settle(State.REFUSED, code=refused.code, problem=messages.of_refusal(refused))


def _give_up(source: Import) -> None:
    """Set aside the row that three workers died of, and stop: a person should look at it."""
    row = source.rows.filter(state=State.PENDING).first()
    if row is None:
        source.fail(_("Three workers died while they read the list. Split it and upload it again."))
        return
    text = _("Three workers died of this row. Save its photo again as JPEG, or leave it out.")
    with transaction.atomic():
        if _refuse(row, Refused("deadly", text)):
            Import.objects.filter(pk=source.pk).update(refused=F("refused") + 1)
        source.fail(
            _("Row {number} ({ref}) stopped three workers and was set aside. Go on with the rest."),
            number=row.number,
            ref=row.ref,
        )
