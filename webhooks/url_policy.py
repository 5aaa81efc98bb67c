"""Which addresses webhooks may be sent to: public ones, over TLS, at the usual ports.

What a name resolves to is looked at only when it is called (webhooks.post).
"""

from __future__ import annotations

import socket
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from requests_hardened.ip_filter import InvalidIPAddress, filter_host

# Adds to the ranges that the filter refuses.
import catalog.photos.fetch  # noqa: F401

MAX_LENGTH = 500
PORTS = {443, 8443}


class TargetRefused(ValueError):
    """Nothing may be sent to the address. `code` is for programs, the text for users."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def local_allowed() -> bool:
    """Whether http, any port and this machine's addresses are allowed, for development."""
    return settings.WEBHOOK_ALLOW_LOCAL is True


def check(url: str) -> None:
    """Raise TargetRefused if nothing may be sent to this address. Resolves no name."""
    parts, port = _split(url)
    local, host = local_allowed(), parts.hostname or ""
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise TargetRefused("scheme", _("The address must begin with https://."))
    if "@" in parts.netloc or parts.fragment:
        text = _("The address must not hold a name, a password or a fragment.")
        raise TargetRefused("credentials", text)
    if port not in PORTS and not local:
        raise TargetRefused("port", _("Only the ports 443 and 8443 can be called."))
    if _is_ip_address(host):
        _check_ip_address(host, port, local)
    elif "." not in host.rstrip(".") and not local:
        raise TargetRefused("host", _("The address needs the full name of a public host."))


def _split(url: str) -> tuple[SplitResult, int]:
    plain = url.isascii() and url.isprintable() and not set(url) & set(' \\"<>')
    try:
        parts = urlsplit(url if plain and len(url) <= MAX_LENGTH else "")
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if not parts.hostname:
        text = _("This is no address: write it as https://example.com/hook.")
        raise TargetRefused("url", text)
    usual = 80 if parts.scheme == "http" else 443
    return parts, usual if port is None else port


def _is_ip_address(host: str) -> bool:
    """Whether it is an IP address, in any notation that systems accept."""
    try:
        socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return False
    return True


def _check_ip_address(host: str, port: int, local: bool) -> None:
    try:
        filter_host(host, port, allow_loopback=local)
    except (InvalidIPAddress, ValueError):
        text = _("This is no public address.")
        raise TargetRefused("private", text) from None
