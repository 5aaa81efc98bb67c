"""What django-q2 calls. Arguments are ids; nothing is returned; losing a call loses no work."""

from __future__ import annotations

from typing import Any

from catalog.lanes import DEFAULT
from jobs.dispatch import render as rendering
from jobs.dispatch import store_results
from jobs.dispatch.clock import Clock
from jobs.dispatch.dispatcher import Dispatcher
from jobs.models import Heartbeat, Step


def dispatch() -> None:
    """Submit and poll for a while. The lane `toile`; every minute, and whenever work is added."""
    Dispatcher().run()


def store(step_id: int) -> None:
    """Download, verify and keep a finished step's images. The lane `media`."""
    step = Step.objects.filter(pk=step_id, state=Step.State.STORING).first()
    if step:
        store_results.store(step, Clock())


def render(step_id: int) -> None:
    """Run one image through the embedded engine. The lane `media`, at most one per core."""
    step = Step.objects.filter(pk=step_id, state=Step.State.SUBMITTING).first()
    if step:
        rendering.render(step, Clock())


def beat(task: dict[str, Any], **kwargs: Any) -> None:
    """Record that a lane's worker takes a task: django-q2 calls this before each.

    The dispatcher's lane is watched by its loop, which beats by itself.
    """
    lane = task.get("cluster") or DEFAULT
    if lane != DEFAULT:
        Heartbeat.beat(lane)
