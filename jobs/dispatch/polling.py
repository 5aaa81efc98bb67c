"""When to ask after a task: as soon as it can be done, and not before."""

from __future__ import annotations

from datetime import datetime, timedelta

# Nothing is known of an account yet: ask each second until its first task ends.
UNKNOWN_S = 1.0
# The first question comes before most tasks have ended; later ones follow quickly.
FIRST_SHARE, AGAIN_SHARE = 0.7, 0.05
AGAIN_MIN_S, AGAIN_MAX_S = 0.2, 5.0
# How much a new duration moves what is typical.
LEARN = 0.2


def first_poll_at(accepted_at: datetime, typical_s: float | None) -> datetime:
    wait = UNKNOWN_S if typical_s is None else typical_s * FIRST_SHARE
    return accepted_at + timedelta(seconds=wait)


def next_poll_at(now: datetime, accepted_at: datetime, typical_s: float | None) -> datetime:
    """Often around the typical end, ever more rarely for a task that is long overdue."""
    if typical_s is None:
        return now + timedelta(seconds=UNKNOWN_S)
    late_s = max(0.0, (now - accepted_at).total_seconds() - 2 * typical_s)
    wait = typical_s * AGAIN_SHARE + late_s * 0.1
    return now + timedelta(seconds=min(max(wait, AGAIN_MIN_S), AGAIN_MAX_S))


def is_late(now: datetime, due_at: datetime) -> bool:
    """A question that came late (nobody was at work) says nothing of how long the task took."""
    return now - due_at > timedelta(seconds=AGAIN_MAX_S)


def update_typical(typical_s: float | None, took_s: float) -> float:
    return took_s if typical_s is None else typical_s + LEARN * (took_s - typical_s)
