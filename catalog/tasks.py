"""What django-q2 calls for the library."""

from __future__ import annotations

from catalog.imports import runner
from catalog.preflight import measure


def wake() -> None:
    """Look for photos to measure and imports to go on with. Every minute."""
    measure.backlog.wake()
    runner.backlog.wake()


def measure_photos() -> None:
    """Look at photos that are new in the library. The lane `media`."""
    measure.backlog.work(measure.measure_one, measure.SLICE_S)


def run_imports() -> None:
    """Bring in the next rows of an import. The lane `media`."""
    runner.backlog.work(runner.work, 0)
