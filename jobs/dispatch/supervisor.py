"""Keeps both worker lanes alive: looks at heartbeats and waiting work, never only at a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from jobs.models import Heartbeat, ProviderAccount, Step

LOOK_EVERY_S = 2
# The default lane always has a free worker: what waits longer than this waits for a frozen queue.
STALE_S = 20
# A loop at work beats every two seconds.
QUIET_S = 6
STOP_S = 20


class Child:
    """One program in a process group of its own, so that nothing of it can survive it."""

    def __init__(self, name: str, command: list[str], env: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._command = command
        self._env = {**os.environ, **(env or {})}
        self.start()

    def start(self) -> None:
        self.started_at = timezone.now()
        self.process = subprocess.Popen(  # noqa: S603
            self._command, env=self._env, cwd=settings.BASE_DIR, start_new_session=True
        )

    def alive(self) -> bool:
        return self.process.poll() is None

    def restart(self) -> None:
        self._signal(signal.SIGKILL)
        self.process.wait()
        self.start()

    def stop(self, deadline: float) -> None:
        """Ask for a clean end; after the deadline, kill what is left of the group."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.1, deadline - time.monotonic()))
        self._signal(signal.SIGKILL)
        self.process.wait()

    def interrupt(self) -> None:
        # SIGINT to the whole group is the one signal that django-q2 ends cleanly by.
        self._signal(signal.SIGINT)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def lanes() -> list[Child]:
    """The two worker lanes, started."""
    manage = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "qcluster"]
    return [Child(lane, manage, {"Q_CLUSTER_NAME": lane}) for lane in ("toile", "media")]


def web(address: str) -> Child:
    command = [sys.executable, "-m", "gunicorn", "tryon_site.wsgi", "--bind", address]
    return Child("web", [*command, "--threads", "8", "--log-level", "warning"])


def watch(children: list[Child], until: Callable[[], bool], report: Callable[[str], None]) -> None:
    """Restart what ended or froze, wake workers for work that nobody does, until `until()`."""
    look_at = 0.0
    while not until():
        if time.monotonic() >= look_at:
            look_at = time.monotonic() + LOOK_EVERY_S
            for child in children:
                reason = "ended" if not child.alive() else _frozen(child)
                if reason:
                    report(f"{child.name} {reason}: starting it again")
                    child.restart()
            _wake_if_forgotten()
        time.sleep(0.2)


def stop(children: list[Child]) -> None:
    deadline = time.monotonic() + STOP_S
    for child in children:
        child.interrupt()
    for child in children:
        child.stop(deadline)


def _frozen(child: Child) -> str:
    """Why a lane that is alive does no work any more; "" when it does."""
    stale_s = {"toile": STALE_S, "media": settings.ENGINE_TIMEOUT_S + STALE_S}.get(child.name)
    if stale_s is None:
        return ""
    since = timezone.now() - timedelta(seconds=stale_s)
    if child.started_at > since or not OrmQ.objects.filter(key=child.name, lock__lt=since).exists():
        return ""
    # A busy media lane also lets work wait, but it gives signs of life.
    if child.name == "media" and _beats("media", stale_s):
        return ""
    return "does not take its work"


def _beats(lane: str, within_s: float) -> bool:
    since = timezone.now() - timedelta(seconds=within_s)
    return Heartbeat.objects.filter(lane=lane, at__gte=since).exists()


def _wake_if_forgotten() -> None:
    """The minute's schedule would do it, too; a killed loop need not cost that minute."""
    queued = OrmQ.objects.filter(key="toile", lock__lte=timezone.now())
    if _beats("dispatch", QUIET_S) or queued.exists():
        return
    open_accounts = ProviderAccount.objects.filter(state=ProviderAccount.State.OPEN)
    if Step.objects.open().filter(account__in=open_accounts).exists():
        async_task("jobs.tasks.dispatch")
