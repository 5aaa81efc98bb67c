"""What allauth cannot read is the caller's fault, not ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, JsonResponse

# JSON that is nested too deep; half a surrogate pair, which is no character.
FAULTS = (RecursionError, UnicodeEncodeError)


class RefuseUnreadable:
    """Answer with 400, where allauth's own addresses would fail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response: Any = self.get_response(request)
        if of_allauth(request) and response.status_code == 400 and not response.content:
            return JsonResponse({"status": 400}, status=400)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """A method that an address does not have is told before asking who calls."""
        kind = getattr(view, "view_class", None)
        if kind is None or not of_allauth(request):
            return None
        known = [name.upper() for name in kind.http_method_names if hasattr(kind, name)]
        return None if request.method in known else HttpResponseNotAllowed(known)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if isinstance(exception, FAULTS) and of_allauth(request):
            return JsonResponse({"status": 400}, status=400)
        return None


def of_allauth(request: HttpRequest) -> bool:
    return request.path_info.startswith("/_allauth/")
