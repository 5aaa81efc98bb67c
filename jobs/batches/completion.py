"""Whether a batch is complete: every job has ended, every result has been reviewed. Once each.

Called within the transaction of the move that may be the last one, so that the two are one. What
asks comes last in it: a batch is locked only when little of it is left, and for no longer than
the transaction's end.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from jobs.domain_events import Kind, fire
from jobs.models import Batch, Result, TryOnJob

# With more left than could end at one moment, nobody is the last: the batch needs no lock.
NEAR = 50


def jobs_ended(job_ids: Iterable[int], batch_ids: Iterable[int]) -> None:
    """Some jobs of these batches have ended: with the last of them, a batch is ready."""
    for pk in sorted(set(batch_ids)):
        if _locked_near_end(pk, TryOnJob.objects.unfinished().filter(batch=pk)):
            _set_ready_if_complete(pk)


def results_decided(result_ids: Iterable[int], batch_ids: Iterable[int], verdict: str) -> None:
    """Some results of these batches were decided: with the last of them, a batch is reviewed."""
    if verdict == Result.Review.PENDING:
        return
    for pk in sorted(set(batch_ids)):
        if _locked_near_end(pk, Result.objects.pending_review().filter(job__batch=pk)):
            _set_reviewed_if_complete(pk)


def jobs_added(batch: Batch) -> None:
    """Jobs are about to be added to it: when they have ended, it is ready once more.

    Before they are: the row is locked by it, so that nobody finds the batch ready meanwhile.
    """
    Batch.objects.filter(pk=batch.pk).update(ready_at=None, reviewed_at=None)


def _locked_near_end(pk: int, left: QuerySet) -> bool:
    """Lock the batch if few rows are `left` of it; whether it is so.

    Two moves that may both be the last one come one after the other: the second sees the first.
    """
    if len(left.order_by().values_list("pk", flat=True)[:NEAR]) >= NEAR:
        return False
    rows = Batch.objects.select_for_update(no_key=True).filter(pk=pk).order_by()
    return bool(rows.values_list("pk", flat=True))


def _set_ready_if_complete(pk: int) -> None:
    unfinished = TryOnJob.objects.unfinished().filter(batch=OuterRef("pk")).order_by()
    rows = Batch.objects.team_owned().filter(~Exists(unfinished), pk=pk, ready_at=None)
    if not rows.update(ready_at=timezone.now()):
        return
    pending = Result.objects.pending_review().filter(job__batch=pk).exists()
    fire(Kind.BATCH_READY, batch_id=pk, has_pending=pending)
    if not pending:
        _set_reviewed_if_complete(pk)


def _set_reviewed_if_complete(pk: int) -> None:
    """Not while jobs are on their way, nor where there was nothing to review."""
    finals = Result.objects.final().filter(job__batch=OuterRef("pk")).order_by()
    pending = finals.filter(review=Result.Review.PENDING)
    unfinished = TryOnJob.objects.unfinished().filter(batch=OuterRef("pk")).order_by()
    rows = Batch.objects.team_owned().filter(pk=pk, reviewed_at=None)
    rows = rows.filter(~Exists(unfinished), ~Exists(pending), Exists(finals))
    if rows.update(reviewed_at=timezone.now()):
        fire(Kind.BATCH_REVIEWED, batch_id=pk)
