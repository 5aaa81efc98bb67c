"""Read EventBridge's notices of finished DashScope tasks: a CloudEvent without a result.

Source: Model Studio's page on asynchronous tasks, event notification (read 2026-11-20).
"""

from __future__ import annotations

import json
from typing import Any

FINISHED = "dashscope:System:AsyncTaskFinish"


class MalformedEvent(ValueError):
    """Not the event that is expected here; the text is for the operator who sets it up."""


def finished_task_id(body: bytes) -> str:
    """Return the id of the finished task; "" for an event of another kind.

    Raises MalformedEvent.
    """
    event = _as_object(_decode(body), "The event")
    kind = event.get("type")
    if not isinstance(kind, str):
        raise MalformedEvent("The event has no type: is it a CloudEvent?")
    if kind != FINISHED:
        return ""
    task_id = _as_object(event.get("data"), "data").get("task_id")
    if not isinstance(task_id, str) or not 0 < len(task_id) <= 100 or not task_id.isprintable():
        raise MalformedEvent("data.task_id is not the id of a task.")
    return task_id


def _decode(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedEvent("The body is not JSON.") from None


def _as_object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedEvent(f"{name} is not a JSON object.")
    return value
