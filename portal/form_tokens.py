"""A form that is posted twice acts once: the second time leads to where the first one led."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest

KEPT = 20
_KEY = "launched"


def new_token() -> str:
    return secrets.token_hex(16)


def is_valid(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{32}", text) is not None


def redirect_of(request: HttpRequest, token: str) -> str:
    """Where this token of this session led before; "" if nowhere."""
    return str(_known(request).get(token, ""))


def run_once(request: HttpRequest, token: str, act: Callable[[], str]) -> str:
    """The address that `act` returns, or returned for this token of this session before.

    Two clicks at one moment wait for each other at the user's row; the session is read again
    behind it, and written before the row is let go.
    """
    users = get_user_model().objects.select_for_update()
    with transaction.atomic():
        users.get(pk=request.user.pk or 0)
        known = _known(request)
        if token not in known:
            known[token] = act()
            request.session[_KEY] = dict(list(known.items())[-KEPT:])
            request.session.save()
        return known[token]


def _known(request: HttpRequest) -> dict[str, str]:
    """As it is stored now, not as it was when this request began."""
    fresh = type(request.session)(request.session.session_key)
    return dict(fresh.get(_KEY, {}))
