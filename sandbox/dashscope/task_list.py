"""The batch list: filters, paging and the flat shape.

Source: Model Studio's page on managing asynchronous tasks, the official SDK (read 2026-11-20).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from sandbox.dashscope.validation import BAD_REQUEST
from sandbox.task_table import Task

BEIJING = timezone(timedelta(hours=8))
DAY = timedelta(hours=24)
STATES = ("PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED", "UNKNOWN")
MAX_PAGE_SIZE = 100


def page_of(tasks: Sequence[Task], query: Mapping[str, str], key: str) -> dict[str, Any]:
    """Return one page of an account's tasks, newest first. Raises Refused."""
    since, until = window(query)
    if query.get("status") and query["status"] not in STATES:
        raise BAD_REQUEST
    rows = [
        task
        for task in reversed(tasks)
        if since <= task.received_at <= until
        and query.get("task_id") in (None, "", task.id)
        and query.get("model_name") in (None, "", task.model)
        and query.get("status") in (None, "", task.state)
    ]
    number, size = _positive(query, "page_no", 1), _positive(query, "page_size", 10)
    size = min(size, MAX_PAGE_SIZE)
    page = rows[(number - 1) * size : number * size]
    return {
        "total": len(rows),
        key: [_row(task) for task in page],
        "total_page": -(-len(rows) // size),
        "page_no": number,
        "page_size": size,
    }


def window(query: Mapping[str, str]) -> tuple[float, float]:
    """Return the window in epoch seconds; a missing end is a day from the other. Raises Refused."""
    since, until = _moment(query.get("start_time")), _moment(query.get("end_time"))
    if until is None:
        until = since + DAY if since else datetime.now(BEIJING) + timedelta(seconds=1)
    since = since or until - DAY
    if not timedelta(0) <= until - since <= DAY + timedelta(seconds=1):
        raise BAD_REQUEST
    return since.timestamp(), until.timestamp()


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)
    except ValueError:
        raise BAD_REQUEST from None


def _positive(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name) or str(default)
    if not text.isdigit() or int(text) < 1:
        raise BAD_REQUEST
    return int(text)


def _row(task: Task) -> dict[str, Any]:
    row: dict[str, Any] = {
        "api_key_id": "1",
        "caller_parent_id": task.owner,
        "caller_uid": task.owner,
        "gmt_create": round(task.received_at * 1000),
        "model_name": task.model,
        "region": "cn-beijing",
        "request_id": task.id,
        "status": task.state,
        "task_id": task.id,
        "user_api_unique_key": f"apikey:v1:aigc:image2image:image-synthesis:{task.model}",
    }
    for name, at in (("start_time", task.started_at), ("end_time", task.ended_at)):
        if at is not None:
            row[name] = round(at * 1000)
    return row
