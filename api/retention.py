"""Deletes what has served its time: a little at each turn, so that no turn is long."""

from __future__ import annotations

from datetime import datetime, timedelta

from api.models import IdempotencyKey
from catalog.models import Tombstone, Upload
from jobs.models import ErasedUse, TryOnJob

AT_ONCE = 500
# Longer than anybody may be away who asks for what has changed since (api.framework.pagination).
REMEMBERED = timedelta(days=100)
# By then no provider remembers a task.
UNCLEAR = timedelta(days=2)


def prune(now: datetime) -> None:
    """Forget answers, tombstones and uploads that nobody can ask for any more."""
    give_up(now)
    for rows in (IdempotencyKey.objects.over(now), Tombstone.objects.before(now - REMEMBERED)):
        ids = list(rows.values_list("pk", flat=True)[:AT_ONCE])
        rows.filter(pk__in=ids).delete()
    ErasedUse.objects.filter(day__lt=(now - UNCLEAR).date()).delete()
    Upload.objects.over(now)[:AT_ONCE].discard()


def give_up(now: datetime) -> None:
    """Settle shoppers' try-ons whose paid call was never answered: nobody may look at them.

    They count as billed, as far as is known, and their photos can be erased again.
    """
    unclear = TryOnJob.objects.filter(owner__isnull=False, state=TryOnJob.State.NEEDS_ATTENTION)
    for job in unclear.filter(finished_at__lt=now - UNCLEAR)[:AT_ONCE]:
        job.settle(by=None)
