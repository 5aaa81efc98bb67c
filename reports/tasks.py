"""What django-q2 calls for the reports."""

from __future__ import annotations

from django.utils import timezone

from reports.approval_statistics import precompute


def wake() -> None:
    """Look whether a day is over that nobody has counted. Every minute."""
    precompute.wake(timezone.now())


def count_days() -> None:
    """Count the days that are over for the statistics. The lane `media`."""
    precompute.count(timezone.now())
