"""The app's tokens: long-lived sessions of their own, listed as devices, which can be ended."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from allauth.headless.tokens.strategies.sessions import SessionTokenStrategy
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from users.access import APP_SESSION_KEY

# Django's session keys; anything else is no token, and the database is not queried.
TOKEN_PATTERN = re.compile(r"[a-z0-9]{32}", re.ASCII)
# Between the password and the code of the second factor, or of a mail.
PENDING_S = 3600
NOTED_EVERY = timedelta(minutes=1)


class AppSession(SessionStore):
    """A session that knows when it ends without a second query."""

    # Otherwise sessions written by the base class would count as forged.
    key_salt = SessionStore().key_salt
    ends_at: datetime | None = None

    def _get_session_from_db(self) -> Session | None:
        row = super()._get_session_from_db()  # type: ignore[misc]
        self.ends_at = row.expire_date if row else None
        return row


class AppTokenStrategy(SessionTokenStrategy):
    """Tokens that last as long as they are used; the portal's cookies are not accepted."""

    def create_session_token(self, request: HttpRequest) -> str:
        signed_in = request.user.is_authenticated
        request.session[APP_SESSION_KEY] = True
        request.session.set_expiry(int(lifetime().total_seconds()) if signed_in else PENDING_S)
        return super().create_session_token(request)

    def lookup_session(self, session_token: str) -> SessionBase | None:
        if not TOKEN_PATTERN.fullmatch(session_token):
            return None
        session = AppSession(session_token)
        return session if APP_SESSION_KEY in session else None


def lifetime() -> timedelta:
    return timedelta(days=settings.APP_TOKEN_DAYS)


def note_use(request: HttpRequest, session: AppSession) -> None:
    """Extend a token that is in use and note when and where it was used, once a minute at most.

    Only existing rows are updated: a token that is ended at this moment does not come back.
    """
    now = timezone.now()
    end = now + lifetime()
    if session.ends_at is None or session.ends_at > end - NOTED_EVERY:
        return
    Session.objects.filter(pk=session.session_key, expire_date__gt=now).update(expire_date=end)
    UserSession.objects.filter(session_key=session.session_key).update(
        last_seen_at=now,
        ip=get_adapter().get_client_ip(request),
        user_agent=request.headers.get("User-Agent", "")[:200],
    )
