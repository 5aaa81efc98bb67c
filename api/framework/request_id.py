"""A name for each request, in its answer and in its problems: what a user can quote to support."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase

PREFIX = "/api/"
_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id(request: Any) -> str:
    """The sender's own, where it has one that fits into a header and a log; else a new one."""
    known: str = getattr(request, "toile_id", "")
    if not known:
        sent = request.headers.get("X-Request-Id", "")
        known = sent if _SANE.fullmatch(sent) else uuid.uuid4().hex
        request.toile_id = known
    return known


class RequestIds:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        name = request_id(request)
        response = self.get_response(request)
        response["X-Request-Id"] = name
        return response
