"""Requests per second, judged strictly: any window of a second, not a bucket that refills."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Hashable

# A twentieth of the second is left for the way here: a client that sends exactly at the limit
# would else be refused because one request was a millisecond faster than the one before.
WINDOW_S = 0.95


class Limits:
    """Sliding windows of allowed requests, per key."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: defaultdict[Hashable, deque[float]] = defaultdict(deque)

    def allow(self, key: Hashable, per_second: float) -> bool:
        """Tell whether one more request is allowed now, and count it if so. 0 is no limit."""
        if per_second <= 0:
            return True
        now = self._clock()
        # Below one a second the window is as long as one request's share.
        window = WINDOW_S * max(1.0, 1.0 / per_second)
        with self._lock:
            seen = self._seen[key]
            while seen and seen[0] <= now - window:
                seen.popleft()
            if len(seen) >= max(1, int(per_second)):
                return False
            seen.append(now)
            return True

    def reset(self) -> None:
        """Clear all windows."""
        with self._lock:
            self._seen.clear()
