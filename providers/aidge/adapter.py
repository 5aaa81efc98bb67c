"""Aidge (AIDC) virtual try-on: flat-lay tops and dresses, one to eight images a call.

Source: the virtual try-on submit reference, the vendor's own Python, Java and Go samples for the
signature and the query (read 2026-11-20).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from providers.aidge.error_help import ERROR_HELP
from providers.aidge.image_rules import IMAGE_RULES
from providers.aidge.payloads import OPTIONS, request_body
from providers.aidge.responses import poll_outcome, submit_outcome
from providers.aidge.signing import Signature
from providers.contract import (
    Capabilities,
    Model,
    Outcome,
    Provider,
    ProviderError,
    TryOnRequest,
)
from providers.error_mapping import as_query_error, no_answer_error
from providers.http_client import Answer, NoAnswer, Sessions, exchange, key_problem

SUBMIT = "/rest/ai/virtual/tryon"
QUERY = "/rest/ai/virtual/tryon-results"


class Aidge(Provider):
    """One Aidge account. Thread-safe; sends each call once.

    The key's host must be the one it was bought at: api.aidc-ai.com or cn-api.aidc-ai.com.
    """

    name = "aidge"
    display_name = "Aidge"
    model_names: ClassVar = {"aidge-tryon": _("Virtual Try-On")}
    image_rules = IMAGE_RULES
    error_help = ERROR_HELP
    capabilities = Capabilities(
        # The price is not published.
        models={"aidge-tryon": Model("tryon", in_task_list=False)},
        slots=frozenset({"top", "dress"}),
        samples=8,
        options=OPTIONS,
        # None of the limits below is documented, and surplus tasks may be refused.
        concurrency=2,
        submits_per_s=0.5,
        # A test account was seen to be stopped at three requests a minute: one query in about
        # four seconds for all tasks together, and each refused one waits (see errors.py).
        queries_per_s=1 / 3,
        typical_s=30,
        # How long results live is not documented: polling for a day costs nothing.
        result_life_s=24 * 3600,
        # Garments must be larger than 500 and at most 3000; for model images nothing is documented.
    )

    def __init__(
        self,
        *,
        app_key: str,
        app_secret: str,
        base_url: str = "https://api.aidc-ai.com",
        trial: bool = False,
        timeout_s: float = 30,
    ) -> None:
        self._auth = Signature(app_key.strip(), app_secret.strip(), time.time)
        self._base_url = base_url.rstrip("/")
        self._headers = {"Accept": "application/json", "User-Agent": "toile"}
        if trial:
            self._headers["x-iop-trial"] = "true"
        self._timeout_s = timeout_s
        self._local = Sessions()

    @classmethod
    def unavailable_reason(cls, options: Mapping[str, Any]) -> str:
        return key_problem("AIDGE_APP_KEY", options.get("app_key")) or key_problem(
            "AIDGE_APP_SECRET", options.get("app_secret")
        )

    def submit(self, requests: Sequence[TryOnRequest]) -> list[Outcome]:
        return [self._submit(request) for request in requests]

    def poll(self, remote_ids: Sequence[str]) -> list[Outcome]:
        return [self._poll(remote_id) for remote_id in remote_ids]

    def _submit(self, request: TryOnRequest) -> Outcome:
        try:
            return submit_outcome(self._post(SUBMIT, request_body(request, self.capabilities)))
        except ProviderError as error:
            return Outcome.failed(error)

    def _poll(self, remote_id: str) -> Outcome:
        try:
            return poll_outcome(self._post(QUERY, {"task_id": remote_id}), remote_id)
        except ProviderError as error:
            return Outcome.failed(as_query_error(error), remote_id=remote_id)

    def _post(self, path: str, body: Mapping[str, Any]) -> Answer:
        try:
            return exchange(
                self._local.session,
                "POST",
                self._base_url + path,
                timeout_s=self._timeout_s,
                headers=self._headers,
                auth=self._auth,
                json=body,
            )
        except NoAnswer as error:
            raise no_answer_error(error, error.sent) from None
