"""Waking the lanes for a batch's work, once the rows are committed."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django_q.tasks import async_task

from catalog.lanes import MEDIA, enqueue

# A media task whose call was lost is asked for again after this long.
WAKE_AGAIN_S = 60


def wake_dispatcher() -> None:
    transaction.on_commit(partial(async_task, "jobs.tasks.dispatch"))


def wake_media_lane(task: str, step_id: int) -> None:
    """`task`: render or store."""
    transaction.on_commit(partial(enqueue, f"jobs.tasks.{task}", step_id, lane=MEDIA))
