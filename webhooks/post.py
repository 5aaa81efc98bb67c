"""One attempt: post the signed body to a public host, within limits, and read the answer."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import requests
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.exceptions import HTTPError

from providers.bounded_http import Deadline, public_session
from webhooks import url_policy

CONNECT_TIMEOUT_S, TOTAL_TIMEOUT_S = 5.0, 15.0
# Enough for what is stored of an answer.
READ_BYTES = 2048
STORED_CHARS = 300
GONE = 410


@dataclass(frozen=True)
class Answer:
    """`status` where one came, else `code`: refused, private, timeout, tls, unreachable."""

    status: int | None = None
    code: str = ""
    body: str = ""
    duration_ms: int = 0

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == GONE


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Post and return the outcome; never raises for anything that a receiver does."""
    begun = time.monotonic()
    with Deadline(TOTAL_TIMEOUT_S) as until:
        try:
            answer = _send(url, body, headers, until)
        except url_policy.TargetRefused:
            answer = Answer(code="refused")
        # A malformed address is a ValueError, raised only when it is parsed.
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            answer = Answer(code="timeout" if until.passed else _code(error))
    return replace(answer, duration_ms=int((time.monotonic() - begun) * 1000))


def _send(url: str, body: bytes, headers: dict[str, str], until: Deadline) -> Answer:
    url_policy.check(url)
    loopback = url_policy.local_allowed()
    with (
        public_session(CONNECT_TIMEOUT_S, TOTAL_TIMEOUT_S, loopback=loopback) as session,
        session.post(
            url, data=body, headers=headers, stream=True, auth=_no_auth, allow_redirects=False
        ) as response,
    ):
        if until.passed:
            # Headers that we cut off look like headers that have ended.
            return Answer(code="timeout")
        return Answer(status=response.status_code, body=_first_bytes(response))


def _no_auth(request: Any) -> Any:
    """Send no credentials, whatever a .netrc of this machine holds."""
    return request


def _first_bytes(response: requests.Response) -> str:
    """Decode what the first read returns: the status is known, so we do not wait for the rest."""
    try:
        data = response.raw.read1(READ_BYTES, decode_content=False)
    except (HTTPError, OSError, ValueError):
        return ""
    text = data[:READ_BYTES].decode(errors="replace")
    return "".join(c if c.isprintable() else " " for c in text)[:STORED_CHARS].strip()


def _code(error: Exception) -> str:
    if isinstance(error, InvalidIPAddress):
        return "private"
    if isinstance(error, requests.Timeout):
        return "timeout"
    return "tls" if isinstance(error, requests.exceptions.SSLError) else "unreachable"
