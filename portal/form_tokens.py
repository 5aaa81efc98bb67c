"""A form that is posted twice acts once: the second time redirects to the same address."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest

MAX_TOKENS = 20
SESSION_KEY = "launched"


def new_token() -> str:
    return secrets.token_hex(16)


def is_valid(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{32}", text) is not None


def run_once(request: HttpRequest, token: str, act: Callable[[], str]) -> str:
    """Return the address that `act` returns, or that it returned for this token before.

    Two clicks at one moment wait for each other at a lock of the user's row; the session is read
    and written under that lock.
    """
    users = get_user_model().objects.select_for_update()
    with transaction.atomic():
        users.get(pk=request.user.pk or 0)
        # As it is stored now, not as it was when this request began.
        fresh = type(request.session)(request.session.session_key)
        known: dict[str, str] = dict(fresh.get(SESSION_KEY, {}))
        if token not in known:
            known[token] = act()
            request.session[SESSION_KEY] = dict(list(known.items())[-MAX_TOKENS:])
            request.session.save()
        return known[token]
