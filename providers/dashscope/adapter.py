"""Alibaba Model Studio (DashScope): aitryon, aitryon-plus, aitryon-refiner, aitryon-parsing-v1.

Source: the aitryon-refiner and aitryon-plus references and the quick start; the parsing, upload
and task management pages; the official SDK (read 2026-11-20).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from providers.contract import (
    Capabilities,
    ImageRef,
    Model,
    Outcome,
    Provider,
    ProviderError,
    RemoteTask,
    TryOnRequest,
)
from providers.dashscope.error_help import ERROR_HELP
from providers.dashscope.errors import call_error, read_error
from providers.dashscope.image_rules import IMAGE_RULES
from providers.dashscope.payloads import RESOLUTIONS, call_for, parse_outcome
from providers.dashscope.prices import PRICES
from providers.dashscope.responses import outcome_fields, output_of, task_outcome
from providers.dashscope.task_list import list_tasks
from providers.dashscope.uploads import Uploads
from providers.error_mapping import as_query_error, image_not_reachable, no_answer_error, with_sent
from providers.http_client import Answer, Bearer, NoAnswer, Sessions, exchange, key_problem


class DashScope(Provider):
    """One DashScope account. Thread-safe; sends each call once."""

    name = "dashscope"
    display_name = _("Alibaba DashScope")
    model_names: ClassVar = {
        "aitryon-plus": _("AI Try-On Plus"),
        "aitryon": _("AI Try-On Basic"),
        "aitryon-refiner": _("AI Try-On Refiner"),
        "aitryon-parsing-v1": _("AI Try-On Parsing"),
    }
    image_rules = IMAGE_RULES
    error_help = ERROR_HELP
    prices = PRICES
    capabilities = Capabilities(
        models={
            "aitryon-plus": Model("tryon"),
            "aitryon": Model("tryon"),
            "aitryon-refiner": Model("refine"),
            "aitryon-parsing-v1": Model("parse", in_task_list=False),
        },
        resolutions=RESOLUTIONS,
        restore_face=True,
        keep_rest=True,
        refine=True,
        cancel=True,
        list=True,
        concurrency=5,
        # Surplus tasks are documented to wait in PENDING.
        lookahead=2,
        submits_per_s=10,
        # 20 are allowed; listing and cancelling are thought to share them.
        queries_per_s=15,
        typical_s=20,
        result_life_s=24 * 3600,
    )
    deliveries = Provider.deliveries | {"dashscope-upload"}

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = "https://dashscope.aliyuncs.com/api/v1",
        workspace: str = "",
        delivery: str = "signed",
        timeout_s: float = 30,
    ) -> None:
        if delivery not in self.deliveries:
            raise ValueError(f"delivery is one of {', '.join(sorted(self.deliveries))}")
        self._auth = Bearer(api_key.strip())
        self._base_url = base_url.rstrip("/")
        self._headers = {"Accept": "application/json", "User-Agent": "toile"}
        if workspace:
            self._headers["X-DashScope-WorkSpace"] = workspace
        self._delivery = delivery
        self._timeout_s = timeout_s
        self._local = Sessions()
        self._uploads = Uploads(self._exchange_before_submit, self._post_file)

    @classmethod
    def unavailable_reason(cls, options: Mapping[str, Any]) -> str:
        return key_problem("DASHSCOPE_API_KEY", options.get("api_key"))

    def submit(self, requests: Sequence[TryOnRequest]) -> list[Outcome]:
        return [self._submit(request) for request in requests]

    def poll(self, remote_ids: Sequence[str]) -> list[Outcome]:
        return [self._poll(remote_id) for remote_id in remote_ids]

    def cancel(self, remote_id: str) -> bool:
        try:
            answer = self._exchange("POST", f"/tasks/{quote(remote_id, safe='')}/cancel")
        except ProviderError:
            return False
        return answer.status == 200 and answer.body is not None and not read_error(answer)[0]

    def recent(self, since: datetime, until: datetime) -> list[RemoteTask]:
        """Return all tasks created in a window, rounded outwards to seconds, each once."""
        return list_tasks(self._list_page, since, until)

    # --- one call each

    def _submit(self, request: TryOnRequest) -> Outcome:
        try:
            call = call_for(request, self.capabilities, self._image_url)
            answer = self._exchange("POST", call.path, json=call.body, headers=call.headers)
        except ProviderError as error:
            return Outcome.failed(error)
        return parse_outcome(answer, request) if call.synchronous else _submit_outcome(answer)

    def _poll(self, remote_id: str) -> Outcome:
        try:
            answer = self._exchange("GET", f"/tasks/{quote(remote_id, safe='')}")
        except ProviderError as error:
            return Outcome.failed(as_query_error(error), remote_id=remote_id)
        outcome = task_outcome(answer, remote_id)
        if outcome is None:
            return Outcome.failed(
                as_query_error(call_error(answer)),
                **{"remote_id": remote_id, **outcome_fields(answer)},
            )
        return outcome

    def _list_page(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            answer = self._exchange("GET", "/tasks/", params=params)
        except ProviderError as error:
            raise as_query_error(error) from None
        if answer.status != 200 or answer.body is None or read_error(answer)[0]:
            raise as_query_error(call_error(answer))
        return answer.body

    # --- delivery

    def _image_url(self, image: ImageRef, model: str) -> str:
        if self._delivery == "dashscope-upload":
            return self._uploads.address(image, model)
        if image.url:
            return image.url
        raise image_not_reachable("set S3_BUCKET or the delivery to dashscope-upload")

    def _exchange_before_submit(self, method: str, path: str, **kwargs: Any) -> Answer:
        """Exchange what precedes the paid call: whatever fails here, nothing was sent."""
        try:
            answer = self._exchange(method, path, **kwargs)
        except ProviderError as error:
            raise with_sent(error, "no") from None
        if answer.status != 200 or read_error(answer)[0]:
            raise with_sent(call_error(answer), "no")
        return answer

    def _post_file(self, method: str, url: str, **kwargs: Any) -> Answer:
        try:
            return exchange(
                self._local.session, method, url, timeout_s=self._timeout_s * 2, **kwargs
            )
        except NoAnswer as error:
            raise no_answer_error(error, "no") from None

    # --- HTTP

    def _exchange(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **kwargs: Any
    ) -> Answer:
        headers = {**self._headers, **(headers or {})}
        try:
            return exchange(
                self._local.session,
                method,
                self._base_url + path,
                timeout_s=self._timeout_s,
                headers=headers,
                auth=self._auth,
                **kwargs,
            )
        except NoAnswer as error:
            raise no_answer_error(error, error.sent) from None


def _submit_outcome(answer: Answer) -> Outcome:
    """The outcome of an asynchronous submit. A task id means accepted, whatever the status."""
    task_id = str(output_of(answer).get("task_id") or "")
    if not task_id:
        return Outcome.failed(call_error(answer), **outcome_fields(answer))
    outcome = task_outcome(answer, task_id)
    if outcome is None or outcome.state == "lost":
        return Outcome("pending", **{"remote_id": task_id, **outcome_fields(answer)})
    return outcome
