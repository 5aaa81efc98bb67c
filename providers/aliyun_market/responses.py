"""Read Aliyun Market's answers: the sub-task of an index, the body before the status.

Source: the product's own manual of the interface (read 2026-11-20). A query's answer need not
repeat what was sent, so sub-tasks are identified by their place alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from providers.aliyun_market.errors import (
    TASK_ERROR_CODES,
    UNKNOWN_KEY,
    call_error,
    read_error,
    task_error,
)
from providers.contract import Outcome, RemoteImage, State
from providers.error_mapping import as_query_error, result_missing, with_sent
from providers.http_client import Answer, prefer_https, without_secrets

# A status that is not listed (RUNNING, a future one) means: still at work.
STATES: Mapping[str, State] = {"WAITING": "pending", "SUCCESS": "succeeded", "FAILED": "failed"}


def result_key_of(answer: Answer) -> str:
    """Return the key of an accepted call; "" where the answer has none."""
    return str(_data_of(answer).get("result_key") or "")


def subtask_outcome(answer: Answer, remote_id: str) -> Outcome:
    """Return the outcome of one sub-task, from the answer to a query of its call."""
    tasks, index = _task_list_of(answer), _index_of(remote_id)
    if not tasks:
        return _without_tasks(answer, remote_id)
    if index is None or index >= len(tasks):
        return Outcome("lost", remote_id, **outcome_fields(answer))
    return _outcome(tasks[index], answer, remote_id)


def outcome_fields(answer: Answer, task: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the fields of every outcome: retry_after and the answer without secrets.

    Of the sub-tasks only `task`: the others belong to other jobs.
    """
    raw: dict[str, Any] = {"status": answer.status, **(answer.body or {})}
    raw.pop("data", None)
    if task:
        raw["task"] = task
    for name in ("x-ca-request-id", "x-ca-error-code", "x-ca-error-message"):
        if name in answer.headers:
            raw[name] = answer.headers[name]
    return {"retry_after": answer.retry_after, "raw": without_secrets(raw)}


def _outcome(task: Mapping[str, Any], answer: Answer, remote_id: str) -> Outcome:
    facts: dict[str, Any] = {"remote_id": remote_id, **outcome_fields(answer, task)}
    state = STATES.get(str(task.get("status")).upper(), "running")
    if state == "failed":
        return Outcome.failed(task_error(task, answer), **facts)
    if state != "succeeded":
        return Outcome(state, **facts)
    images = [RemoteImage(url=prefer_https(url)) for url in _image_urls(task)]
    if not images:
        return Outcome.failed(result_missing(), **facts)
    # What is billed is not documented: an image is taken for the unit.
    return Outcome(state, images=images, usage=len(images), **facts)


def _without_tasks(answer: Answer, remote_id: str) -> Outcome:
    """An answer without sub-tasks: an error of the whole call, or of the query alone."""
    facts: dict[str, Any] = {"remote_id": remote_id, **outcome_fields(answer)}
    code, _ = read_error(answer)
    if code == UNKNOWN_KEY:
        return Outcome("lost", **facts)
    if code in TASK_ERROR_CODES:
        return Outcome.failed(with_sent(call_error(answer), "yes"), **facts)
    return Outcome.failed(as_query_error(call_error(answer)), **facts)


def _data_of(answer: Answer) -> Mapping[str, Any]:
    data = (answer.body or {}).get("data")
    return data if isinstance(data, Mapping) else {}


def _task_list_of(answer: Answer) -> Sequence[Mapping[str, Any]]:
    tasks = _data_of(answer).get("task_list")
    return [t if isinstance(t, Mapping) else {} for t in tasks] if isinstance(tasks, list) else ()


def _index_of(remote_id: str) -> int | None:
    index = remote_id.rpartition("#")[2]
    return int(index) if index.isdecimal() else None


def _image_urls(task: Mapping[str, Any]) -> list[str]:
    """The addresses of the images; those of the manual's table begin with a space."""
    results = task.get("results")
    urls = [results] if isinstance(results, str) else results if isinstance(results, list) else ()
    return [url.strip() for url in urls if isinstance(url, str) and "://" in url]
