"""One HTTP exchange, bounded in time and size, and whether it may have reached the other side."""

from __future__ import annotations

import json
import math
import os
import re
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError
from urllib3.exceptions import SSLError as TransportSSLError

from providers.bounded_http import Deadline, bind_deadline

CONNECT_S = 10.0
# No provider answers deeper than this, and what is read is walked by recursion.
MAX_DEPTH = 50
# A longer wait than this is cut.
MAX_WAIT_S = 24 * 3600.0
# A shorter secret (a sandbox's) may also be an ordinary word.
SECRET_LENGTH = 12


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; `body` is None if it is no JSON object, header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None
    text: str

    @property
    def retry_after(self) -> float | None:
        """The seconds to wait, from `retry-after-ms` or `retry-after` (seconds or a date)."""
        for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
            value = self.headers.get(name, "").strip()
            if re.fullmatch(r"\d+(\.\d+)?", value):
                return min(float(value) * unit, MAX_WAIT_S)
        try:
            wait = parsedate_to_datetime(self.headers["retry-after"]).timestamp() - time.time()
            return min(max(0.0, wait), MAX_WAIT_S)
        except (KeyError, ValueError, TypeError, OverflowError):
            return None


class NoAnswer(Exception):
    """Nothing readable came back; `sent` is "no" only where the request provably never left."""

    def __init__(self, code: str, sent: Literal["no", "maybe"]) -> None:
        self.code = code
        self.sent = sent
        super().__init__(code)


class Sessions(threading.local):
    """One `requests.Session` per thread and process.

    A session is not thread-safe, and a worker that was forked must not read the answers on its
    parent's connections.
    """

    def __init__(self) -> None:
        self._owner = 0
        self._session = bind_deadline(requests.Session())

    @property
    def session(self) -> requests.Session:
        """The session of this thread in this process."""
        if self._owner != os.getpid():
            self._owner = os.getpid()
            self._session = bind_deadline(requests.Session())
        return self._session


class Bearer(AuthBase):
    """Set the key as an `auth`, because requests lets ~/.netrc replace a mere header."""

    scheme = "Bearer"

    def __init__(self, key: str) -> None:
        self._key = key
        # What `exchange` removes from answers.
        self.secrets = (key,)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"{self.scheme} {self._key}"
        return request


def key_problem(name: str, key: object) -> str:
    """Return why the key of this variable cannot be sent; "" when it can."""
    key = str(key or "")
    if not key:
        return f"{name} is not set."
    if not key.isascii() or not key.isprintable() or " " in key:
        return f"{name} has a space or a character that no key has."
    return ""


def exchange(
    session: requests.Session,
    method: str,
    url: str,
    *,
    timeout_s: float,
    max_bytes: int = 2_000_000,
    **kwargs: Any,
) -> Answer:
    """Send once, never again, and read one answer. Raises NoAnswer.

    Redirects are not followed: requests would turn a redirected POST into a GET. The secrets that
    `auth` names are taken out of the answer, whose errors may repeat them.
    """
    timeout = (min(CONNECT_S, timeout_s), timeout_s)
    until = Deadline(timeout_s)
    try:
        with (
            until,
            session.request(
                method, url, timeout=timeout, stream=True, allow_redirects=False, **kwargs
            ) as response,
        ):
            data = _read_body(response, until, max_bytes)
        named = getattr(kwargs.get("auth"), "secrets", ())
        secrets = [secret for secret in named if len(secret) >= SECRET_LENGTH]
        headers = {name.lower(): _mask(secrets, text) for name, text in response.headers.items()}
        text = _mask(secrets, _storable(data.decode("utf-8", "replace")))
        body = decode_json(text)
        return Answer(response.status_code, headers, body if isinstance(body, dict) else None, text)
    except (OSError, HTTPError, ValueError) as error:
        # A connection that we cut off looks like one that the other side has closed.
        late = until.passed and not was_not_sent(error)
        code = "ReadTimeout" if late else type(error).__name__
        lost = NoAnswer(code, "no" if was_not_sent(error) else "maybe")
    # Raised out here, because the error of requests, which it would else carry along as its
    # context, holds the request and with it the key.
    raise lost


def was_not_sent(error: Exception) -> bool:
    """Tell whether the request provably did not reach the provider."""
    if isinstance(error, ValueError):  # a bad address or header is found while preparing
        return isinstance(error, requests.RequestException | UnicodeEncodeError)
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if not isinstance(error.args[0] if error.args else None, MaxRetryError):
        return False
    if isinstance(reason, TransportSSLError):
        return bool(reason.args) and isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _read_body(response: requests.Response, until: Deadline, max_bytes: int) -> bytes:
    data = b""
    while chunk := response.raw.read1(65536, decode_content=True):
        data += chunk
        if len(data) > max_bytes:
            raise OSError("the answer is too long")
    # Headers or a body that we cut off look like some that have ended.
    if until.passed:
        raise TimeoutError("the answer took too long")
    return data


def _mask(secrets: Iterable[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def decode_json(text: str) -> Any:
    """Decode JSON into values that a database can store; None where it cannot be read."""
    try:
        return _storable(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _storable(value: Any, depth: int = 0) -> Any:
    """Without NUL, half characters and infinite numbers. Raises ValueError where it is too deep."""
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [_storable(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item, depth + 1) for key, item in value.items()}
    return value


def prefer_https(url: str) -> str:
    """Return the https URL of Alibaba's own storage, which documents show with http."""
    try:
        parts = urlsplit(url)
    except ValueError:  # no address at all: the download will report it
        return url
    if parts.scheme == "http" and (parts.hostname or "").endswith(".aliyuncs.com"):
        return parts._replace(scheme="https").geturl()
    return url


_ADDRESS = re.compile(r"""(\b[a-z][a-z0-9+.-]*://[^\s"'<>?#/]*)[^\s"'<>]*""", re.IGNORECASE)
_QUERY = re.compile(r"""(\b[a-z][a-z0-9+.-]*://[^\s"'<>?#]*)[?#][^\s"'<>]*""", re.IGNORECASE)
# The query of an address that lacks its beginning, or that is itself a parameter.
_PARAMETERS = re.compile(r"""(?:[?&]|%3F|%26)[\w.%~-]+(?:=|%3D)[^\s"'<>]*""", re.IGNORECASE)
_KEY = re.compile(
    r"\b(sk|st)-[A-Za-z0-9._-]{4,}|\bAPPCODE +(?=\S*[0-9])[A-Za-z0-9*]{4,}"
    # A signature of Aidge's, with which anybody could ask again.
    r"|\b[0-9A-F]{64}\b"
)


def redacted_line(text: str, limit: int = 300) -> str:
    """Return a message as one line without keys, and of addresses only the host."""
    text = _PARAMETERS.sub("", _ADDRESS.sub(r"\1/…", text))
    return " ".join(_KEY.sub("***", text).split())[:limit]


def without_secrets(value: Any) -> Any:
    """Return a copy of an answer without keys and without the query strings of addresses."""
    if isinstance(value, Mapping):
        return {without_secrets(str(key)): without_secrets(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if isinstance(value, str):
        return _KEY.sub("***", _PARAMETERS.sub("", _QUERY.sub(r"\1", value)))[:1000]
    return value
