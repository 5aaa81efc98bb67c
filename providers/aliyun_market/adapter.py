"""Alibaba Cloud Market, "AI model" virtual try-on V2 (cmapi00067129): up to ten try-ons a call.

Source: the product's own manual of the interface, the API gateway's error pages (read 2026-11-20).
A call is one remote task with sub-tasks that end apart; `remote_id` is "<result_key>#<index>".
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from providers.aliyun_market.error_help import ERROR_HELP
from providers.aliyun_market.errors import call_error
from providers.aliyun_market.image_rules import IMAGE_RULES
from providers.aliyun_market.payloads import INFERENCE_MODE_NAMES, subtask_body
from providers.aliyun_market.responses import outcome_fields, result_key_of, subtask_outcome
from providers.contract import (
    Capabilities,
    Model,
    Outcome,
    Provider,
    ProviderError,
    TryOnRequest,
    Unsupported,
)
from providers.error_mapping import as_query_error, no_answer_error
from providers.http_client import Answer, Bearer, NoAnswer, Sessions, exchange, key_problem

SUBMIT, QUERY = "/api/v2/tryon/submit", "/api/v2/tryon/query"
GROUP_SIZE = 10


class AppCode(Bearer):
    """Send the key by the API gateway's scheme."""

    scheme = "APPCODE"


# The manual's example shows four images of one sub-task; it names no number.
MAX_IMAGES = 4


class AliyunMarket(Provider):
    """One AppCode. Thread-safe; sends each call once, with a fresh nonce.

    `inference_mode_names`: the manual's table and its examples spell that field differently; these
    spellings are sent.
    """

    name = "aliyun_market"
    display_name = _("Alibaba Cloud Market")
    model_names: ClassVar = {"full": _("Try-On V2 Full"), "fast": _("Try-On V2 Fast")}
    image_rules = IMAGE_RULES
    error_help = ERROR_HELP
    capabilities = Capabilities(
        # The better first, which the manual recommends for shops. The prices are not published:
        # 0 until the buyer sets them in settings.
        models={
            "full": Model("tryon", in_task_list=False, max_images_per_sample=MAX_IMAGES),
            "fast": Model("tryon", in_task_list=False, max_images_per_sample=MAX_IMAGES),
        },
        group_size=GROUP_SIZE,
        # Not documented: one full call. More would be a guess, though the manual lets them wait.
        concurrency=GROUP_SIZE,
        # Not documented.
        submits_per_s=2,
        queries_per_s=5,
        typical_s=30,
        # Not documented; that of Alibaba's other try-on service.
        result_life_s=24 * 3600,
        # The size of a file is not limited; this bounds what we send.
    )

    def __init__(
        self,
        *,
        appcode: str,
        base_url: str,
        timeout_s: float = 30,
        inference_mode_names: Sequence[str] = INFERENCE_MODE_NAMES,
    ) -> None:
        if not inference_mode_names or set(inference_mode_names) - set(INFERENCE_MODE_NAMES):
            raise ValueError(f"inference_mode_names are of {', '.join(INFERENCE_MODE_NAMES)}")
        self._auth = AppCode(appcode.strip())
        self._base_url = base_url.rstrip("/")
        self._timeout_s = timeout_s
        self._mode_names = tuple(inference_mode_names)
        self._local = Sessions()

    @classmethod
    def unavailable_reason(cls, options: Mapping[str, Any]) -> str:
        if why := key_problem("ALIYUN_MARKET_APPCODE", options.get("appcode")):
            return why
        base_url = str(options.get("base_url") or "")
        if not base_url:
            return "ALIYUN_MARKET_BASE_URL is not set; the buyer's console shows the address."
        if not base_url.startswith(("https://", "http://")):
            return "ALIYUN_MARKET_BASE_URL does not begin with https:// or http://."
        return ""

    def submit(self, requests: Sequence[TryOnRequest]) -> list[Outcome]:
        """Send all expressible requests in one call; the others fail as Unsupported."""
        if len(requests) > GROUP_SIZE:
            error = Unsupported(f"A call takes at most {GROUP_SIZE} try-ons.")
            return [Outcome.failed(error) for _ in requests]
        tasks = [self._subtask_body(request) for request in requests]
        sendable = [task for task in tasks if not isinstance(task, ProviderError)]
        sent = iter(self._submit(sendable) if sendable else ())
        return [
            Outcome.failed(task) if isinstance(task, ProviderError) else next(sent)
            for task in tasks
        ]

    def poll(self, remote_ids: Sequence[str]) -> list[Outcome]:
        """Send one query for each result key among the ids."""
        answers = {key: self._query(key) for key in dict.fromkeys(map(self.query_key, remote_ids))}
        return [
            _poll_outcome(remote_id, answers[self.query_key(remote_id)]) for remote_id in remote_ids
        ]

    def query_key(self, remote_id: str) -> str:
        """Return the result key of a remote id."""
        return remote_id.rpartition("#")[0]

    # --- one call each

    def _subtask_body(self, request: TryOnRequest) -> dict[str, Any] | ProviderError:
        try:
            return subtask_body(request, self._mode_names)
        except ProviderError as error:
            return error

    def _submit(self, tasks: Sequence[Mapping[str, Any]]) -> list[Outcome]:
        try:
            answer = self._exchange(SUBMIT, {"task_list": tasks})
        except ProviderError as error:
            return [Outcome.failed(error) for _ in tasks]
        # A result key means accepted, whatever the status; the first query reads how far each is.
        if key := result_key_of(answer):
            facts = outcome_fields(answer)
            return [Outcome("pending", f"{key}#{index}", **facts) for index in range(len(tasks))]
        return [Outcome.failed(call_error(answer), **outcome_fields(answer)) for _ in tasks]

    def _query(self, key: str) -> Answer | ProviderError:
        try:
            return self._exchange(QUERY, {"result_key": key})
        except ProviderError as error:
            return error

    def _exchange(self, path: str, data: Mapping[str, Any]) -> Answer:
        headers = {
            "Accept": "application/json",
            "User-Agent": "toile",
            "X-Ca-Nonce": str(uuid.uuid4()),
        }
        try:
            return exchange(
                self._local.session,
                "POST",
                self._base_url + path,
                timeout_s=self._timeout_s,
                json={"data": data},
                headers=headers,
                auth=self._auth,
            )
        except NoAnswer as error:
            raise no_answer_error(error, error.sent) from None


def _poll_outcome(remote_id: str, answer: Answer | ProviderError) -> Outcome:
    if isinstance(answer, ProviderError):
        return Outcome.failed(as_query_error(answer), remote_id=remote_id)
    return subtask_outcome(answer, remote_id)
