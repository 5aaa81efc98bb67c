"""What django-q2 calls for webhooks. All in the lane `toile`."""

from __future__ import annotations

from webhooks import delivery, outbox


def wake() -> None:
    """Look for deliveries that are due. Every minute."""
    outbox.backlog.wake()


def deliver() -> None:
    """Send what is due, for some seconds."""
    delivery.deliver_due()
