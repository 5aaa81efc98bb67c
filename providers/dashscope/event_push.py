"""What EventBridge says of DashScope's tasks: a CloudEvent without a result.

Source: Model Studio's page on asynchronous tasks, event notification (read 2026-11-20).
"""

from __future__ import annotations

import json
from typing import Any

FINISHED = "dashscope:System:AsyncTaskFinish"


class Malformed(ValueError):
    """Not the event that is expected here; the text says why, to whoever sets it up."""


def finished_task(body: bytes) -> str:
    """The task that an event tells of; "" for an event of another kind. Raises Malformed."""
    event = _object(_decoded(body), "The event")
    kind = event.get("type")
    if not isinstance(kind, str):
        raise Malformed("The event has no type: is it a CloudEvent?")
    if kind != FINISHED:
        return ""
    task_id = _object(event.get("data"), "data").get("task_id")
    if not isinstance(task_id, str) or not 0 < len(task_id) <= 100 or not task_id.isprintable():
        raise Malformed("data.task_id is not the id of a task.")
    return task_id


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.") from None


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(f"{name} is not a JSON object.")
    return value
