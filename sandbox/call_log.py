"""Everything that was received, accepted, billed and refused, for tests and benches to check."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from typing import Any

from sandbox.task_table import Task, TaskTable


class Ledger:
    """Counts of requests, and every accepted task with what it billed."""

    def __init__(self, tables: Mapping[str, TaskTable]) -> None:
        self._tables = tables
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._parses: list[dict[str, Any]] = []
        self._latest: defaultdict[str, deque[float]] = defaultdict(deque)
        self._busiest: Counter[str] = Counter()

    def count(self, name: str) -> None:
        """Count one request, and the most that came within any second."""
        now = time.monotonic()
        with self._lock:
            self._counts[name] += 1
            latest = self._latest[name]
            latest.append(now)
            while latest[0] <= now - 1:
                latest.popleft()
            self._busiest[name] = max(self._busiest[name], len(latest))

    def refuse(self, status: int, code: str) -> None:
        """Count one refused request by its error code; status 429 counts as throttled."""
        with self._lock:
            self._refused[code] += 1
            self._counts["throttled"] += status == 429

    def parsed(self, model: str, received_at: float, ended_at: float, request: Any) -> None:
        """Record a synchronous call that was answered, and so billed; times are epoch seconds."""
        entry = {"model": model, "received_at": received_at, "ended_at": ended_at}
        with self._lock:
            self._parses.append({**entry, "billed": 1, "request": request})

    def as_dict(self) -> dict[str, Any]:
        """Return counters, tasks and parses as JSON values."""
        tasks = [_entry(name, task) for name, table in self._tables.items() for task in table.all()]
        peaks = [table.peaks() for table in self._tables.values()]
        with self._lock:
            counts, refused = dict(self._counts), dict(self._refused)
            parses, busiest = list(self._parses), dict(self._busiest)
        billed = Counter[str]()
        for entry in (*tasks, *parses):
            billed[entry["model"]] += entry["billed"]
        names = ("submits", "queries", "lists", "cancels", "parses", "uploads", "downloads")
        return {
            "counters": {
                **{name: counts.get(name, 0) for name in (*names, "throttled")},
                "refused": refused,
                "max_per_second": busiest,
                "max_running": max((peak["max_running"] for peak in peaks), default=0),
                "max_in_flight": max((peak["max_in_flight"] for peak in peaks), default=0),
                "accepted": len(tasks),
                "billed": sum(billed.values()),
                "billed_by_model": dict(billed),
            },
            "tasks": tasks,
            "parses": parses,
        }

    def reset(self) -> None:
        """Clear all counts and parses; the tasks belong to the tables."""
        with self._lock:
            self._counts.clear()
            self._refused.clear()
            self._parses.clear()
            self._latest.clear()
            self._busiest.clear()


def without_query_strings(value: Any) -> Any:
    """Return a copy of a request without the query strings that sign addresses."""
    if isinstance(value, Mapping):
        return {key: without_query_strings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_query_strings(item) for item in value]
    if isinstance(value, str) and "://" in value:
        return value.partition("?")[0]
    return value


def _entry(provider: str, task: Task) -> dict[str, Any]:
    return {
        "task_id": task.id,
        "provider": provider,
        "account": task.owner,
        "model": task.model,
        "received_at": task.received_at,
        "started_at": task.started_at,
        "ended_at": task.ended_at,
        "state": task.state,
        "error": task.error[0] if task.error and task.state == "FAILED" else "",
        "billed": task.billed,
        "request": task.request,
    }
