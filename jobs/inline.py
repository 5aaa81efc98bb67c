"""Both lanes' work in this process, for a command or a test. Workers elsewhere may join in."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from . import tasks
from .dispatcher import Dispatcher
from .models import Step


def work_until(done: Callable[[], bool]) -> None:
    """Dispatch, render and store until `done()`; claims and leases make company harmless."""
    dispatcher = Dispatcher()
    try:
        while not done():
            dispatcher.turn()
            if not _one_image():
                dispatcher.rest()
    finally:
        dispatcher.close()


def _one_image() -> bool:
    """Do the next piece of the media lane's work; whether there was any."""
    for step in Step.objects.for_media(timezone.now())[:1]:
        work = tasks.store if step.state == Step.State.STORING else tasks.render
        work(step.pk)
        return True
    return False
