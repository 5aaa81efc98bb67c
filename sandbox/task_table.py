"""The task table: PENDING, RUNNING, then an end, by the clock and under one lock.

No timer runs: every access settles what should have happened since the last one, in order, so a
task's times are exact and no thread is needed to move it.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

State = Literal["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED"]


class Busy(Exception):
    """All slots are taken, and `overflow` is "refuse"."""


@dataclass
class Task:
    """One accepted try-on. Times are epoch seconds; `ready_at` is when its images were ready.

    `images` is how many it makes, `slowness` how many times as long as others it takes.
    """

    id: str
    owner: str
    model: str
    request: Mapping[str, Any]
    received_at: float
    images: int = 1
    slowness: float = 1
    state: State = "PENDING"
    started_at: float | None = None
    ended_at: float | None = None
    ready_at: float | None = None
    seconds: float = 0
    error: tuple[str, str] | None = None
    billed: int = 0


@dataclass
class _Lane:
    """The slots of one model of one account."""

    running: list[Task] = field(default_factory=list)
    waiting: deque[Task] = field(default_factory=deque)
    max_running: int = 0
    max_in_flight: int = 0


class TaskTable:
    """The tasks of one provider; `concurrency` of them run at once per account and model."""

    def __init__(
        self,
        *,
        seconds: float,
        seconds_most: float = 0,
        seed: int = 0,
        concurrency: int,
        overflow: Literal["queue", "refuse"] = "queue",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._seconds = (seconds, max(seconds, seconds_most))
        self._dice = random.Random(seed)
        self._concurrency = concurrency
        self._overflow = overflow
        self._clock = clock
        self._lock = threading.Lock()
        self._tasks: dict[str, Task] = {}
        self._lanes: defaultdict[tuple[str, str], _Lane] = defaultdict(_Lane)

    def add(self, owner: str, model: str, request: Mapping[str, Any]) -> Task:
        """Accept a call and give it a slot, or a place in the queue. Raises Busy."""
        return self.add_all([Task(str(uuid.uuid4()), owner, model, request, self._clock())])[0]

    def add_all(self, tasks: Sequence[Task]) -> list[Task]:
        """Accept the tasks of one call, all or none. Raises Busy."""
        with self._lock:
            now = self._clock()
            lanes = [self._lanes[task.owner, task.model] for task in tasks]
            for lane in lanes:
                self._settle(lane, now)
                if self._overflow == "refuse" and len(lane.running) >= self._concurrency:
                    raise Busy
            for task, lane in zip(tasks, lanes, strict=True):
                task.seconds = self._dice.uniform(*self._seconds) * task.slowness
                self._tasks[task.id] = task
                lane.waiting.append(task)
                self._start(lane, now)
                in_flight = len(lane.running) + len(lane.waiting)
                lane.max_in_flight = max(lane.max_in_flight, in_flight)
            return [replace(task) for task in tasks]

    def finish_work(self, task_id: str, error: tuple[str, str] | None = None) -> None:
        """Mark a task's work as finished; it ends now or when its seconds are over."""
        with self._lock:
            if task := self._tasks.get(task_id):
                task.error = error
                task.ready_at = self._clock()

    def get(self, owner: str, task_id: str) -> Task | None:
        """Return a copy of an account's task; None where it has no such task."""
        with self._lock:
            task = self._tasks.get(task_id)
            if task is None or task.owner != owner:
                return None
            self._settle(self._lanes[task.owner, task.model], self._clock())
            return replace(task)

    def cancel(self, owner: str, task_id: str) -> bool:
        """Cancel a PENDING task; False for any other."""
        with self._lock:
            task = self._tasks.get(task_id)
            if task is None or task.owner != owner:
                return False
            lane = self._lanes[task.owner, task.model]
            self._settle(lane, self._clock())
            if task.state != "PENDING":
                return False
            lane.waiting.remove(task)
            task.state, task.ended_at = "CANCELED", self._clock()
            return True

    def all(self, owner: str | None = None) -> list[Task]:
        """Return every task, or an account's, in the order received."""
        with self._lock:
            now = self._clock()
            for lane in self._lanes.values():
                self._settle(lane, now)
            tasks = self._tasks.values()
            return [replace(task) for task in tasks if owner in (None, task.owner)]

    def peaks(self) -> dict[str, int]:
        """Return the most tasks that ran, and that were unfinished, at once in one lane."""
        self.all()
        with self._lock:
            lanes = list(self._lanes.values())
            return {
                "max_running": max((lane.max_running for lane in lanes), default=0),
                "max_in_flight": max((lane.max_in_flight for lane in lanes), default=0),
            }

    def reset(self) -> None:
        """Remove all tasks."""
        with self._lock:
            self._tasks.clear()
            self._lanes.clear()

    def _settle(self, lane: _Lane, now: float) -> None:
        while True:
            due = [task for task in lane.running if self._end_of(task) <= now]
            if not due:
                return
            task = min(due, key=self._end_of)
            self._finish(lane, task)
            self._start(lane, task.ended_at or now)

    def _end_of(self, task: Task) -> float:
        if task.ready_at is None or task.started_at is None:
            return float("inf")
        return max(task.started_at + task.seconds, task.ready_at)

    def _finish(self, lane: _Lane, task: Task) -> None:
        task.ended_at = self._end_of(task)
        task.state = "FAILED" if task.error else "SUCCEEDED"
        task.billed = 0 if task.error else task.images
        lane.running.remove(task)

    def _start(self, lane: _Lane, now: float) -> None:
        while lane.waiting and len(lane.running) < self._concurrency:
            task = lane.waiting.popleft()
            task.state, task.started_at = "RUNNING", max(now, task.received_at)
            lane.running.append(task)
        lane.max_running = max(lane.max_running, len(lane.running))
