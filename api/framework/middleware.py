"""Middleware: a name for each request that a user can quote to support, and allauth's errors."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, JsonResponse

PREFIX = "/api/"
ALLAUTH = "/_allauth/"
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


# What allauth cannot read is the caller's fault, not ours: JSON that is nested too deep; half a
# surrogate pair, which is no character.
FAULTS = (RecursionError, UnicodeEncodeError)


class RefuseUnreadable:
    """Answer with 400, where allauth's own addresses would fail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response: Any = self.get_response(request)
        if (
            request.path_info.startswith(ALLAUTH)
            and response.status_code == 400
            and not response.content
        ):
            return JsonResponse({"status": 400}, status=400)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """A method that an address does not have is told before asking who calls."""
        kind = getattr(view, "view_class", None)
        if kind is None or not request.path_info.startswith(ALLAUTH):
            return None
        known = [name.upper() for name in kind.http_method_names if hasattr(kind, name)]
        return None if request.method in known else HttpResponseNotAllowed(known)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if isinstance(exception, FAULTS) and request.path_info.startswith(ALLAUTH):
            return JsonResponse({"status": 400}, status=400)
        return None
