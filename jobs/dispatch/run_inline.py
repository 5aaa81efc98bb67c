"""Both lanes' work in this process, for a command or a test. Workers elsewhere may join in."""

from __future__ import annotations

from collections.abc import Callable

from jobs.dispatch import store_results
from jobs.dispatch.clock import Clock
from jobs.dispatch.dispatcher import Dispatcher
from jobs.dispatch.render import render
from jobs.models import Step


def work_until(done: Callable[[], bool], clock: Clock | None = None) -> None:
    """Dispatch, render and store until `done()`; claims and leases make company harmless."""
    clock = clock or Clock()
    dispatcher = Dispatcher(clock)
    try:
        while not done():
            dispatcher.turn()
            if not work_on_image(clock):
                dispatcher.rest()
    finally:
        dispatcher.close()


def work_on_image(clock: Clock) -> bool:
    """Do the next piece of the media lane's work; whether there was any."""
    for step in Step.objects.for_media(clock.now())[:1]:
        work = store_results.store if step.state == Step.State.STORING else render
        work(step, clock)
        return True
    return False
