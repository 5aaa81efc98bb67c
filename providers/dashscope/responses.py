"""Read DashScope's answers: the body first, then the status, and both shapes of everything.

Source: the aitryon-refiner and aitryon-plus references, the quick start (older result shape) and
the official SDK's own tolerances (read 2026-11-20).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from providers.contract import Outcome, RemoteImage, State
from providers.dashscope.errors import task_error
from providers.error_mapping import result_missing
from providers.http_client import Answer, prefer_https, without_secrets

# UNKNOWN is terminal: the task never existed, is older than a day, or is another account's.
# A status that is not listed (PRE-PROCESSING, SUSPENDED, a future one) means: still at work.
STATES: Mapping[str, State] = {
    "PENDING": "pending",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "CANCELED": "canceled",
    "CANCELLED": "canceled",
    "UNKNOWN": "lost",
}


def state_of(status: Any) -> State:
    """Return our state for the service's status."""
    return STATES.get(str(status).upper(), "running")


def output_of(answer: Answer) -> Mapping[str, Any]:
    """Return the `output` object of an answer; empty where there is none."""
    output = (answer.body or {}).get("output")
    return output if isinstance(output, Mapping) else {}


def task_outcome(answer: Answer, remote_id: str) -> Outcome | None:
    """Return the outcome of a task; None where the answer has no task."""
    status = output_of(answer).get("task_status")
    if not status:
        return None
    facts: dict[str, Any] = {"remote_id": remote_id, **outcome_fields(answer)}
    state = state_of(status)
    if state == "failed":
        return Outcome.failed(task_error(answer), **facts)
    if state != "succeeded":
        return Outcome(state, **facts)
    images = [RemoteImage(url=prefer_https(url)) for url in image_urls(output_of(answer))]
    return (
        Outcome(state, images=images, **facts)
        if images
        else Outcome.failed(result_missing(), **facts)
    )


def outcome_fields(answer: Answer) -> dict[str, Any]:
    """Return the fields of every outcome: usage, retry_after and the answer without secrets."""
    body = {"request_id": answer.headers.get("x-request-id", ""), **(answer.body or {})}
    raw = {"status": answer.status, **without_secrets(body)}
    return {"usage": _image_count(answer), "retry_after": answer.retry_after, "raw": raw}


def image_urls(output: Mapping[str, Any]) -> list[str]:
    """Return the result URLs, wherever this version of the service puts them."""
    results = output.get("results")
    for place in (output.get("image_url"), results, output.get("output_image_url")):
        if urls := list(_urls(place)):
            return urls
    return []


def _urls(place: Any) -> Iterator[str]:
    if isinstance(place, str):
        if "://" in place:
            yield place
    elif isinstance(place, list):
        for item in place:
            yield from _urls(item)
    elif isinstance(place, Mapping):
        yield from _urls(place.get("image_url") or place.get("url"))


def _image_count(answer: Answer) -> int | None:
    usage = (answer.body or {}).get("usage")
    try:
        return max(0, int(usage["image_count"])) if isinstance(usage, Mapping) else None
    except (KeyError, TypeError, ValueError):
        return None
