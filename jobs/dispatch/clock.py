"""Time, as the dispatcher reads and spends it."""

from __future__ import annotations

import time
from datetime import datetime

from django.utils import timezone


class Clock:
    """The machine's clock. A test hands in one that moves when somebody sleeps."""

    def now(self) -> datetime:
        return timezone.now()

    def monotonic(self) -> float:
        """Seconds that no correction of the machine's time can move back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
