"""Check Aliyun Market's requests to the letter of its manual (read 2026-11-20)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.aliyun_market.responses import BAD_FIELD, BAD_URL, EMPTY_FIELD, NO_BODY, NOT_JSON
from sandbox.http_messages import Request

MAX_TASKS = 10
MODELS = ("fast", "full")  # by inference mode
SLOTS = {"upper_image": "top", "lower_image": "bottom", "full_image": "dress"}
# The manual's table and its examples spell this field differently.
MODE_NAMES = ("inferenceMode", "inference_mode")
FIELDS = {"model_image", *SLOTS, *MODE_NAMES}


@dataclass(frozen=True)
class SubTask:
    """One checked sub-task: URLs by role (person, top, bottom, dress), `sent` as received."""

    model: str
    addresses: Mapping[str, str]
    sent: Mapping[str, Any]


def read_submit(request: Request) -> list[SubTask]:
    """Return the sub-tasks of a call. Raises Refused."""
    tasks = _read_data(request).get("task_list")
    if not tasks:
        raise EMPTY_FIELD
    if not isinstance(tasks, list) or len(tasks) > MAX_TASKS:
        raise BAD_FIELD
    return [_read_task(task) for task in tasks]


def read_query(request: Request) -> str:
    """Return the queried result key. Raises Refused."""
    key = _read_data(request).get("result_key")
    if not key:
        raise EMPTY_FIELD
    if not isinstance(key, str):
        raise BAD_FIELD
    return key


def _read_data(request: Request) -> Mapping[str, Any]:
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise NOT_JSON
    if not request.body.strip():
        raise NO_BODY
    try:
        body = json.loads(request.body)
    except ValueError:
        raise BAD_FIELD from None
    if not isinstance(body, dict):
        raise BAD_FIELD
    if not body.get("data"):
        raise EMPTY_FIELD
    if not isinstance(body["data"], dict):
        raise BAD_FIELD
    return body["data"]


def _read_task(task: Any) -> SubTask:
    if not isinstance(task, dict) or set(task) - FIELDS:
        raise BAD_FIELD
    addresses = {"person": _check_url(task.get("model_image"))}
    for field, slot in SLOTS.items():
        if field in task:
            addresses[slot] = _garment_url(task[field])
    if len(addresses) == 1:
        raise EMPTY_FIELD
    return SubTask(MODELS[_mode_number(task)], addresses, task)


def _garment_url(image: Any) -> str:
    if not isinstance(image, dict) or set(image) - {"url", "type"}:
        raise BAD_FIELD
    if image.get("type") in (None, ""):
        raise EMPTY_FIELD
    _zero_or_one(image["type"])
    return _check_url(image.get("url"))


def _check_url(url: Any) -> str:
    if not url:
        raise EMPTY_FIELD
    if not isinstance(url, str):
        raise BAD_FIELD
    if not url.startswith(("http://", "https://")):
        raise BAD_URL
    return url


def _mode_number(task: Mapping[str, Any]) -> int:
    modes = {_zero_or_one(task[name]) for name in MODE_NAMES if name in task}
    if len(modes) > 1:
        raise BAD_FIELD
    return modes.pop() if modes else 0


def _zero_or_one(value: Any) -> int:
    """0 or 1: a string to the manual's table, a number in its examples. True is neither."""
    if type(value) not in (int, str) or value not in (0, 1, "0", "1"):
        raise BAD_FIELD
    return int(value)
