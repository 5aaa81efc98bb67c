"""Aidge (AIDC) virtual try-on: flat-lay tops and dresses, one to eight images a call.

Source: the virtual try-on submit reference, the vendor's own Python, Java and Go samples for the
signature and the query (read 2026-11-20).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from providers.aidge.image_rules import IMAGE_RULES
from providers.aidge.payloads import OPTIONS, body_for
from providers.aidge.responses import accepted, polled
from providers.aidge.signing import Signature
from providers.contract import (
    Capabilities,
    Model,
    Outcome,
    Provider,
    ProviderError,
    TryOnRequest,
)
from providers.error_mapping import question, unanswered
from providers.http_client import Answer, NoAnswer, Sessions, exchange, unfit_key

SUBMIT = "/rest/ai/virtual/tryon"
QUERY = "/rest/ai/virtual/tryon-results"


class Aidge(Provider):
    """One Aidge account. Thread-safe; sends each call once.

    The key's host must be the one it was bought at: api.aidc-ai.com or cn-api.aidc-ai.com.
    """

    name = "aidge"
    image_rules = IMAGE_RULES
    capabilities = Capabilities(
        # The price is not published.
        models={"aidge-tryon": Model("tryon", Decimal(0), listed=False)},
        slots=frozenset({"top", "dress"}),
        samples=8,
        options=OPTIONS,
        # None of the limits below is documented, and surplus tasks may be refused.
        concurrency=2,
        submits_per_s=0.5,
        # A test account was seen to be stopped at three requests a minute: one question in about
        # four seconds for all tasks together, and each refused one waits (see aidge_errors).
        queries_per_s=1 / 3,
        typical_s=30,
        # How long results live is not documented: a day of trying costs nothing.
        result_life_s=24 * 3600,
        # Garments must be larger than 500 and at most 3000; of model images nothing is said.
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
    def unavailable(cls, options: Mapping[str, Any]) -> str:
        return unfit_key("AIDGE_APP_KEY", options.get("app_key")) or unfit_key(
            "AIDGE_APP_SECRET", options.get("app_secret")
        )

    def submit(self, requests: Sequence[TryOnRequest]) -> list[Outcome]:
        return [self._submit(request) for request in requests]

    def poll(self, remote_ids: Sequence[str]) -> list[Outcome]:
        return [self._poll(remote_id) for remote_id in remote_ids]

    def _submit(self, request: TryOnRequest) -> Outcome:
        try:
            return accepted(self._post(SUBMIT, body_for(request, self.capabilities)))
        except ProviderError as error:
            return Outcome.failed(error)

    def _poll(self, remote_id: str) -> Outcome:
        try:
            return polled(self._post(QUERY, {"task_id": remote_id}), remote_id)
        except ProviderError as error:
            return Outcome.failed(question(error), remote_id=remote_id)

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
            raise unanswered(error, error.sent) from None
