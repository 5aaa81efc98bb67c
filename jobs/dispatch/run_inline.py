"""Both lanes' work in this process, for a command or a test. Workers elsewhere may join in."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from jobs.dispatch import store_results
from jobs.dispatch.dispatcher import Dispatcher
from jobs.dispatch.render import render
from jobs.models import Step


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
        work = store_results.store if step.state == Step.State.STORING else render
        work(step)
        return True
    return False
