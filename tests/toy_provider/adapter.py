"""Dresses everybody in the same picture, and refuses garments called ugly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from providers.contract import (
    Capabilities,
    Model,
    Outcome,
    Provider,
    ProviderError,
    RemoteImage,
    TryOnRequest,
)
from tests.pictures import photo
from tests.toy_provider.error_help import ERROR_HELP
from tests.toy_provider.image_rules import IMAGE_RULES


class Toy(Provider):
    name = "toy"
    image_rules = IMAGE_RULES
    error_help = ERROR_HELP
    prices = {"toy-1": {"price": "0.07"}}
    capabilities = Capabilities(models={"toy-1": Model("tryon")})

    def __init__(self, *, key: str) -> None:
        self._key = key

    @classmethod
    def unavailable_reason(cls, options: Mapping[str, Any]) -> str:
        return "" if options.get("key") else "TOY_KEY is not set."

    def submit(self, requests: Sequence[TryOnRequest]) -> list[Outcome]:
        return [self._answer(request) for request in requests]

    def _answer(self, request: TryOnRequest) -> Outcome:
        if "dress" in request.garments:
            return Outcome.failed(ProviderError("toy_ugly", "Ugly.", kind="input", sent="yes"))
        image = RemoteImage(data=photo(300, 400))
        return Outcome("succeeded", remote_id="toy", images=[image], usage=1)

    def poll(self, remote_ids: Sequence[str]) -> list[Outcome]:
        raise AssertionError("it has answered at once")
