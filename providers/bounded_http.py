"""Bounds of every HTTP exchange that leaves this site: one end to all of it, and public hosts only.

Providers' calls, photos and results that are fetched, and webhooks use the same two.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from ipaddress import ip_network
from threading import Timer
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests_hardened import Config, Manager, ip_filter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class Deadline:
    """Close the connections used within this context once `seconds` are over.

    A socket's own time limit starts again with every byte, so that a server which drips could hold
    a worker for ever.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._timer = Timer(seconds, self._hang_up)
        self._timer.daemon = True

    @property
    def passed(self) -> bool:
        """Whether the seconds are over."""
        return time.monotonic() >= self._ends

    def __enter__(self) -> Deadline:
        self._before = _current.set(self)
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        _current.reset(self._before)
        self._timer.cancel()
        self._timer.join()
        for sock in self._sockets:
            sock.close()

    def watch(self, sock: socket.socket) -> None:
        """Close this socket at the deadline.

        By a second handle: the first changes hands when TLS begins.
        """
        self._sockets.append(socket.fromfd(sock.fileno(), sock.family, sock.type))
        if self.passed:
            self._hang_up()

    def _hang_up(self) -> None:
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


class _Watched:
    """A connection that ends with the Deadline that it is used within, new or kept alive."""

    sock: socket.socket | None

    def _new_conn(self) -> socket.socket:
        sock: socket.socket = super()._new_conn()  # type: ignore[misc]
        if deadline := _current.get():
            deadline.watch(sock)
        return sock

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None and (deadline := _current.get()):
            deadline.watch(self.sock)
        super().request(*args, **kwargs)  # type: ignore[misc]


class _Plain(_Watched, HTTPConnection):
    pass


class _Secure(_Watched, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


_POOLS = {"http": _PlainPool, "https": _SecurePool}


def bind_deadline(session: requests.Session) -> requests.Session:
    """Make a session's connections end with the Deadline that they are used within; return it."""
    for adapter in session.adapters.values():
        if isinstance(adapter, HTTPAdapter):
            adapter.poolmanager.pool_classes_by_scheme = _POOLS
            # Where the environment names a proxy, the connection to it ends as well.
            adapter.proxy_manager_for = _with_pools(adapter.proxy_manager_for)  # type: ignore[method-assign]
    return session


def _with_pools(proxy_manager_for: Callable[..., Any]) -> Callable[..., Any]:
    def bound(proxy: str, **kwargs: Any) -> Any:
        manager = proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    return bound


# requests-hardened 1.3.0 lets these through, and [::127.0.0.1] is this machine to some kernels:
# addresses that hold an IPv4 address, and those of one site.
_MORE_PRIVATE = (ip_network("::/96"), ip_network("fec0::/10"))
if not set(_MORE_PRIVATE) <= set(ip_filter.EXTRA_BLOCKED_NET_RANGES):
    ip_filter.EXTRA_BLOCKED_NET_RANGES += _MORE_PRIVATE


@contextlib.contextmanager
def public_session(
    connect_s: float, read_s: float, *, loopback: bool = False
) -> Iterator[requests.Session]:
    """Open a session that reaches public hosts only and follows no redirect; it obeys a Deadline.

    `connect_s` and `read_s` are seconds; `loopback` lets it reach this machine (tests).
    """
    config = Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=loopback,
        never_redirect=True,
        default_timeout=(connect_s, read_s),
    )
    with Manager(config).get_session() as session:
        yield bind_deadline(session)
