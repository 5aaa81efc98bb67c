"""DashScope's protocol under /dashscope: submit, query, list, cancel, parsing, uploads, results.

Source: the aitryon-refiner and aitryon-plus references, the quick start (older result shape), the
task management, parsing and upload pages, the official SDK (read 2026-11-20).
"""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from sandbox.call_log import Ledger, without_query_strings
from sandbox.dashscope.task_list import page_of
from sandbox.dashscope.validation import (
    BAD_REQUEST,
    NOT_ASYNCHRONOUS,
    NOT_SYNCHRONOUS,
    PARTS,
    read_model,
    read_parsing,
    read_synthesis,
)
from sandbox.dashscope.work import Work
from sandbox.faults import Faults
from sandbox.http_messages import Refused, Reply, Request, json_reply
from sandbox.input_images import Fetcher
from sandbox.object_storage import Results, Uploads, xml_reply
from sandbox.options import Options
from sandbox.rate_limits import Limits
from sandbox.result_images import Crop, Renderer
from sandbox.task_table import Busy, Task, TaskTable

BEIJING = timezone(timedelta(hours=8))
API = "/api/v1"
NO_SUCH_ENDPOINT = Refused(404, "NotFound", "Not found!")
TOO_MANY = Refused(
    429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later."
)
NO_ROOM = Refused(429, "Throttling", "Requests throttling triggered.")
NOT_PENDING = Refused(
    400,
    "UnsupportedOperation",
    "Failed to cancel the task, please confirm if the task is in PENDING status.",
)

Endpoint = Callable[[Request, str, str], Reply]


