"""Runs both worker lanes and restarts them when they stop."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from jobs.dispatch import supervisor


class Command(BaseCommand):
    help = "Run both worker lanes and start again what dies or freezes. Ctrl-C stops cleanly."

    def handle(self, *args: Any, **options: Any) -> None:
        self.supervise(supervisor.lanes())

    def supervise(self, children: list[supervisor.Child]) -> None:
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        try:
            supervisor.watch(children, stopping.is_set, self.stderr.write)
        finally:
            supervisor.stop(children)
