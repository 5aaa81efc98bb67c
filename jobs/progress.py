"""How far a batch is: the numbers of its page and of the answer that keeps the page live."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import catalogue
from .amounts import count, yuan
from .marks import Mark, mark
from .models import Batch, Step, TryOnJob
from .remedies import Remedy

# Speed is what the last minutes show; fewer finished jobs than this say nothing.
WINDOW = timedelta(minutes=5)
ENOUGH = 3

# A clock that is this near its end is red.
FORGETS_SOON = timedelta(hours=2)

# From left to right; what is left to do comes last and is drawn as the empty bar.
_ORDER = ("succeeded", "running", "needs_attention", "failed", "canceled", "queued")
_FILLS = {
    "succeeded": "fill-ok",
    "running": "fill-run",
    "needs_attention": "fill-warn",
    "failed": "fill-bad",
    "canceled": "fill-idle",
    "queued": "fill-quiet",
}
BAR = 1000


@dataclass(frozen=True)
class Segment:
    state: str
    fill: str
    x: float
    width: float
    count: int
    mark: Mark


@dataclass(frozen=True)
class Progress:
    """Jobs by state."""

    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        return self.counts["queued"] + self.counts["running"]

    @property
    def finished(self) -> int:
        return self.total - self.left

    @property
    def words(self) -> str:
        return _("%(done)s of %(total)s finished") % {
            "done": count(self.finished),
            "total": count(self.total),
        }

    @property
    def mark(self) -> Mark:
        """The state of the whole: at work, then in need of a person, then finished."""
        for state in ("running", "queued", "needs_attention"):
            if self.counts[state]:
                return mark(state)
        return Mark("is-ok" if self.counts["succeeded"] else "", "check", _("Finished"))

    def segments(self) -> list[Segment]:
        """The bar, BAR units wide."""
        x, segments = 0.0, []
        for state in _ORDER:
            n = self.counts[state]
            width = round(BAR * n / self.total, 2) if self.total else 0.0
            segments.append(Segment(state, _FILLS[state], round(x, 2), width, n, mark(state)))
            x += width
        return segments


def eta(batch: Batch, progress: Progress, now: datetime) -> str:
    """When it will be finished at the present speed, in words; "" where nobody can know."""
    if not progress.left:
        return ""
    since = max(now - WINDOW, batch.created_at)
    ended = batch.jobs.filter(finished_at__gte=since).exclude(state=TryOnJob.State.CANCELED)
    n = ended.count()
    if n < ENOUGH:
        return ""
    seconds = progress.left * (now - since).total_seconds() / n
    if seconds < 60:
        return _("Less than a minute left")
    minutes = math.ceil(seconds / 60)
    return ngettext("About %(n)s min left", "About %(n)s min left", minutes) % {"n": count(minutes)}


@dataclass(frozen=True)
class Cause:
    """Failed jobs of one kind and code; `message` is what the provider said last."""

    code: str
    message: str
    count: int
    remedy: Remedy


def _explained(row: Any) -> Remedy:
    return catalogue.explain(row["error_code"], row["error_kind"], row["message"])


def causes(batch: Batch) -> list[Cause]:
    rows = (
        batch.jobs.current()
        .filter(state=TryOnJob.State.FAILED)
        .order_by()
        .values("error_code", "error_kind")
        .annotate(n=Count("id"), message=Max("error_message"))
        .order_by("-n", "error_code")
    )
    return [Cause(row["error_code"], row["message"], row["n"], _explained(row)) for row in rows]


@dataclass(frozen=True)
class Clock:
    """When a provider forgets images that are not here yet: how many wait, and the first's end."""

    count: int
    at: datetime
    urgent: bool

    @property
    def words(self) -> str:
        return ngettext(
            "%(n)s image is still the provider’s",
            "%(n)s images are still the provider’s",
            self.count,
        ) % {"n": count(self.count)}


def clock(batch: Batch, now: datetime) -> Clock | None:
    there = Step.objects.soonest_forgotten().filter(batch=batch)
    first = there.select_related("account").first()
    at = first.kept_until() if first else None
    return Clock(there.count(), at, at - now < FORGETS_SOON) if at else None


def stoppable(batch: Batch) -> int:
    """Jobs that cancelling stops now; the provider already has the other unfinished ones."""
    waiting = Step.objects.filter(state=Step.State.WAITING, job__batch=batch)
    return waiting.filter(job__state__in=TryOnJob.UNFINISHED).count()


def spend(batch: Batch) -> dict[str, Any]:
    """Billed and reserved CNY, as the page writes them."""
    return {name: yuan(amount) for name, amount in batch.spend().items()}


def budget(batch: Batch) -> dict[str, Any]:
    """What the batch may spend, and whether its steps wait because that is used up."""
    limit = None if batch.budget is None else yuan(batch.budget)
    return {"limit": limit, "stopped": batch.stopped_at is not None, "spent": yuan(batch.spent)}
