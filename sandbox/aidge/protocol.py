"""Aidge's protocol under /aidge: submit, query, results.

Source: the virtual try-on submit reference, the vendor's samples (read 2026-11-20). What they
leave open is an option; an element of requestParams is a sub-task, one call one task of them all.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sandbox.aidge.responses import (
    EXHAUSTED,
    FAULT_REPLIES,
    MODEL_FAILED,
    NO_SUCH_API,
    TOO_MANY,
    error_reply,
    invalid_input,
    success_reply,
)
from sandbox.aidge.validation import Element, owner_of, read_query, read_submit
from sandbox.aidge.work import Inputs, Work, image_name
from sandbox.call_log import Ledger, without_query_strings
from sandbox.faults import Faults
from sandbox.http_messages import Refused, Reply, Request
from sandbox.object_storage import Results, xml_reply
from sandbox.options import Options
from sandbox.rate_limits import Limits
from sandbox.result_images import Renderer
from sandbox.task_table import Busy, Task, TaskTable
from sandbox.workers import Workers

MODEL, TRIAL_MODEL = "aidge-tryon", "aidge-tryon-trial"
STATES = {"PENDING": "submitted", "RUNNING": "running", "SUCCEEDED": "finished", "FAILED": "failed"}
NO_SUCH_TASK = invalid_input("task_id")

Endpoint = Callable[[Request, str], Reply]


@dataclass(frozen=True)
class _Call:
    """One accepted call and its sub-tasks, in order."""

    owner: str
    task_ids: Sequence[str]


class Aidge:
    """The simulated provider: its endpoints, tasks and results."""

    def __init__(
        self,
        options: Options,
        table: TaskTable,
        ledger: Ledger,
        faults: Faults,
        renderer: Renderer,
    ) -> None:
        self._options = options
        self._table = table
        self._ledger = ledger
        self._faults = faults
        self._limits = Limits()
        self._results = Results()
        self._work = Work(renderer, self._results, options)
        self._workers = Workers(table, MODEL_FAILED)
        self._lock = threading.Lock()
        self._calls: dict[str, _Call] = {}

    def handle(self, request: Request) -> Reply:
        """Answer one request whose path is relative to /aidge."""
        result = request.path.startswith("/results/")
        try:
            return self._result(request) if result else self._api(request)
        except Refused as refused:
            self._ledger.refuse(refused.status, refused.code)
            if result:
                return xml_reply(refused)
            return error_reply(refused, own_status=self._options.aidge_statuses)

    def close(self) -> None:
        """End the threads and processes that do the work."""
        self._workers.close()

    def reset(self) -> None:
        """Remove all tasks and results."""
        for part in (self._table, self._limits, self._results):
            part.reset()
        with self._lock:
            self._calls.clear()

    # --- endpoints

    def _result(self, request: Request) -> Reply:
        if request.method != "GET":
            raise Refused(405, "MethodNotAllowed", "The method is not allowed here.")
        self._ledger.count("downloads")
        name = request.path.removeprefix("/results/")
        return self._faults.apply(
            "result", lambda: self._results.get(name, request.query), FAULT_REPLIES
        )

    def _api(self, request: Request) -> Reply:
        endpoints: dict[tuple[str, str], tuple[str, str, Endpoint]] = {
            ("POST", "/rest/ai/virtual/tryon"): ("submits", "submit", self._submit),
            ("POST", "/rest/ai/virtual/tryon-results"): ("queries", "query", self._query),
        }
        if (request.method, request.path) not in endpoints:
            raise NO_SUCH_API
        counted, on, endpoint = endpoints[request.method, request.path]
        self._ledger.count(counted)
        return self._faults.apply(
            on, lambda: self._run_endpoint(endpoint, on, request), FAULT_REPLIES
        )

    def _run_endpoint(self, endpoint: Endpoint, on: str, request: Request) -> Reply:
        owner = owner_of(request, self._options)
        rates = {
            "submit": self._options.submits_per_second,
            "query": self._options.queries_per_second,
        }
        if not self._limits.allow((owner, on), rates[on]):
            raise TOO_MANY
        return endpoint(request, owner)

    # --- calls and their sub-tasks

    def _submit(self, request: Request, owner: str) -> Reply:
        wanted = read_submit(request, lenient=self._options.aidge_lenient)
        model = TRIAL_MODEL if request.headers.get("x-iop-trial") == "true" else MODEL
        inputs: list[Inputs | None] = [None] * len(wanted)
        if self._options.aidge_image_errors == "submit":
            inputs = [self._work.fetch_inputs(one) for one in wanted]
        tasks = [self._task(owner, model, one) for one in wanted]
        # Looked up and accepted by one call at a time, or two would share what is left.
        with self._lock:
            self._check_quota(owner, model, sum(task.images for task in tasks))
            try:
                self._table.add_all(tasks)
            except Busy:
                raise TOO_MANY from None
            task_id = tasks[0].id
            self._calls[task_id] = _Call(owner, [task.id for task in tasks])
        for task, one, given in zip(tasks, wanted, inputs, strict=True):
            self._workers.start(task, partial(self._work.make, task, one, given))
        return success_reply({"result": {"taskId": task_id}})

    def _task(self, owner: str, model: str, wanted: Element) -> Task:
        images = wanted.images
        if self._options.aidge_count == "models" and wanted.model_images:
            images = len(wanted.model_images)
        sent = without_query_strings(wanted.sent)
        return Task(str(uuid.uuid4()), owner, model, sent, time.time(), images=images)

    def _check_quota(self, owner: str, model: str, images: int) -> None:
        """Count running tasks as used and failed ones as returned. Raises Refused."""
        options = self._options
        quota = options.aidge_trial_images if model == TRIAL_MODEL else options.aidge_paid_images
        if quota is None:
            return
        quota_tasks = [task for task in self._table.all(owner) if task.model == model]
        if images + sum(task.images for task in quota_tasks if task.state != "FAILED") > quota:
            raise EXHAUSTED

    def _query(self, request: Request, owner: str) -> Reply:
        task_id = read_query(request)
        with self._lock:
            call = self._calls.get(task_id)
        if call is None or call.owner != owner:
            raise NO_SUCH_TASK
        tasks = [task for one in call.task_ids if (task := self._table.get(owner, one))]
        if all(self._has_expired(task) for task in tasks):
            raise NO_SUCH_TASK
        status = _call_status([task.state for task in tasks])
        data: dict[str, Any] = {"taskStatus": status, "taskId": task_id}
        if status not in ("finished", "failed"):
            return success_reply(data)
        data["taskResult"] = [self._subtask_fields(request, task) for task in tasks]
        return success_reply(data, tasks[0].error if status == "failed" else None)

    def _has_expired(self, task: Task) -> bool:
        return time.time() > (task.ended_at or time.time()) + self._options.result_seconds

    def _subtask_fields(self, request: Request, task: Task) -> dict[str, Any]:
        """One sub-task. The fields of a failed one's reason are not documented."""
        fields: dict[str, Any] = {"taskStatus": STATES[task.state]}
        if task.state == "FAILED" and task.error:
            code, message = task.error
            return {**fields, "resCode": int(code), "resMessage": message}
        until = (task.ended_at or 0) + self._options.result_seconds
        paths = [self._results.path(image_name(task.id, n), until) for n in range(task.images)]
        garment = task.request["clothesList"][0]["imageUrl"]
        images = [{"imageUrl": f"{request.base}/aidge{path}", "clothes": garment} for path in paths]
        return {**fields, "taskResult": {"result": {"imageList": images}}}


def _call_status(states: Sequence[str]) -> str:
    """A call ends with its last sub-task; it has failed where all of them have."""
    if set(states) == {"PENDING"}:
        return "submitted"
    if {"PENDING", "RUNNING"} & set(states):
        return "running"
    return "finished" if "SUCCEEDED" in states else "failed"
