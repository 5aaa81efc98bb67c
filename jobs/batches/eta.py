"""When a batch will be finished: at its recent speed, or at the limits of its account."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.batches.progress import Progress
from jobs.models import Batch, ProviderAccount, TryOnJob
from jobs.recipe import Recipe
from providers import registry

# Speed is measured over the last minutes; fewer finished jobs than this are no measure.
WINDOW = timedelta(minutes=5)
MIN_FINISHED = 3


def eta(batch: Batch, progress: Progress, now: datetime) -> str:
    """Return the remaining time as text; "" if nothing is left, or if the batch is held."""
    if not progress.left or is_held(batch):
        return ""
    since = max(now - WINDOW, batch.created_at)
    ended = batch.jobs.filter(finished_at__gte=since).exclude(state=TryOnJob.State.CANCELED)
    n = ended.count()
    if n >= MIN_FINISHED:
        per_s = n / max((now - since).total_seconds(), 1)
        values = {"time": duration_text(progress.left / per_s), "speed": speed_text(per_s)}
        return _("About %(time)s left at %(speed)s") % values
    seconds = expected_s(batch.account, Recipe.load(batch.recipe), progress.left)
    if seconds is None:
        return ""
    return _("About %(time)s at the limits of this account") % {"time": duration_text(seconds)}


def is_held(batch: Batch) -> bool:
    """Whether its waiting jobs cannot begin until a user resumes it or raises its budget."""
    paused = batch.account.state == ProviderAccount.State.PAUSED
    return paused or batch.paused_at is not None or batch.stopped_at is not None


def expected_s(account: ProviderAccount, recipe: Recipe, jobs: int) -> float | None:
    """Estimate the seconds for so many jobs if they have the account to themselves.

    None where its provider is not available, as its limits are not known then.
    """
    if registry.unavailable_reason(account.alias):
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


def duration_text(seconds: float) -> str:
    """38 min, 2 h 5 min; never less than a minute."""
    minutes = max(1, math.ceil(seconds / 60))
    if minutes < 100:
        return ngettext("%(n)s min", "%(n)s min", minutes) % {"n": minutes}
    hours, rest = divmod(minutes, 60)
    return _("%(h)s h %(m)s min") % {"h": hours, "m": rest}


def speed_text(per_s: float) -> str:
    if per_s * 60 >= 1:
        return _("%(n)s a minute") % {"n": round(per_s * 60)}
    return _("%(n)s an hour") % {"n": round(per_s * 3600)}
