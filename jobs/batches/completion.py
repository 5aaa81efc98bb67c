"""Whether a batch is complete: every job has ended, every result has been reviewed. Once each.

Called at the end of the transaction that may end the last job, so that both happen or neither. A
batch is locked only when few jobs are left, and only until the transaction ends.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from jobs.domain_events import Kind, fire
from jobs.models import Batch, Result, TryOnJob

# With more left than could end at one moment, none is the last, and the batch needs no lock.
FEW_LEFT = 50


def jobs_ended(job_ids: Iterable[int], batch_ids: Iterable[int]) -> None:
    """Some jobs of these batches have ended: with the last of them, a batch is ready."""
    for pk in sorted(set(batch_ids)):
        if _lock_if_few_left(pk, TryOnJob.objects.unfinished().filter(batch=pk)):
            _set_ready_if_complete(pk)


def results_decided(result_ids: Iterable[int], batch_ids: Iterable[int], verdict: str) -> None:
    """Some results of these batches were decided: with the last of them, a batch is reviewed."""
    if verdict == Result.Review.PENDING:
        return
    for pk in sorted(set(batch_ids)):
        if _lock_if_few_left(pk, Result.objects.pending_review().filter(job__batch=pk)):
            _set_reviewed_if_complete(pk)


def jobs_added(batch: Batch) -> None:
    """Mark the batch as not complete before jobs are added to it.

    Called before, because it locks the row: no other transaction finds the batch ready meanwhile.
    """
    Batch.objects.filter(pk=batch.pk).update(ready_at=None, reviewed_at=None)


def _lock_if_few_left(pk: int, left: QuerySet) -> bool:
    """Lock the batch if only few rows are `left`; whether it did.

    Two transactions that may both end the last job run one after the other.
    """
    if len(left.order_by().values_list("pk", flat=True)[:FEW_LEFT]) >= FEW_LEFT:
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
    """Not while jobs are unfinished, nor where there was nothing to review."""
    finals = Result.objects.final().filter(job__batch=OuterRef("pk")).order_by()
    pending = finals.filter(review=Result.Review.PENDING)
    unfinished = TryOnJob.objects.unfinished().filter(batch=OuterRef("pk")).order_by()
    rows = Batch.objects.team_owned().filter(pk=pk, reviewed_at=None)
    rows = rows.filter(~Exists(unfinished), ~Exists(pending), Exists(finals))
    if rows.update(reviewed_at=timezone.now()):
        fire(Kind.BATCH_REVIEWED, batch_id=pk)
