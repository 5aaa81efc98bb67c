"""Deletes what has served its time: a little at each turn, so that no turn is long."""

from __future__ import annotations

from datetime import datetime, timedelta

from catalog.models import Tombstone, Upload

from .models import IdempotencyKey

AT_ONCE = 500
# Longer than anybody may be away who asks for what has changed since (jobs.api.pages).
REMEMBERED = timedelta(days=100)


def prune(now: datetime) -> None:
    """Forget answers, tombstones and uploads that nobody can ask for any more."""
    for rows in (IdempotencyKey.objects.over(now), Tombstone.objects.before(now - REMEMBERED)):
        ids = list(rows.values_list("pk", flat=True)[:AT_ONCE])
        rows.filter(pk__in=ids).delete()
    Upload.objects.over(now)[:AT_ONCE].discard()
