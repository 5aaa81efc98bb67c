"""What django-q2 calls for notices. All in the lane `toile`."""

from __future__ import annotations

from notifications import notify


def send_mail(batch_id: int, kind: str) -> None:
    """Write to those who were told something of a batch."""
    notify.mail(batch_id, kind)
