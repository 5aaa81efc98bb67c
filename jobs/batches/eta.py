"""When a batch will be finished: at the speed it has, or at the limits of its account."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.batches.progress import Progress
from jobs.models import Batch, ProviderAccount, TryOnJob
from jobs.recipe import Recipe
from providers import registry

# Speed is what the last minutes show; fewer finished jobs than this say nothing.
WINDOW = timedelta(minutes=5)
ENOUGH = 3


def eta(batch: Batch, progress: Progress, now: datetime) -> str:
    """In words; "" where nothing is left, or where it waits for somebody."""
    if not progress.left or held(batch):
        return ""
    since = max(now - WINDOW, batch.created_at)
    ended = batch.jobs.filter(finished_at__gte=since).exclude(state=TryOnJob.State.CANCELED)
    n = ended.count()
    if n >= ENOUGH:
        per_s = n / max((now - since).total_seconds(), 1)
        words = {"time": span(progress.left / per_s), "speed": speed(per_s)}
        return _("About %(time)s left at %(speed)s") % words
    seconds = expected_s(batch.account, Recipe.load(batch.recipe), progress.left)
    if seconds is None:
        return ""
    return _("About %(time)s at the limits of this account") % {"time": span(seconds)}


def held(batch: Batch) -> bool:
    """Whether what waits cannot begin until somebody does something."""
    paused = batch.account.state == ProviderAccount.State.PAUSED
    return paused or batch.paused_at is not None or batch.stopped_at is not None


def expected_s(account: ProviderAccount, recipe: Recipe, jobs: int) -> float | None:
    """Seconds that so many jobs take if they have the account to themselves.

    None where its provider cannot be used now, so that nobody knows its limits.
    """
    if registry.unavailable(account.alias):
        return None
    capabilities = registry.capabilities(account.alias)
    typical = account.typical_s or capabilities.typical_s
    calls = len(recipe.calls(capabilities))
    # Models run beside each other at a provider; here they share the cores.
    lanes = (account.concurrency or capabilities.concurrency) / (
        calls if capabilities.runs_here else 1
    )
    per_s = account.submits_per_s or capabilities.submits_per_s
    return max(jobs * typical / lanes, jobs * calls / per_s) + typical * (calls - 1)


def span(seconds: float) -> str:
    """38 min, 2 h 5 min; never less than a minute."""
    minutes = max(1, math.ceil(seconds / 60))
    if minutes < 100:
        return ngettext("%(n)s min", "%(n)s min", minutes) % {"n": minutes}
    hours, rest = divmod(minutes, 60)
    return _("%(h)s h %(m)s min") % {"h": hours, "m": rest}


def speed(per_s: float) -> str:
    if per_s * 60 >= 1:
        return _("%(n)s a minute") % {"n": round(per_s * 60)}
    return _("%(n)s an hour") % {"n": round(per_s * 3600)}
