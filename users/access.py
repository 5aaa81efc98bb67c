"""Who is a staff member. Shoppers, who sign up in the app, see nothing of the portal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

View = Callable[..., HttpResponseBase]
# The key that marks the sessions behind the app's tokens.
APP_SESSION_KEY = "app"


def is_staff_member(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the user is_staff or has any permission. Shoppers only have rows of their own."""
    return getattr(user, "is_staff", False) or bool(user.get_all_permissions())  # type: ignore[union-attr]


def is_app_session(session: SessionBase) -> bool:
    return APP_SESSION_KEY in session


class StaffOnlyMiddleware:
    """Close every page to shoppers, except those marked with login_not_required.

    A new page is closed without being listed here. Users who are not signed in are sent to the
    sign-in page by the view. An app token does not work as a cookie: it would last too long.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return None
        if is_staff_member(request.user) and not is_app_session(request.session):
            return None
        return render(request, "403_shopper.html", status=403)
