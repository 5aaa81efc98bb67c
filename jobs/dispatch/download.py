"""Fetch a finished image from an address that a provider gave us, and nothing else."""

from __future__ import annotations

from catalog.photos import fetch as public
from catalog.photos.fetch import FetchFailed
from providers.http_client import prefer_https

MAX_BYTES = 30_000_000
TOTAL_S = 45

_TEXTS = {
    "private_address": "The result could not be fetched: {}.",
    "unreachable": "The result could not be fetched: {}.",
    "redirects": "The result's address redirects too often.",
    "no_http": "The result's address is neither http nor https.",
    "too_large": "The result is larger than {} bytes.",
    "too_slow": "The result took longer than allowed.",
    "broke_off": "The result broke off at {} bytes.",
}


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
    try:
        return public.fetch(
            prefer_https(url), max_bytes=MAX_BYTES, total_s=TOTAL_S, trusted=trusted
        )
    except FetchFailed as failed:
        raise DownloadFailed(_sentence(failed), gone=failed.gone) from failed


def _sentence(failed: FetchFailed) -> str:
    if failed.code != "status":
        return _TEXTS[failed.code].format(failed.found)
    if failed.gone:
        return f"The provider answers {failed.found}: expired?"
    return f"The result's host answers {failed.found}."
