"""Reading DashScope's answers: the body first, then the status, and both shapes of everything.

Source: the aitryon-refiner and aitryon-plus references, the quick start (older result shape) and
the official SDK's own tolerances (read 2026-11-20).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from providers.contract import Outcome, RemoteImage, State
from providers.dashscope.errors import task_error
from providers.error_mapping import result_missing
from providers.http_client import Answer, over_https, without_secrets

# UNKNOWN is terminal: the task never existed, is older than a day, or is another account's.
# A word that is not listed (PRE-PROCESSING, SUSPENDED, tomorrow's) means: still at work.
STATES: Mapping[str, State] = {
    "PENDING": "pending",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "CANCELED": "canceled",
    "CANCELLED": "canceled",
    "UNKNOWN": "lost",
}


def state_of(word: Any) -> State:
    return STATES.get(str(word).upper(), "running")


def output_of(answer: Answer) -> Mapping[str, Any]:
    output = (answer.body or {}).get("output")
    return output if isinstance(output, Mapping) else {}


def task_id_of(answer: Answer) -> str:
    return str(output_of(answer).get("task_id") or "")


def task_outcome(answer: Answer, remote_id: str) -> Outcome | None:
    """What an answer says of a task; None where it says nothing of one."""
    word = output_of(answer).get("task_status")
    if not word:
        return None
    facts: dict[str, Any] = {"remote_id": remote_id, **facts_of(answer)}
    state = state_of(word)
    if state == "failed":
        return Outcome.failed(task_error(answer), **facts)
    if state != "succeeded":
        return Outcome(state, **facts)
    images = [RemoteImage(url=over_https(url)) for url in image_urls(output_of(answer))]
    return (
        Outcome(state, images=images, **facts)
        if images
        else Outcome.failed(result_missing(), **facts)
    )


def facts_of(answer: Answer) -> dict[str, Any]:
    """What every outcome carries: usage, retry_after and the answer without secrets."""
    told = {"request_id": answer.headers.get("x-request-id", ""), **(answer.body or {})}
    raw = {"status": answer.status, **without_secrets(told)}
    return {"usage": _image_count(answer), "retry_after": answer.retry_after, "raw": raw}


def image_urls(output: Mapping[str, Any]) -> list[str]:
    """The result addresses, wherever this version of the service puts them."""
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
