"""Read Aidge's answers: the task's status first, then the codes, with every known tolerance.

Source: the virtual try-on submit reference, the vendor's samples, the result shapes that other
clients have met (read 2026-11-20).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from providers.aidge.errors import (
    TASK_ERROR_CODES,
    call_error,
    get_any_case,
    read_error,
    retry_after,
    task_error,
)
from providers.contract import Outcome, ProviderError, RemoteImage, State
from providers.error_mapping import as_query_error, as_text, result_missing
from providers.http_client import Answer, decode_json, prefer_https, without_secrets

# A status that is not listed means: still at work.
STATES: Mapping[str, State] = {
    "submitted": "pending",
    "running": "running",
    "finished": "succeeded",
    "failed": "failed",
}


def submit_outcome(answer: Answer) -> Outcome:
    """Return the outcome of a submit. A task id means accepted, whatever the codes say."""
    if task_id := _task_id(answer):
        return Outcome("pending", task_id, raw=_raw_answer(answer))
    return _failed_outcome(answer, call_error(answer))


def poll_outcome(answer: Answer, remote_id: str) -> Outcome:
    """Return the outcome of a query; a failed one without "yes" proves nothing about the task."""
    data = _decode_json_text(get_any_case(answer.body, "data"))
    status = as_text(get_any_case(data, "taskStatus")).lower()
    if not status:
        return _failed_outcome(answer, _error_without_status(answer), remote_id)
    state = STATES.get(status, "running")
    if state not in ("succeeded", "failed"):
        return Outcome(state, remote_id, raw=_raw_answer(answer))
    # Sub-tasks end one by one: what was made is paid for, also where another failed.
    urls = list(dict.fromkeys(image_urls(get_any_case(data, "taskResult"))))
    if urls:
        images = [RemoteImage(url=prefer_https(url)) for url in urls]
        return Outcome("succeeded", remote_id, images, usage=len(images), raw=_raw_answer(answer))
    return _failed_outcome(answer, _error_without_images(answer, data, state), remote_id)


def image_urls(place: Any) -> Iterator[str]:
    """Yield every imageUrl below a place, through lists, objects and the JSON text of either."""
    place = _decode_json_text(place)
    if isinstance(place, list):
        for item in place:
            yield from image_urls(item)
    elif isinstance(place, Mapping):
        for name, value in place.items():
            if str(name).lower() == "imageurl" and isinstance(value, str) and "://" in value:
                yield value
            else:
                yield from image_urls(value)


def _task_id(answer: Answer) -> str:
    data = _decode_json_text(get_any_case(answer.body, "data"))
    result = _decode_json_text(get_any_case(data, "result"))
    return as_text(get_any_case(result, "taskId") or get_any_case(data, "taskId"))


def _error_without_status(answer: Answer) -> ProviderError:
    """Without a status, only a code about the images is an error of the task."""
    code, _, message = read_error(answer)
    if code in TASK_ERROR_CODES:
        return task_error(answer, code, message)
    return as_query_error(call_error(answer))


def _error_without_images(answer: Answer, data: Any, state: State) -> ProviderError:
    """The error of a task that ended without an image: its code, or its first part's."""
    code, _, message = read_error(answer)
    if not code:
        code, message = next(_part_errors(get_any_case(data, "taskResult")), ("", message))
    if code or state == "failed":
        return task_error(answer, code or "TaskFailed", message)
    return result_missing()


def _part_errors(place: Any) -> Iterator[tuple[str, str]]:
    place = _decode_json_text(place)
    for part in place if isinstance(place, list) else [place]:
        code = as_text(get_any_case(part, "resCode") or get_any_case(part, "code"))
        message = as_text(get_any_case(part, "resMessage") or get_any_case(part, "message"))
        if code not in ("", "0", "200"):
            yield code, message
        elif as_text(get_any_case(part, "taskStatus")).lower() == "failed":
            yield "TaskFailed", message


def _failed_outcome(answer: Answer, error: ProviderError, remote_id: str = "") -> Outcome:
    wait = retry_after(answer, error)
    return Outcome.failed(error, remote_id=remote_id, retry_after=wait, raw=_raw_answer(answer))


def _raw_answer(answer: Answer) -> dict[str, Any]:
    return {"status": answer.status, **without_secrets(answer.body or {})}


def _decode_json_text(place: Any) -> Any:
    """Some answers carry an object as its JSON text."""
    if isinstance(place, str) and place.lstrip()[:1] in ("{", "["):
        return decode_json(place)
    return place
