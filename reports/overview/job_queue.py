"""What is left to do, since when it waits, and how long it will take."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.batches.progress import Progress
from jobs.models import Batch, TryOnJob
from portal.number_format import count
from reports.overview.accounts import AccountStatus

MAX_BATCHES = 5


@dataclass(frozen=True)
class JobQueue:
    """`oldest` is when the job was launched that waits longest; `held` wait for idle accounts.

    `batches` are the newest that are not finished, each with its jobs by state.
    """

    waiting: int
    running: int
    held: int
    oldest: datetime | None
    seconds: float | None
    batches: list[tuple[Batch, Progress]]
    more: int

    @property
    def left(self) -> int:
        return self.waiting + self.running

    @property
    def expected(self) -> str:
        """About how long it will take, in words; "" where nobody can know."""
        if self.seconds is None:
            return ""
        minutes = math.ceil(self.seconds / 60)
        if minutes < 100:
            text = ngettext("about %(n)s minute", "about %(n)s minutes", minutes)
            return text % {"n": count(minutes)}
        hours = math.ceil(minutes / 60)
        return ngettext("about %(n)s hour", "about %(n)s hours", hours) % {"n": count(hours)}

    @property
    def text(self) -> str:
        return _("%(running)s running, %(waiting)s waiting") % {
            "running": count(self.running),
            "waiting": count(self.waiting),
        }


def job_queue(accounts: Sequence[AccountStatus]) -> JobQueue:
    rows: list[Any] = list(
        TryOnJob.objects.unfinished()
        .order_by()
        .values("batch", "account", "state", "owner")
        .annotate(n=Count("*"), oldest=Min("created_at"))
    )
    waits = [row for row in rows if row["state"] == TryOnJob.State.QUEUED]
    waiting = sum(row["n"] for row in waits)
    idle = {each.account.pk for each in accounts if each.idle}
    # Shoppers' batches are counted, but not listed.
    ids = sorted({row["batch"] for row in rows if row["owner"] is None}, reverse=True)
    return JobQueue(
        waiting,
        sum(row["n"] for row in rows) - waiting,
        sum(row["n"] for row in waits if row["account"] in idle),
        min((row["oldest"] for row in waits), default=None),
        _seconds(rows, accounts),
        _batches(ids[:MAX_BATCHES]),
        len(ids[MAX_BATCHES:]),
    )


def _seconds(rows: Iterable[dict[str, Any]], accounts: Iterable[AccountStatus]) -> float | None:
    """Estimate the seconds until the last account is done, each working at its limit."""
    left: Counter[int] = Counter()
    for row in rows:
        left[row["account"]] += row["n"]
    known = [each for each in accounts if not each.idle and left[each.account.pk]]
    times = [
        left[each.account.pk] * each.account.typical_s / each.at_once
        for each in known
        if each.account.typical_s and each.at_once
    ]
    return max(times) if times and len(times) == len(known) else None


def _batches(ids: Sequence[int]) -> list[tuple[Batch, Progress]]:
    found = {pk: dict.fromkeys(TryOnJob.State.values, 0) for pk in ids}
    jobs = TryOnJob.objects.current().filter(batch__in=ids).order_by()
    for pk, state, n in jobs.values_list("batch", "state").annotate(n=Count("id")):
        found[pk][state] = n
    batches = Batch.objects.in_bulk(ids)
    return [(batches[pk], Progress(found[pk])) for pk in ids]
