"""The segments of a progress bar, drawn side by side."""

from __future__ import annotations

from dataclasses import dataclass

from portal.badges import Badge
from portal.number_format import count

# The width of a whole bar, in its own units.
BAR = 1000


@dataclass(frozen=True)
class Segment:
    state: str
    fill: str
    x: float
    width: float
    count: int
    badge: Badge

    @property
    def count_text(self) -> str:
        return str(count(self.count))
