"""A clock for tests that wait for nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from jobs.dispatch.clock import Clock


class FastClock(Clock):
    """Whoever sleeps finds a second gone by, or as much as was asked for, at once."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.ahead_s)

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s

    def sleep(self, seconds: float) -> None:
        self.ahead_s += max(1.0, seconds)
