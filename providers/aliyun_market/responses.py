"""Reading Aliyun Market's answers: the sub-task of an index, the body before the status.

Source: the product's own manual of the interface (read 2026-11-20). A query's answer need not
repeat what was sent, so sub-tasks are told apart by their place alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from providers.aliyun_market.errors import OF_THE_TASK, UNKNOWN_KEY, read_error, refusal, task_error
from providers.contract import Outcome, RemoteImage, State
from providers.error_mapping import changed, question, result_missing
from providers.http_client import Answer, over_https, without_secrets

# A word that is not listed (RUNNING, tomorrow's) means: still at work.
STATES: Mapping[str, State] = {"WAITING": "pending", "SUCCESS": "succeeded", "FAILED": "failed"}


def result_key_of(answer: Answer) -> str:
    return str(_data_of(answer).get("result_key") or "")


def subtask_outcome(answer: Answer, remote_id: str) -> Outcome:
    """What the answer to a query says of one sub-task."""
    tasks, index = _task_list_of(answer), _index_of(remote_id)
    if not tasks:
        return _without_tasks(answer, remote_id)
    if index is None or index >= len(tasks):
        return Outcome("lost", remote_id, **facts_of(answer))
    return _outcome(tasks[index], answer, remote_id)


def facts_of(answer: Answer, task: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What every outcome carries: retry_after and the answer without secrets.

    Of the sub-tasks only its own: the others are other jobs'.
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
    facts: dict[str, Any] = {"remote_id": remote_id, **facts_of(answer, task)}
    state = STATES.get(str(task.get("status")).upper(), "running")
    if state == "failed":
        return Outcome.failed(task_error(task, answer), **facts)
    if state != "succeeded":
        return Outcome(state, **facts)
    images = [RemoteImage(url=over_https(url)) for url in _results(task)]
    if not images:
        return Outcome.failed(result_missing(), **facts)
    # What is billed is not documented: an image is taken for the unit.
    return Outcome(state, images=images, usage=len(images), **facts)


def _without_tasks(answer: Answer, remote_id: str) -> Outcome:
    """An answer that lists no sub-task: of the whole call, or of the question alone."""
    facts: dict[str, Any] = {"remote_id": remote_id, **facts_of(answer)}
    code, _ = read_error(answer)
    if code == UNKNOWN_KEY:
        return Outcome("lost", **facts)
    if code in OF_THE_TASK:
        return Outcome.failed(changed(refusal(answer), "yes"), **facts)
    return Outcome.failed(question(refusal(answer)), **facts)


def _data_of(answer: Answer) -> Mapping[str, Any]:
    data = (answer.body or {}).get("data")
    return data if isinstance(data, Mapping) else {}


def _task_list_of(answer: Answer) -> Sequence[Mapping[str, Any]]:
    tasks = _data_of(answer).get("task_list")
    return [t if isinstance(t, Mapping) else {} for t in tasks] if isinstance(tasks, list) else ()


def _index_of(remote_id: str) -> int | None:
    index = remote_id.rpartition("#")[2]
    return int(index) if index.isdecimal() else None


def _results(task: Mapping[str, Any]) -> list[str]:
    """The addresses of the images; those of the manual's table begin with a space."""
    results = task.get("results")
    urls = [results] if isinstance(results, str) else results if isinstance(results, list) else ()
    return [url.strip() for url in urls if isinstance(url, str) and "://" in url]
