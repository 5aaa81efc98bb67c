"""Both lanes' work in this process, for a command or a test. Workers elsewhere may join in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import Q

from jobs.dispatch import store_results
from jobs.dispatch.clock import Clock
from jobs.dispatch.dispatcher import Dispatcher
from jobs.dispatch.render import render
from jobs.models import Step
from jobs.models.step import StepQuerySet
from providers import registry


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
    for step in _images_to_work_on(clock.now())[:1]:
        work = store_results.store if step.state == Step.State.STORING else render
        work(step, clock)
        return True
    return False


def _images_to_work_on(now: datetime) -> StepQuerySet:
    """The media lane's work: images to bring home, and calls to the embedded engine."""
    here = [alias for alias in registry.available() if registry.capabilities(alias).runs_here]
    renders = Q(state=Step.State.SUBMITTING, account__alias__in=here)
    stores = Q(state=Step.State.STORING) & (Q(retries=0) | Q(due_at__lte=now))
    rows = Step.objects.unclaimed(now).filter(renders | stores)
    return rows.order_by("-interactive", "id")