class DashScope:
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
        self._uploads = Uploads(options.policy_seconds)
        fetcher = Fetcher(options.fetch_seconds, refuse_private=options.refuse_private)
        self._work = Work(table, renderer, self._results, self._uploads, fetcher)

    def handle(self, request: Request) -> Reply:
        """Answer one request whose path is relative to /dashscope."""
        is_result, form = request.path.startswith("/results/"), request.path == "/upload"
        try:
            if is_result or form:
                return self._storage(request)
            return self._api(request)
        except Refused as refused:
            self._ledger.refuse(refused.status, refused.code)
            return xml_reply(refused) if is_result or form else _error_reply(refused)

    def close(self) -> None:
        """End the threads and processes that do the work."""
        self._work.close()
        self._renderer.close()

    def reset(self) -> None:
        """Remove all tasks and results."""
        for part in (self._table, self._limits, self._results, self._uploads):
            part.reset()

    # --- endpoints

    def _storage(self, request: Request) -> Reply:
        if request.path == "/upload" and request.method == "POST":
            self._ledger.count("uploads")
            content_type = request.headers.get("content-type", "")
            return self._apply_fault("upload", self._uploads.accept, content_type, request.body)
        if request.method != "GET":
            raise Refused(405, "MethodNotAllowed", "The method is not allowed here.")
        self._ledger.count("downloads")
        name = request.path.removeprefix("/results/")
        return self._apply_fault("result", self._results.get, name, request.query)

    def _api(self, request: Request) -> Reply:
        prefix, api, path = request.path.rstrip("/").partition(API)
        if prefix or not api:
            raise NO_SUCH_ENDPOINT
        for method, pattern, counted, on, endpoint in self._endpoints():
            if request.method == method and (found := re.fullmatch(pattern, path)):
                self._ledger.count(counted)
                argument = found[1] if found.groups() else ""
                return self._apply_fault(on, self._run_endpoint, endpoint, on, request, argument)
        raise NO_SUCH_ENDPOINT

    def _endpoints(self) -> tuple[tuple[str, str, str, str, Endpoint], ...]:
        synthesis = "/services/aigc/image2image/image-synthesis"
        parsing = "/services/vision/image-process/process"
        return (
            ("GET", r"/tasks/([^/]+)", "queries", "query", self._query),
            ("POST", synthesis, "submits", "submit", self._submit),
            ("GET", r"/tasks", "lists", "list", self._list),
            ("POST", r"/tasks/([^/]+)/cancel", "cancels", "cancel", self._cancel),
            ("POST", parsing, "parses", "parse", self._parse),
            ("GET", r"/uploads", "policies", "upload", self._policy),
        )

    def _apply_fault(self, on: str, work: Callable[..., Reply], *args: Any) -> Reply:
        return self._faults.apply(on, lambda: work(*args))

    def _run_endpoint(self, endpoint: Endpoint, on: str, request: Request, argument: str) -> Reply:
        owner = self._owner(request)
        if on in ("query", "list", "cancel"):
            self._limit((owner, "queries"), self._options.queries_per_second)
        return endpoint(request, owner, argument)

    def _owner(self, request: Request) -> str:
        """The account of a key, as a hash. Raises Refused."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not key.strip():
            raise Refused(401, "InvalidApiKey", "No API-key provided.")
        if self._options.api_keys and key not in self._options.api_keys:
            raise Refused(401, "InvalidApiKey", "Invalid API-key provided.")
        return hashlib.sha256(key.encode()).hexdigest()[:12]

    def _limit(self, key: tuple[str, str], per_second: float) -> None:
        if not self._limits.allow(key, per_second):
            raise TOO_MANY

    # --- tasks

    def _submit(self, request: Request, owner: str, _: str) -> Reply:
        body, model = read_model(request)
        if request.headers.get("x-dashscope-async") != "enable":
            raise NOT_SYNCHRONOUS
        self._limit((owner, model), self._options.submits_per_second)
        wanted = read_synthesis(request, body)
        images = None
        if self._options.image_errors == "submit":
            images = self._work.fetch_inputs(wanted, owner)
        try:
            task = self._table.add(owner, model, without_query_strings(body))
        except Busy:
            raise NO_ROOM from None
        self._work.start(task, wanted, images)
        return _success_reply({"output": {"task_status": "PENDING", "task_id": task.id}})

    def _query(self, request: Request, owner: str, task_id: str) -> Reply:
        task = self._table.get(owner, task_id)
        if task is None or self._has_expired(task):
            return _success_reply({"output": {"task_id": task_id, "task_status": "UNKNOWN"}})
        output: dict[str, Any] = {"task_id": task.id, "task_status": task.state}
        times = {
            "submit_time": task.received_at,
            "scheduled_time": task.started_at,
            "end_time": task.ended_at,
        }
        output |= {name: _beijing_text(at) for name, at in times.items() if at is not None}
        if task.state == "FAILED" and task.error:
            output["code"], output["message"] = task.error
        if task.state != "SUCCEEDED":
            return _success_reply({"output": output})
        output |= self._result(request, task)
        return _success_reply({"output": output, "usage": {"image_count": task.billed}})

    def _result(self, request: Request, task: Task) -> dict[str, Any]:
        until = (task.ended_at or 0) + self._options.result_seconds
        url = f"{request.base}/dashscope{self._results.path(f'{task.id}.jpg', until)}"
        if self._options.result_shape == "results":
            return {"results": {"image_url": url}}
        return {"image_url": url}

    def _has_expired(self, task: Task) -> bool:
        return time.time() > (task.ended_at or time.time()) + self._options.result_seconds

    def _list(self, request: Request, owner: str, _: str) -> Reply:
        tasks = [task for task in self._table.all(owner) if not self._has_expired(task)]
        return _success_reply(page_of(tasks, request.query, self._options.list_key))

    def _cancel(self, request: Request, owner: str, task_id: str) -> Reply:
        if not self._table.cancel(owner, task_id):
            raise NOT_PENDING
        return _success_reply({})

    # --- parsing and uploads

    def _parse(self, request: Request, owner: str, _: str) -> Reply:
        started = time.time()
        body, model = read_model(request)
        if "x-dashscope-async" in request.headers:
            raise NOT_ASYNCHRONOUS
        self._limit((owner, model), self._options.submits_per_second)
        wanted = read_parsing(request, body)
        person = self._work.fetch_inputs(wanted, owner)["person"]
        name = uuid.uuid4().hex
        crops = self._renderer.parse(person, [PARTS[part] for part in wanted.clothes], name)
        found = [self._store_crop(request, f"{name}-{i}", crop) for i, crop in enumerate(crops)]
        self._ledger.parsed(model, started, time.time(), without_query_strings(body))
        output = {
            key: [part and part[i] for part in found]
            for i, key in enumerate(("parsing_img_url", "crop_img_url", "bbox"))
        }
        return _success_reply({"output": output, "usage": {"image_count": 1}})

    def _store_crop(
        self, request: Request, name: str, crop: Crop | None
    ) -> list[str | list[int]] | None:
        if crop is None:
            return None
        until = time.time() + self._options.result_seconds
        urls: list[str] = []
        for file, picture in ((f"{name}.png", crop.cutout), (f"{name}.jpg", crop.crop)):
            self._results.put(file, picture)
            urls.append(f"{request.base}/dashscope{self._results.path(file, until)}")
        return [*urls, list(crop.box)]

    def _policy(self, request: Request, owner: str, _: str) -> Reply:
        model = request.query.get("model", "")
        if request.query.get("action") != "getPolicy" or not model:
            raise BAD_REQUEST
        host = f"{request.base}/dashscope/upload"
        return _success_reply({"data": self._uploads.policy(owner, model, host)})


def _success_reply(body: dict[str, Any]) -> Reply:
    request_id = str(uuid.uuid4())
    return json_reply({"request_id": request_id, **body}, 200, **{"x-request-id": request_id})


def _error_reply(refused: Refused) -> Reply:
    request_id = str(uuid.uuid4())
    body = {"code": refused.code, "message": refused.message, "request_id": request_id}
    return json_reply(body, refused.status, **{"x-request-id": request_id})


def _beijing_text(at: float) -> str:
    return datetime.fromtimestamp(at, BEIJING).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
