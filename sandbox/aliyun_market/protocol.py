"""Aliyun Market's protocol under /aliyun-market: submit, query, results.

Source: the product's own manual, the API gateway's error pages (read 2026-11-20). What they leave
open is an option; an error they do not mention gets the code that comes nearest.
"""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sandbox.aliyun_market.responses import (
    BAD_APPCODE,
    BAD_IMAGE,
    BUSY,
    FAULT_REPLIES,
    JOB_FAILED,
    NO_NONCE,
    NO_SUCH_API,
    NO_SUCH_KEY,
    NO_TOKEN,
    NOT_POST,
    RULES,
    TOO_MANY,
    USED_NONCE,
    error_reply,
    success_reply,
)
from sandbox.aliyun_market.validation import SubTask, read_query, read_submit
from sandbox.call_log import Ledger, without_query_strings
from sandbox.faults import Faults
from sandbox.http_messages import Refused, Reply, Request
from sandbox.input_images import Fetcher, InputImage
from sandbox.object_storage import Results, xml_reply
from sandbox.options import Options
from sandbox.rate_limits import Limits
from sandbox.result_images import INFERENCE_FAILED, Renderer, vary_picture
from sandbox.task_table import Busy, Task, TaskTable
from sandbox.workers import Workers

STATES = {"PENDING": "WAITING", "RUNNING": "RUNNING", "SUCCEEDED": "SUCCESS", "FAILED": "FAILED"}
THROTTLES = (BUSY, TOO_MANY)

Endpoint = Callable[[Request, str], Reply]


