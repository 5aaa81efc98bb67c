"""What allauth cannot read is the caller's fault, not ours."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, JsonResponse

# JSON that is nested too deep; half a surrogate pair, which is no character.
FAULTS = (RecursionError, UnicodeEncodeError)


class RefuseUnreadable:
    """Answer with 400, where allauth's own addresses would fail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if isinstance(exception, FAULTS) and request.path_info.startswith("/_allauth/"):
            return JsonResponse({"status": 400}, status=400)
        return None
