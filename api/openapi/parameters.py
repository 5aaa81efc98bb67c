"""Parameters that views have without naming them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from api.framework import long_poll


def _sent(name: str, words: str, *, required: bool = False, **schema: Any) -> OpenApiParameter:
    kind: Any = {"type": "string", **schema}
    return OpenApiParameter(
        name, kind, OpenApiParameter.HEADER, description=words, required=required
    )


def _asked(name: str, words: str, **schema: Any) -> OpenApiParameter:
    kind: Any = schema
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=words)


KEY = _sent(
    "Idempotency-Key",
    "A new one, such as a UUID, for each thing to make; the same one with each try.",
    required=True,
    pattern="^[!-~]{1,255}$",
)
IF_NONE_MATCH = _sent("If-None-Match", "The ETag of the copy at hand: 304 if it is good still.")
IF_MATCH = _sent("If-Match", "The version that was seen, as its ETag says it.", required=True)
SINCE = _asked(
    "updated_since",
    "Only what has changed since: `synced_at` of the last answer.",
    type="string",
    format="date-time",
)
ID = OpenApiParameter("id", {"type": "integer", "minimum": 1}, OpenApiParameter.PATH)
UUID = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)
WAIT = _asked(
    "wait",
    "Seconds to wait for another state before answering.",
    type="integer",
    minimum=0,
    maximum=long_poll.MOST_S,
    default=0,
)
