"""Aidge's signed address: neither the path nor the body is signed, only the time of the request.

The address lets anybody send requests in our name: it must not be logged or stored.
Source: the vendor's Python, Java and Go samples (read 2026-11-20).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from requests import PreparedRequest
from requests.auth import AuthBase


class Signature(AuthBase):
    """Sign at the last moment, as an `auth`, because ~/.netrc would else add a header.

    `clock` returns epoch seconds; the provider's clock must be near it.
    """

    def __init__(self, app_key: str, app_secret: str, clock: Callable[[], float]) -> None:
        self._app_key = app_key
        self._app_secret = app_secret
        self._clock = clock
        # What `exchange` removes from answers.
        self.secrets = (app_secret,)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        timestamp = str(int(self._clock() * 1000))
        query = {
            "partner_id": "aidge",
            "sign_method": "sha256",
            "sign_ver": "v2",
            "app_key": self._app_key,
            "timestamp": timestamp,
            "sign": sign(self._app_secret, timestamp),
        }
        request.prepare_url(request.url, query)
        return request


def sign(secret: str, timestamp: str) -> str:
    """Return the signature of a moment (epoch milliseconds as text)."""
    message = (secret + timestamp).encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest().upper()
