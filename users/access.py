"""Who is a staff member. Shoppers, who sign up in the app, see nothing of the portal."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

ALLAUTH = "/_allauth/"
# What allauth cannot read is the caller's fault, not ours: JSON that is nested too deep; half a
# surrogate pair, which is no character.
UNREADABLE = (RecursionError, UnicodeEncodeError)
# The key that marks the sessions behind the app's tokens.
APP_SESSION_KEY = "app"


def is_staff_member(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the user is_staff or has any permission. Shoppers only have rows of their own."""
    return getattr(user, "is_staff", False) or bool(user.get_all_permissions())  # type: ignore[union-attr]


class StaffOnlyMiddleware(MiddlewareMixin):
    """Close every page to shoppers, except those marked with login_not_required.

    A new page is closed without being listed here. Users who are not signed in are sent to the
    sign-in page by the view. An app token does not work as a cookie: it would last too long.
    """

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return None
        if is_staff_member(request.user) and APP_SESSION_KEY not in request.session:
            return None
        return render(request, "403_shopper.html", status=403)


class AllauthErrorsMiddleware(MiddlewareMixin):
    """Answer in JSON with 400 or 405, where allauth's own addresses would fail or be silent."""

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Refuse a method that an address does not have before asking who calls."""
        kind = getattr(view, "view_class", None)
        if kind is None or not request.path_info.startswith(ALLAUTH):
            return None
        known = [name.upper() for name in kind.http_method_names if hasattr(kind, name)]
        return None if request.method in known else HttpResponseNotAllowed(known)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if isinstance(exception, UNREADABLE) and request.path_info.startswith(ALLAUTH):
            return JsonResponse({"status": 400}, status=400)
        return None

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        silent = response.status_code == 400 and not getattr(response, "content", b"")
        if silent and request.path_info.startswith(ALLAUTH):
            return JsonResponse({"status": 400}, status=400)
        return response
