"""How often a provider is asked: its rate limits, and when a task is due to be polled."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

# Requests that leave evenly may arrive bunched: stay below what the provider counts.
MARGIN = 0.8
# Nothing is known of an account yet: poll each second until its first task ends.
UNKNOWN_S = 1.0
# The first poll comes before most tasks have ended; later ones follow quickly.
FIRST_SHARE, AGAIN_SHARE = 0.7, 0.05
AGAIN_MIN_S, AGAIN_MAX_S = 0.2, 5.0
# How much a new duration moves what is typical.
LEARN = 0.2


class SlidingWindow:
    """At most `per_s` × MARGIN events in any second."""

    def __init__(self, per_s: float) -> None:
        self.most = max(1, int(per_s * MARGIN))
        # Below one a second, the window grows instead of the count falling to nothing.
        self.length = max(1.0, 1 / (per_s * MARGIN))
        self._times: deque[float] = deque()

    def room(self, now: float) -> int:
        """How many more may happen at `now` (seconds of a monotonic clock)."""
        while self._times and self._times[0] <= now - self.length:
            self._times.popleft()
        return self.most - len(self._times)

    def take(self, now: float) -> None:
        self._times.append(now)


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
