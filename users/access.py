"""Who belongs to the house. Whoever made an account for the app sees none of the portal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

View = Callable[..., HttpResponseBase]
# In the sessions behind the app's tokens.
OF_APP = "app"


def is_staff_member(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Has the house given this user anything at all? A shopper has no right, only own rows."""
    return getattr(user, "is_staff", False) or bool(user.get_all_permissions())  # type: ignore[union-attr]


def is_of_app(session: SessionBase) -> bool:
    return OF_APP in session


class StaffOnlyMiddleware:
    """Close every page to shoppers, but those that Django knows to need no login.

    A page that somebody adds is closed without being named here. Whoever is not signed in is sent
    to do so by the page itself. A token of the app is no cookie: it would last too long for one.
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
        if is_staff_member(request.user) and not is_of_app(request.session):
            return None
        return render(request, "403_shopper.html", status=403)
