"""How far a batch is: its jobs by state, its progress bar, and images that will expire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.models import Batch, Step
from jobs.recipe import Recipe
from portal.badges import Badge, badge
from portal.number_format import count
from portal.progress_bar import BAR, Segment
from providers import registry

# Images that expire this soon are shown in red.
EXPIRES_SOON = timedelta(hours=2)

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


@dataclass(frozen=True)
class Progress:
    """Jobs by state; `paused`: whether the batch is paused."""

    counts: dict[str, int]
    paused: bool = False

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
    def text(self) -> str:
        return _("%(done)s of %(total)s finished") % {
            "done": count(self.finished),
            "total": count(self.total),
        }

    @property
    def badge(self) -> Badge:
        """The state of the batch: paused, at work, in need of attention, or finished."""
        if self.paused and self.left:
            return badge("paused")
        for state in ("running", "queued", "needs_attention"):
            if self.counts[state]:
                return badge(state)
        return Badge("is-ok" if self.counts["succeeded"] else "", "check", _("Finished"))

    def segments(self) -> list[Segment]:
        """The parts of the progress bar, BAR units wide together."""
        x, segments = 0.0, []
        for state in _ORDER:
            n = self.counts[state]
            width = round(BAR * n / self.total, 2) if self.total else 0.0
            segments.append(Segment(state, _FILLS[state], round(x, 2), width, n, badge(state)))
            x += width
        return segments


def progress_of(batch: Batch) -> Progress:
    return Progress(batch.counts(), batch.paused_at is not None)


@dataclass(frozen=True)
class ExpiryClock:
    """Images that are not downloaded yet: how many, and when the provider deletes the first."""

    count: int
    at: datetime
    urgent: bool

    @property
    def text(self) -> str:
        return ngettext(
            "%(n)s image is not downloaded yet",
            "%(n)s images are not downloaded yet",
            self.count,
        ) % {"n": count(self.count)}


def expiry_clock(batch: Batch, now: datetime) -> ExpiryClock | None:
    steps = Step.objects.expiring_soonest().filter(batch=batch)
    first = steps.select_related("account").first()
    at = first.result_expires_at() if first else None
    return ExpiryClock(steps.count(), at, at - now < EXPIRES_SOON) if at else None


def concurrency_text(batch: Batch) -> str:
    """5 of 5 at once; "" where the provider is not available, as its limits are not known then.

    Calls beyond its limit only wait in its own queue.
    """
    account = batch.account
    if registry.unavailable_reason(account.alias):
        return ""
    capabilities = registry.capabilities(account.alias)
    limit = account.concurrency or capabilities.concurrency
    model = Recipe.load(batch.recipe).with_default_model(capabilities).model
    n = account.steps.at_work().filter(model=model).count()
    return _("%(n)s of %(most)s at once") % {"n": min(n, limit), "most": limit}
