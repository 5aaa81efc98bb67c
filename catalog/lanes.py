"""The workers' lanes: asking for work to be done, a moment at a time.

Rows say what is left to do. A call that is lost costs a minute, one that is doubled costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

# Submitting, polling, webhooks, mails; and whatever decodes or moves images.
DEFAULT, MEDIA = "toile", "media"


def run_every_minute(task: str, using: str, **kwargs: Any) -> None:
    """Schedule a task by its dotted path, after a migration; what is scheduled stays as it is."""
    Schedule.objects.using(using).get_or_create(
        name=task,
        defaults={
            "func": task,
            "schedule_type": Schedule.MINUTES,
            "minutes": 1,
            "repeats": -1,
            "cluster": DEFAULT,
        },
    )


def enqueue(task: str, *args: Any, lane: str = DEFAULT) -> None:
    """Call a task by its dotted path, in a worker of this lane."""
    async_task(task, *args, cluster=lane, save=False)


@dataclass(frozen=True)
class Backlog:
    """Work that rows list, done by one worker of a lane at a time, in slices.

    `task`: the dotted path of the task that does a slice; `is_left`, `in_hand`: whether there is
    work, and whether a living worker is at it.
    """

    task: str
    is_left: Callable[[datetime], bool]
    in_hand: Callable[[datetime], bool]
    lane: str = MEDIA

    def wake(self) -> None:
        """Ask for a slice, unless nothing is left or somebody is at it."""
        now = timezone.now()
        if self.is_left(now) and not self.in_hand(now):
            enqueue(self.task, lane=self.lane)

    def work(self, do_one: Callable[[], bool], seconds: float) -> None:
        """Do one piece after another; when time is over, ask for more behind what waits.

        `do_one` returns whether there was a piece to do. Where tasks run inline, all of it is done.
        """
        inline = settings.Q_CLUSTER.get("sync", False)
        ends = time.monotonic() + seconds
        while do_one():
            if not inline and time.monotonic() > ends:
                self.wake()
                return
