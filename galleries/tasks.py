"""What django-q2 calls for galleries and public images."""

from __future__ import annotations

from galleries import public_images, publishing


def wake() -> None:
    """Close galleries that have ended, and look for public images to make. Every minute."""
    publishing.close_ended()
    public_images.backlog.wake()


def update_public_images() -> None:
    """Make and delete public images of results. The lane `media`."""
    public_images.run_slice()
