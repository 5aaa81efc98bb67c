"""What django-q2 calls for the reports."""

from __future__ import annotations

from django.utils import timezone

from reports.approval_statistics import precompute


def wake() -> None:
    """Look for a day that is over and not counted. Every minute."""
    precompute.enqueue_if_due(timezone.now())


def count_days() -> None:
    """Count the days that are over for the statistics. The lane `media`."""
    precompute.count_missing_days(timezone.now())
