"""Read DashScope's list of tasks: windows, pages and rows.

Source: Model Studio's page on managing asynchronous tasks, the official SDK (read 2026-11-20).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from providers.contract import RemoteTask
from providers.dashscope.responses import state_of

# The service writes and reads its times without a zone, in Beijing time.
BEIJING = timezone(timedelta(hours=8))
DAY = timedelta(hours=24)
PAGE_SIZE = 100

ListPage = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def list_tasks(list_page: ListPage, since: datetime, until: datetime) -> list[RemoteTask]:
    """Return all tasks of a window, rounded outwards to seconds, each once.

    `list_page` asks for one page.
    """
    since, until = since.replace(microsecond=0), _whole_second_after(until)
    found: dict[str, RemoteTask] = {}
    while since < until:  # the service lists at most 24 hours at a time
        end = min(until, since + DAY)
        for task in _tasks_of_window(list_page, since, end):
            found.setdefault(task.remote_id, task)
        since = end
    return list(found.values())


def _tasks_of_window(list_page: ListPage, since: datetime, until: datetime) -> Iterator[RemoteTask]:
    window = {"start_time": _beijing_text(since), "end_time": _beijing_text(until)}
    number, rows = 0, 0
    while True:
        number += 1
        body = list_page({**window, "page_no": number, "page_size": PAGE_SIZE})
        tasks = tasks_on_page(body, since)
        rows += len(tasks)
        yield from (task for task in tasks if since <= task.created_at <= until)
        if not tasks or _is_last(body, number, rows):
            return


def _is_last(body: Mapping[str, Any], number: int, rows: int) -> bool:
    """By the page count, else by the total; an answer with neither is read until it is empty."""
    for name, done in (("total_page", number), ("total", rows)):
        if isinstance(body.get(name), int):
            return done >= int(body[name])
    return False


def tasks_on_page(body: Mapping[str, Any], since: datetime) -> list[RemoteTask]:
    """Return the tasks of one page; its key is `data` or, in the SDK, `tasks`."""
    rows = body.get("data") or body.get("tasks") or []
    rows = rows if isinstance(rows, list) else []
    return [
        _remote_task(row, since) for row in rows if isinstance(row, Mapping) and row.get("task_id")
    ]


def _remote_task(row: Mapping[str, Any], since: datetime) -> RemoteTask:
    model = str(row.get("model_name") or row.get("model") or "")
    status = row.get("status") or row.get("task_status")
    return RemoteTask(str(row["task_id"]), model, _created_at(row) or since, state_of(status))


def _created_at(row: Mapping[str, Any]) -> datetime | None:
    """When a row was made; None where no time is given: such a row must not be lost."""
    for name in ("gmt_create", "start_time", "submit_time"):
        try:
            return datetime.fromtimestamp(float(row[name]) / 1000, BEIJING)
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            continue
    return None


def _beijing_text(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")


def _whole_second_after(moment: datetime) -> datetime:
    return datetime.fromtimestamp(math.ceil(moment.timestamp()), UTC)
