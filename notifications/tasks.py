"""What django-q2 calls for notifications. All in the lane `toile`."""

from __future__ import annotations

from notifications import notify


def send_mail(batch_id: int, kind: str) -> None:
    """Mail those who were notified about a batch."""
    notify.send_mails(batch_id, kind)
