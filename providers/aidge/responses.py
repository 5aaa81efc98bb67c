"""Reading Aidge's answers: the task's own word first, then the codes, with every known tolerance.

Source: the virtual try-on submit reference, the vendor's samples, the result shapes that other
clients have met (read 2026-11-20).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from providers.aidge.errors import OF_THE_TASK, member, read_error, refusal, retry_after, task_error
from providers.contract import Outcome, ProviderError, RemoteImage, State
from providers.error_mapping import question, result_missing, text
from providers.http_client import Answer, json_of, over_https, without_secrets

# A word that is not listed means: still at work.
STATES: Mapping[str, State] = {
    "submitted": "pending",
    "running": "running",
    "finished": "succeeded",
    "failed": "failed",
}


def accepted(answer: Answer) -> Outcome:
    """The outcome of a submit. A task id means accepted, whatever the codes say."""
    if task_id := _task_id(answer):
        return Outcome("pending", task_id, raw=_raw(answer))
    return _failed(answer, refusal(answer))


def polled(answer: Answer, remote_id: str) -> Outcome:
    """What an answer says of a task, or why it says nothing of it."""
    data = _opened(member(answer.body, "data"))
    word = text(member(data, "taskStatus")).lower()
    if not word:
        return _failed(answer, _wordless(answer), remote_id)
    state = STATES.get(word, "running")
    if state not in ("succeeded", "failed"):
        return Outcome(state, remote_id, raw=_raw(answer))
    # Sub-tasks end one by one: what was made is paid for, also where another failed.
    urls = list(dict.fromkeys(image_urls(member(data, "taskResult"))))
    if urls:
        images = [RemoteImage(url=over_https(url)) for url in urls]
        return Outcome("succeeded", remote_id, images, usage=len(images), raw=_raw(answer))
    return _failed(answer, _empty_handed(answer, data, state), remote_id)


def image_urls(place: Any) -> Iterator[str]:
    """Every imageUrl below a place, through lists, objects and the JSON text of either."""
    place = _opened(place)
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
    data = _opened(member(answer.body, "data"))
    result = _opened(member(data, "result"))
    return text(member(result, "taskId") or member(data, "taskId"))


def _wordless(answer: Answer) -> ProviderError:
    """Without the task's word only a code that speaks of its images speaks of the task."""
    code, _, message = read_error(answer)
    if code in OF_THE_TASK:
        return task_error(answer, code, message)
    return question(refusal(answer))


def _empty_handed(answer: Answer, data: Any, state: State) -> ProviderError:
    """Why a task ended without an image: its own code, or that of the first part with one."""
    code, _, message = read_error(answer)
    if not code:
        code, message = next(_part_errors(member(data, "taskResult")), ("", message))
    if code or state == "failed":
        return task_error(answer, code or "TaskFailed", message)
    return result_missing()


def _part_errors(place: Any) -> Iterator[tuple[str, str]]:
    place = _opened(place)
    for part in place if isinstance(place, list) else [place]:
        code = text(member(part, "resCode") or member(part, "code"))
        message = text(member(part, "resMessage") or member(part, "message"))
        if code not in ("", "0", "200"):
            yield code, message
        elif text(member(part, "taskStatus")).lower() == "failed":
            yield "TaskFailed", message


def _failed(answer: Answer, error: ProviderError, remote_id: str = "") -> Outcome:
    wait = retry_after(answer, error)
    return Outcome.failed(error, remote_id=remote_id, retry_after=wait, raw=_raw(answer))


def _raw(answer: Answer) -> dict[str, Any]:
    return {"status": answer.status, **without_secrets(answer.body or {})}


def _opened(place: Any) -> Any:
    """Some answers carry an object as its JSON text."""
    if isinstance(place, str) and place.lstrip()[:1] in ("{", "["):
        return json_of(place)
    return place
