"""Fetch what lies behind an address that somebody gave us, from public hosts and in bounds."""

from __future__ import annotations

from contextlib import AbstractContextManager
from urllib.parse import urljoin, urlsplit

import requests
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.exceptions import HTTPError

from providers.bounded_http import Deadline, bind_deadline, public_session

MAX_REDIRECTS = 3
CONNECT_S, READ_S = 10, 20
# The bytes as they are: a compressed answer would have another length than it says.
HEADERS = {"Accept-Encoding": "identity"}


class FetchFailed(Exception):
    """`code` for programs, `found` is what was found; `gone`: the address will never answer again,
    otherwise it is worth another try."""

    def __init__(self, code: str, found: object = "", *, gone: bool = False) -> None:
        self.code, self.found, self.gone = code, found, gone
        super().__init__(f"{code}: {found}")


def fetch(url: str, *, max_bytes: int, total_s: float, trusted: str = "") -> bytes:
    """The bytes behind an address. Raises FetchFailed.

    `trusted` is a host:port that the operator configured: it may be private (a sandbox); every
    other host must be public, and so must every redirect.
    """
    with Deadline(total_s) as until:
        try:
            for _hop in range(MAX_REDIRECTS + 1):
                with _session(url, trusted) as session, _get(session, url, total_s) as response:
                    if until.passed:
                        # Headers that we cut off look like headers that have ended.
                        raise FetchFailed("too_slow")
                    if response.is_redirect:
                        url = urljoin(url, response.headers["location"])
                        continue
                    return _body(response, max_bytes, until)
        except InvalidIPAddress as error:
            raise FetchFailed("private_address", type(error).__name__) from error
        # What makes no address is a ValueError, and only found out by whoever takes it apart.
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            if until.passed:
                raise FetchFailed("too_slow") from error
            raise FetchFailed("unreachable", type(error).__name__) from error
    raise FetchFailed("redirects", MAX_REDIRECTS, gone=True)


def _session(url: str, trusted: str) -> AbstractContextManager[requests.Session]:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        raise FetchFailed("no_http", gone=True)
    if trusted and parts.netloc == trusted:
        return bind_deadline(requests.Session())
    return public_session(CONNECT_S, READ_S)


def _get(session: requests.Session, url: str, total_s: float) -> requests.Response:
    limits = (min(CONNECT_S, total_s), min(READ_S, total_s))
    return session.get(url, stream=True, timeout=limits, allow_redirects=False, headers=HEADERS)


def _body(response: requests.Response, max_bytes: int, until: Deadline) -> bytes:
    if response.status_code != 200:
        gone = response.status_code in {403, 404, 410}
        raise FetchFailed("status", response.status_code, gone=gone)
    expected = response.headers.get("content-length", "")
    if expected.isdigit() and int(expected) > max_bytes:
        raise FetchFailed("too_large", max_bytes, gone=True)
    body = bytearray()
    while chunk := response.raw.read1(65536, decode_content=True):
        body += chunk
        if len(body) > max_bytes:
            raise FetchFailed("too_large", max_bytes, gone=True)
    if until.passed:
        raise FetchFailed("too_slow")
    if expected.isdigit() and int(expected) != len(body):
        raise FetchFailed("broke_off", f"{len(body)} of {expected}")
    return bytes(body)
