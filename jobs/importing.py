"""Rings for imports: a slice of one at a time, behind whatever waits in the media lane.

The rows say what is left to do; a bell that is lost costs a minute.
"""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from django_q.tasks import async_task

from catalog.imports import run
from catalog.models import Import


def ring() -> None:
    """Ask for imports to be worked on, unless somebody is at each of them."""
    if Import.objects.claimable(timezone.now()).exists():
        async_task("jobs.tasks.run_import", cluster="media", save=False)


def run_some() -> None:
    """Work on an import for a moment, then ask for more behind what waits in the lane."""
    inline = settings.Q_CLUSTER.get("sync", False)
    while run.work() and inline:
        pass
    if not inline:
        ring()
