"""Fetch the input images as the provider does, and check them by its rules.

Source of DashScope's: the image requirements and error tables of the aitryon-plus and
aitryon-refiner references and the general error code page (read 2026-11-20).
"""

from __future__ import annotations

import io
import ipaddress
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from PIL import Image
from urllib3.exceptions import HTTPError

from sandbox.http_messages import Refused

MIN_BYTES, MAX_BYTES = 5 * 1024, 5 * 1024 * 1024
# The error text is stricter than the table: larger than 150, smaller than 4096.
MIN_SIDE, MAX_SIDE = 151, 4095
FORMATS = ("JPEG", "PNG", "BMP", "WEBP")

BAD_URL = Refused(
    400,
    "InvalidURL",
    "The request URL is invalid, please check the request URL is available and the request image "
    "format is one of the following types: JPEG, JPG, PNG, BMP, and WEBP.",
)
BAD_SIZE = Refused(
    400,
    "InvalidInputLength",
    "The image resolution is invalid, please make sure that the largest length of image is smaller "
    "than 4096, and the smallest length of image is larger than 150. and the size of image ranges "
    "from 5KB to 5MB.",
)
TOO_SLOW = Refused(
    400,
    "InvalidParameter",
    "Download the media resource timed out during the data inspection process.",
)
BAD_MEDIA = Refused(
    400,
    "InvalidParameter.DataInspection",
    "The media format is not supported or incorrect for the data inspection.",
)
NO_LENGTH = Refused(500, "InternalError.Algo", "Missing Content-Length of multimodal url.")


@dataclass(frozen=True)
class Rules:
    """A provider's limits for input images (pixels, bytes), and its error for each violation."""

    min_side: int
    max_side: int
    min_bytes: int
    max_bytes: int
    formats: tuple[str, ...]
    bad_url: Refused
    bad_size: Refused
    bad_media: Refused
    too_slow: Refused
    no_length: Refused | None = None


DASHSCOPE = Rules(
    MIN_SIDE,
    MAX_SIDE,
    MIN_BYTES,
    MAX_BYTES,
    FORMATS,
    BAD_URL,
    BAD_SIZE,
    BAD_MEDIA,
    TOO_SLOW,
    NO_LENGTH,
)


@dataclass(frozen=True)
class InputImage:
    """An input image that keeps the rules; width and height in pixels."""

    data: bytes
    width: int
    height: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height


class PublicSession(requests.Session):
    """A session that sends nothing to a private address, also not after a redirect."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        host = urlsplit(request.url or "").hostname or ""
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        if not all(ipaddress.ip_address(address[4][0]).is_global for address in found):
            raise requests.ConnectionError("The address is private.")
        return super().send(request, **kwargs)


class Fetcher:
    """Downloads with one session per thread. Proxies are ignored: the images are usually here."""

    def __init__(
        self, seconds: float, rules: Rules = DASHSCOPE, *, refuse_private: bool = False
    ) -> None:
        self._seconds = seconds
        self._rules = rules
        self._kind = PublicSession if refuse_private else requests.Session
        self._local = threading.local()

    def fetch(self, url: str) -> InputImage:
        """Download and check one image. Raises Refused with the documented code."""
        try:
            with self._session().get(url, stream=True, timeout=self._seconds) as response:
                self._check_headers(response)
                data = self._read(response)
        except (requests.Timeout, TimeoutError):
            raise self._rules.too_slow from None
        except (OSError, HTTPError, ValueError):
            raise self._rules.bad_url from None
        return check_image(data, self._rules)

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = self._kind()
            self._local.session.trust_env = False
        session: requests.Session = self._local.session
        return session

    def _check_headers(self, response: requests.Response) -> None:
        rules = self._rules
        if response.status_code != 200:
            raise rules.bad_url
        if "content-length" not in response.headers and rules.no_length:
            raise rules.no_length
        if not response.headers.get("content-type", "").lower().startswith("image/"):
            raise rules.bad_media
        if int(response.headers.get("content-length", 0)) > rules.max_bytes:
            raise rules.bad_size

    def _read(self, response: requests.Response) -> bytes:
        deadline, data = time.monotonic() + self._seconds, b""
        while chunk := response.raw.read1(65536):
            data += chunk
            if time.monotonic() > deadline:
                raise TimeoutError
            if len(data) > self._rules.max_bytes:
                raise self._rules.bad_size
        return data


def check_image(data: bytes, rules: Rules = DASHSCOPE) -> InputImage:
    """Check size, format and sides of an image file. Raises Refused."""
    if not rules.min_bytes <= len(data) <= rules.max_bytes:
        raise rules.bad_size
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
            if image.format not in rules.formats:
                raise rules.bad_url
    except (OSError, Image.DecompressionBombError):
        raise rules.bad_url from None
    if min(width, height) < rules.min_side or max(width, height) > rules.max_side:
        raise rules.bad_size
    return InputImage(data, width, height)
