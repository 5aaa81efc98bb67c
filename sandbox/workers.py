"""The threads that do the work of accepted tasks, beside the clock that moves them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sandbox.http_messages import Refused
from sandbox.result_images import INFERENCE_FAILED
from sandbox.task_table import Task, TaskTable


class Workers:
    """Threads that run the work of accepted tasks.

    `failed` is the error of a task whose work raised anything but Refused.
    """

    def __init__(self, table: TaskTable, failed: Refused = INFERENCE_FAILED) -> None:
        self._table = table
        self._failed = failed
        self._pool = ThreadPoolExecutor(16, thread_name_prefix="sandbox-work")

    def start(self, task: Task, work: Callable[[], None]) -> None:
        """Do the work, and end the task with what it raised, unless it was cancelled before."""
        self._pool.submit(self._work, task, work)

    def close(self) -> None:
        """Cancel what has not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _work(self, task: Task, work: Callable[[], None]) -> None:
        error = None
        try:
            current = self._table.get(task.owner, task.id)
            if current is not None and current.state != "CANCELED":
                work()
        except Refused as refused:
            error = (refused.code, refused.message)
        except Exception:  # noqa: BLE001 - the engine's faults are the provider's
            error = (self._failed.code, self._failed.message)
        self._table.finish_work(task.id, error)
