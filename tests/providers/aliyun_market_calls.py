"""What the Aliyun Market tests call with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from providers.aliyun_market.adapter import AliyunMarket
from providers.contract import ImageRef, TryOnRequest
from tests.providers.dashscope_calls import image

APPCODE = "d1c0ffee00112233445566778899aa2a"
SUBMIT, QUERY = "/api/v2/tryon/submit", "/api/v2/tryon/query"


def adapter(root: str, **options: Any) -> AliyunMarket:
    return AliyunMarket(appcode=APPCODE, base_url=root, **options)


def tryon(*slots: str, photo_type: str = "flat", **changes: Any) -> TryOnRequest:
    garments: dict[str, ImageRef] = {
        slot: replace(image(slot), photo_type=photo_type) for slot in slots or ("top",)
    }
    fields: dict[str, Any] = {"model": "fast", "person": image("person")}
    return TryOnRequest("tryon", garments=garments, **(fields | changes))
