"""An end to a whole exchange: name, TLS, headers and body, however little by little they come."""

from __future__ import annotations

import contextlib
import socket
import time
from contextvars import ContextVar
from threading import Timer
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class Deadline:
    """Hangs up once `seconds` are over.

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
        """A second handle of the connection: the first changes hands when TLS begins."""
        self._sockets.append(sock.dup())
        if self.passed:
            self._hang_up()

    def _hang_up(self) -> None:
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


_current: ContextVar[Deadline] = ContextVar("deadline")


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _watched(super()._new_conn())


class _Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _watched(super()._new_conn())


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


def _watched(sock: socket.socket) -> socket.socket:
    _current.get().watch(sock)
    return sock


def bind(adapter: Any) -> None:
    """Let this adapter's connections end with the Deadline they were opened within."""
    if isinstance(adapter, HTTPAdapter):
        pools = {"http": _PlainPool, "https": _SecurePool}
        adapter.poolmanager.pool_classes_by_scheme = pools
