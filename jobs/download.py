"""Fetch a finished image from an address that a provider gave us, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from ipaddress import ip_network
from urllib.parse import urljoin, urlsplit

import requests
from requests_hardened import Config, Manager, ip_filter
from urllib3.exceptions import HTTPError

MAX_BYTES = 30_000_000
MAX_REDIRECTS = 3
CONNECT_S, READ_S, TOTAL_S = 10, 20, 45
# The bytes as they are: a compressed answer would have another length than it says.
HEADERS = {"Accept-Encoding": "identity"}

# requests-hardened 1.3.0 lets these through, and [::127.0.0.1] is this machine to some kernels:
# addresses that hold an IPv4 address, and those of one site.
_MORE_PRIVATE = (ip_network("::/96"), ip_network("fec0::/10"))
if not set(_MORE_PRIVATE) <= set(ip_filter.EXTRA_BLOCKED_NET_RANGES):
    ip_filter.EXTRA_BLOCKED_NET_RANGES += _MORE_PRIVATE

_public_only = Manager(
    Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=False,
        never_redirect=True,
        default_timeout=(CONNECT_S, READ_S),
    )
)


class DownloadFailed(Exception):
    """`gone`: the address will never answer again; otherwise it is worth another try."""

    def __init__(self, message: str, *, gone: bool = False) -> None:
        self.gone = gone
        super().__init__(message)


def fetch(url: str, *, trusted: str = "") -> bytes:
    """The bytes behind a result address. Raises DownloadFailed.

    `trusted` is the host:port that the operator configured for the provider: it may be private
    (a sandbox); every other host must be public, and so must every redirect.
    """
    deadline = time.monotonic() + TOTAL_S
    try:
        for _hop in range(MAX_REDIRECTS + 1):
            with _open(_upgrade(url), trusted) as response:
                if response.is_redirect:
                    url = urljoin(url, response.headers["location"])
                    continue
                return _body(response, deadline)
    except (requests.RequestException, HTTPError, OSError) as error:
        raise DownloadFailed(f"The result could not be fetched: {type(error).__name__}.") from error
    raise DownloadFailed("The result's address redirects too often.", gone=True)


def _upgrade(url: str) -> str:
    """DashScope names its results by http; the same host serves https."""
    parts = urlsplit(url)
    if parts.scheme == "http" and (parts.hostname or "").endswith(".aliyuncs.com"):
        return parts._replace(scheme="https").geturl()
    return url


def _open(url: str, trusted: str) -> requests.Response:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        raise DownloadFailed("The result's address is neither http nor https.", gone=True)
    if trusted and parts.netloc == trusted:
        limits = (CONNECT_S, READ_S)
        return requests.get(
            url, stream=True, timeout=limits, allow_redirects=False, headers=HEADERS
        )
    return _public_only.send_request("GET", url, stream=True, headers=HEADERS)


def _body(response: requests.Response, deadline: float) -> bytes:
    if response.status_code in {403, 404, 410}:
        raise DownloadFailed(f"The provider answers {response.status_code}: expired?", gone=True)
    if response.status_code != 200:
        raise DownloadFailed(f"The result's host answers {response.status_code}.")
    expected = response.headers.get("content-length", "")
    if expected.isdigit() and int(expected) > MAX_BYTES:
        raise DownloadFailed(f"The result is larger than {MAX_BYTES} bytes.", gone=True)
    body = bytearray()
    for chunk in _chunks(response):
        body += chunk
        if len(body) > MAX_BYTES:
            raise DownloadFailed(f"The result is larger than {MAX_BYTES} bytes.", gone=True)
        if time.monotonic() > deadline:
            raise DownloadFailed(f"The result took longer than {TOTAL_S} s.")
    if expected.isdigit() and int(expected) != len(body):
        raise DownloadFailed(f"The result broke off at {len(body)} of {expected} bytes.")
    return bytes(body)


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """What each receive brought. The socket's own time limit starts again with every byte, so an
    answer that drips is only ended by a look at the clock between receives."""
    while chunk := response.raw.read1(65536, decode_content=True):
        yield chunk
