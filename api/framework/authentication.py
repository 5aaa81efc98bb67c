"""Who calls: the app's token, in the header that clients know or in allauth's own."""

from __future__ import annotations

from typing import Any

from allauth.headless.contrib.rest_framework.authentication import XSessionTokenAuthentication
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import AuthenticationFailed

from users.app_tokens import note_use


class AppToken(XSessionTokenAuthentication):
    """`Authorization: Bearer <token>`, or `X-Session-Token: <token>`.

    Whatever is no token of an active user, or not any more, is answered with 401.
    """

    def authenticate(self, request: HttpRequest) -> tuple[Any, Any] | None:
        if self.get_session_token(request) is None:
            return None
        found = super().authenticate(request)
        if found is None:
            raise AuthenticationFailed(_("This token is not valid, or not any more: sign in."))
        note_use(request, found[1])
        return found

    def authenticate_header(self, request: HttpRequest) -> str:
        return "Bearer"

    def get_session_token(self, request: HttpRequest) -> str | None:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return token.strip()
        return super().get_session_token(request)
