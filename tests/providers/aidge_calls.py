"""What the Aidge tests call with."""

from __future__ import annotations

import json
from typing import Any

from werkzeug import Request

from providers.aidge.adapter import Aidge
from providers.contract import ImageRef, TryOnRequest
from tests.providers.dashscope_calls import SIGNED, image

APP_KEY, SECRET = "512345", "S4etzZ73nF08vOXVhk3wZjIaLSHw0123"
SUBMIT, QUERY = "/rest/ai/virtual/tryon", "/rest/ai/virtual/tryon-results"

__all__ = ["APP_KEY", "QUERY", "SECRET", "SIGNED", "SUBMIT", "adapter", "element", "tryon", "worn"]


def adapter(root: str, **options: Any) -> Aidge:
    return Aidge(app_key=APP_KEY, app_secret=SECRET, base_url=root, **options)


def tryon(*slots: str, **changes: Any) -> TryOnRequest:
    garments = {slot: image(slot) for slot in slots or ("top",)}
    fields: dict[str, Any] = {"model": "aidge-tryon", "person": image("person")}
    return TryOnRequest("tryon", **({**fields, "garments": garments} | changes))


def worn() -> ImageRef:
    return ImageRef("a", lambda: b"", SIGNED.format("top"), photo_type="worn")


def element(request: Request) -> dict[str, Any]:
    """The one object within the JSON text that a submit carries."""
    [found] = json.loads(request.get_json()["requestParams"])
    return dict(found)
