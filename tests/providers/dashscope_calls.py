"""What the DashScope tests call with."""

from __future__ import annotations

from typing import Any

from providers.contract import ImageRef, Outcome, TryOnRequest
from providers.dashscope.adapter import DashScope

KEY = "sk-0123456789abcdef"
SIGNED = "https://toile.example/files/{}.jpg?sig=s3cr3t"
SYNTHESIS = "/api/v1/services/aigc/image2image/image-synthesis"
PARSING = "/api/v1/services/vision/image-process/process"


def adapter(root: str, **options: Any) -> DashScope:
    return DashScope(api_key=KEY, base_url=f"{root.rstrip('/')}/api/v1", **options)


def image(name: str, url: str | None = None) -> ImageRef:
    url = SIGNED.format(name) if url is None else url
    return ImageRef(sha256=name * 8, read=lambda: name.encode() * 100, url=url)


def tryon(*slots: str, **changes: Any) -> TryOnRequest:
    garments = {slot: image(slot) for slot in slots or ("top",)}
    fields: dict[str, Any] = {"model": "aitryon-plus", "person": image("person")}
    return TryOnRequest("tryon", garments=garments, **(fields | changes))


def refine(*slots: str, **changes: Any) -> TryOnRequest:
    garments = {slot: image(slot) for slot in slots or ("top",)}
    fields: dict[str, Any] = {
        "model": "aitryon-refiner",
        "person": image("person"),
        "coarse": image("coarse"),
        "gender": "woman",
    }
    return TryOnRequest("refine", garments=garments, **(fields | changes))


def parse(*parts: str) -> TryOnRequest:
    return TryOnRequest("parse", "aitryon-parsing-v1", image("person"), parts=parts)


def one(outcomes: list[Outcome]) -> Outcome:
    [outcome] = outcomes
    return outcome


def failure(outcome: Outcome) -> tuple[str, str, str]:
    """The code, kind and sent of a failed outcome."""
    assert outcome.state == "failed"
    assert outcome.error is not None
    return outcome.error.code, outcome.error.kind, outcome.error.sent
