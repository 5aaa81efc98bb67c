"""What django-q2 calls for the API."""

from __future__ import annotations

from django.utils import timezone

from api import retention


def prune() -> None:
    """Forget answers, tombstones and uploads that nobody can ask for any more. Every minute."""
    retention.prune(timezone.now())
