"""Local arithmetic for rates: its caller is the account's only writer."""

from __future__ import annotations

from collections import deque

# Requests that leave evenly may arrive bunched: stay below what the provider counts.
MARGIN = 0.8


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