class AliyunMarket:
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
        self._renderer = renderer
        self._limits = Limits()
        self._results = Results()
        self._fetcher = Fetcher(options.fetch_seconds, RULES, refuse_private=options.refuse_private)
        self._workers = Workers(table, JOB_FAILED)
        self._lock = threading.Lock()
        self._calls: dict[str, list[str]] = {}  # the ids of sub-tasks by result key
        self._nonces: set[tuple[str, str]] = set()

    def handle(self, request: Request) -> Reply:
        """Answer one request whose path is relative to /aliyun-market."""
        result = request.path.startswith("/results/")
        try:
            return self._result(request) if result else self._api(request)
        except Refused as refused:
            # The ledger counts status 429 as throttled; here it may be 403.
            status = 429 if refused in THROTTLES else refused.status
            self._ledger.refuse(status, refused.code)
            return xml_reply(refused) if result else error_reply(refused, self._options.gateway)

    def close(self) -> None:
        """End the threads and processes that do the work."""
        self._workers.close()

    def reset(self) -> None:
        """Remove all tasks and results."""
        for part in (self._table, self._limits, self._results):
            part.reset()
        with self._lock:
            self._calls.clear()
            self._nonces.clear()

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
        endpoints: dict[str, tuple[str, str, Endpoint]] = {
            "/api/v2/tryon/submit": ("submits", "submit", self._submit),
            "/api/v2/tryon/query": ("queries", "query", self._query),
        }
        if request.path not in endpoints:
            raise NO_SUCH_API
        if request.method != "POST":
            raise NOT_POST
        counted, on, endpoint = endpoints[request.path]
        self._ledger.count(counted)
        return self._faults.apply(
            on, lambda: self._run_endpoint(endpoint, on, request), FAULT_REPLIES
        )

    def _run_endpoint(self, endpoint: Endpoint, on: str, request: Request) -> Reply:
        owner = self._owner(request)
        self._use_nonce(owner, request.headers.get("x-ca-nonce", ""))
        rates = {
            "submit": self._options.submits_per_second,
            "query": self._options.queries_per_second,
        }
        if not self._limits.allow((owner, on), rates[on]):
            raise TOO_MANY
        return endpoint(request, owner)

    def _owner(self, request: Request) -> str:
        """The account of an AppCode, as a hash. Raises Refused."""
        scheme, _, code = request.headers.get("authorization", "").partition(" ")
        if scheme != "APPCODE" or not code.strip():
            raise NO_TOKEN
        if self._options.api_keys and code not in self._options.api_keys:
            raise BAD_APPCODE
        return hashlib.sha256(code.encode()).hexdigest()[:12]

    def _use_nonce(self, owner: str, nonce: str) -> None:
        if not nonce:
            raise NO_NONCE
        with self._lock:
            if (owner, nonce) in self._nonces:
                raise USED_NONCE
            self._nonces.add((owner, nonce))

    # --- calls and their sub-tasks

    def _submit(self, request: Request, owner: str) -> Reply:
        wanted = read_submit(request)
        images: list[dict[str, InputImage] | None] = [None] * len(wanted)
        if self._options.image_errors == "submit":
            images = [self._fetch_inputs(one) for one in wanted]
        key = uuid.uuid4().hex
        tasks = [self._task(owner, key, one, index) for index, one in enumerate(wanted)]
        try:
            self._table.add_all(tasks)
        except Busy:
            raise BUSY from None
        with self._lock:
            self._calls[key] = [task.id for task in tasks]
        for task, one, fetched in zip(tasks, wanted, images, strict=True):
            self._workers.start(task, partial(self._make_images, task, one, fetched))
        task_list = [{**one.sent, "status": "WAITING"} for one in wanted]
        return success_reply({"result_key": key, "task_list": task_list})

    def _task(self, owner: str, key: str, wanted: SubTask, index: int) -> Task:
        return Task(
            f"{key}-{index}",
            owner,
            wanted.model,
            without_query_strings(wanted.sent),
            time.time(),
            images=self._options.images_per_result,
            slowness=1 + self._options.subtask_spread * index,
        )

    def _query(self, request: Request, owner: str) -> Reply:
        key = read_query(request)
        with self._lock:
            ids = self._calls.get(key, [])
        tasks = [task for one in ids if (task := self._table.get(owner, one))]
        if all(self._has_expired(task) for task in tasks):
            raise NO_SUCH_KEY
        task_list = [self._subtask_fields(request, task) for task in tasks]
        return success_reply({"result_key": key, "task_list": task_list})

    def _has_expired(self, task: Task) -> bool:
        return time.time() > (task.ended_at or time.time()) + self._options.result_seconds

    def _subtask_fields(self, request: Request, task: Task) -> dict[str, Any]:
        fields: dict[str, Any] = {"status": STATES[task.state]}
        if task.state == "SUCCEEDED":
            until = (task.ended_at or 0) + self._options.result_seconds
            paths = [self._results.path(_image_name(task, n), until) for n in range(task.images)]
            fields["results"] = [f"{request.base}/aliyun-market{path}" for path in paths]
        elif task.state == "FAILED" and task.error and self._options.subtask_reasons:
            fields["code"], fields["message"] = task.error
        return fields

    # --- the work of a sub-task

    def _make_images(
        self, task: Task, wanted: SubTask, images: dict[str, InputImage] | None
    ) -> None:
        images = images or self._fetch_inputs(wanted)
        try:
            first = self._renderer.tryon(images["person"], _garments(images), -1, task.id)
        except Refused as refused:
            raise (JOB_FAILED if refused.code == INFERENCE_FAILED.code else BAD_IMAGE) from None
        for n in range(task.images):
            self._results.put(_image_name(task, n), vary_picture(first, n))

    def _fetch_inputs(self, wanted: SubTask) -> dict[str, InputImage]:
        return {role: self._fetcher.fetch(url) for role, url in wanted.addresses.items()}


def _garments(images: Mapping[str, InputImage]) -> dict[str, InputImage]:
    """What is worn where all three are sent is not documented: here the whole set."""
    slots = ("dress",) if "dress" in images else ("top", "bottom")
    return {slot: images[slot] for slot in slots if slot in images}


def _image_name(task: Task, n: int) -> str:
    return f"{task.id}-{n}.jpg"
