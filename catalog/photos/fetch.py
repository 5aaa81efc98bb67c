"""Fetch what lies behind an address that somebody gave us, from public hosts and in bounds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from ipaddress import ip_network
from urllib.parse import urljoin, urlsplit

import requests
from requests_hardened import Config, Manager, ip_filter
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.exceptions import HTTPError

MAX_REDIRECTS = 3
CONNECT_S, READ_S = 10, 20
# The bytes as they are: a compressed answer would have another length than it says.
HEADERS = {"Accept-Encoding": "identity"}

# requests-hardened 1.3.0 lets these through, and [::127.0.0.1] is this machine to some kernels:
# addresses that hold an IPv4 address, and those of one site.
_MORE_PRIVATE = (ip_network("::/96"), ip_network("fec0::/10"))
if not set(_MORE_PRIVATE) <= set(ip_filter.EXTRA_BLOCKED_NET_RANGES):
    ip_filter.EXTRA_BLOCKED_NET_RANGES += _MORE_PRIVATE


def public_only(connect_s: float, read_s: float, *, loopback: bool = False) -> Manager:
    """A client that reaches public hosts only, and follows no redirect."""
    return Manager(
        Config(
            ip_filter_enable=True,
            ip_filter_allow_loopback_ips=loopback,
            never_redirect=True,
            default_timeout=(connect_s, read_s),
        )
    )


_public_only = public_only(CONNECT_S, READ_S)


class FetchFailed(Exception):
    """`code` for programs, `told` is what was found; `gone`: the address will never answer again,
    otherwise it is worth another try."""

    def __init__(self, code: str, told: object = "", *, gone: bool = False) -> None:
        self.code, self.told, self.gone = code, told, gone
        super().__init__(f"{code}: {told}")


def fetch(url: str, *, max_bytes: int, total_s: float, trusted: str = "") -> bytes:
    """The bytes behind an address. Raises FetchFailed.

    `trusted` is a host:port that the operator configured: it may be private (a sandbox); every
    other host must be public, and so must every redirect.
    """
    deadline = time.monotonic() + total_s
    try:
        for _hop in range(MAX_REDIRECTS + 1):
            with _open(url, trusted, deadline) as response:
                if response.is_redirect:
                    url = urljoin(url, response.headers["location"])
                    continue
                return _body(response, max_bytes, deadline)
    except InvalidIPAddress as error:
        raise FetchFailed("private_address", type(error).__name__) from error
    # What makes no address is a ValueError, and only found out by whoever takes it apart.
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise FetchFailed("unreachable", type(error).__name__) from error
    raise FetchFailed("redirects", MAX_REDIRECTS, gone=True)


def _open(url: str, trusted: str, deadline: float) -> requests.Response:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        raise FetchFailed("no_http", gone=True)
    left = max(0.1, deadline - time.monotonic())
    limits = (min(CONNECT_S, left), min(READ_S, left))
    if trusted and parts.netloc == trusted:
        return requests.get(
            url, stream=True, timeout=limits, allow_redirects=False, headers=HEADERS
        )
    return _public_only.send_request("GET", url, stream=True, timeout=limits, headers=HEADERS)


def _body(response: requests.Response, max_bytes: int, deadline: float) -> bytes:
    if response.status_code != 200:
        gone = response.status_code in {403, 404, 410}
        raise FetchFailed("status", response.status_code, gone=gone)
    expected = response.headers.get("content-length", "")
    if expected.isdigit() and int(expected) > max_bytes:
        raise FetchFailed("too_large", max_bytes, gone=True)
    body = bytearray()
    for chunk in _chunks(response):
        body += chunk
        if len(body) > max_bytes:
            raise FetchFailed("too_large", max_bytes, gone=True)
        if time.monotonic() > deadline:
            raise FetchFailed("too_slow")
    if expected.isdigit() and int(expected) != len(body):
        raise FetchFailed("broke_off", f"{len(body)} of {expected}")
    return bytes(body)


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """What each receive brought. The socket's own time limit starts again with every byte, so an
    answer that drips is only ended by a look at the clock between receives."""
    while chunk := response.raw.read1(65536, decode_content=True):
        yield chunk
