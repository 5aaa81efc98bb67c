"""Sockets: HTTP/1.1 with connections kept alive, quick, and gone when it stops."""

from __future__ import annotations

import contextlib
import socket
import threading
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.http_messages import Reply, Request, json_reply

MAX_BODY = 32 * 1024 * 1024


class Server(ThreadingHTTPServer):
    """An HTTP server whose replies come from `handle`, a thread per connection."""

    daemon_threads = True
    block_on_close = False
    # The default of 5 resets connections when a bench opens a hundred at once.
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], handle: Callable[[Request], Reply]) -> None:
        self.handle = handle
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def stop(self) -> None:
        """Stop listening and end kept-alive connections, whose threads else wait for ever."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            _hang_up(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect in the middle."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "toile-sandbox"
    disable_nagle_algorithm = True
    wbufsize = 65536  # head and body leave in one packet
    server: Server

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            return self._write(json_reply({"code": "BadRequest.TooLarge", "message": ""}, 413))
        request = self._request(self.rfile.read(int(length)))
        self._write(self._handled(request))

    def _handled(self, request: Request) -> Reply:
        try:
            return self.server.handle(request)
        except Exception:  # noqa: BLE001 - a fault of ours must not look like a dropped line
            traceback.print_exc()
            return json_reply({"code": "InternalError", "message": "Internal server error!"}, 500)

    def _request(self, body: bytes) -> Request:
        address = urlsplit(self.path)
        host = self.headers.get("Host") or "127.0.0.1"
        return Request(
            self.command,
            unquote(address.path),
            dict(parse_qsl(address.query)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
            f"http://{host}",
        )

    def _write(self, reply: Reply) -> None:
        if reply.hang_s:
            self.server.stopping.wait(reply.hang_s)
        if reply.drop:
            self.close_connection = True
            return _hang_up(self.connection)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self._write_body(reply)

    def _write_body(self, reply: Reply) -> None:
        body = reply.body if reply.cut is None else reply.body[: reply.cut]
        pieces = 20 if reply.drip_s else 1
        step = max(1, -(-len(body) // pieces))
        for start in range(0, len(body), step):
            self.wfile.write(body[start : start + step])
            self.wfile.flush()
            if reply.drip_s and self.server.stopping.wait(reply.drip_s / pieces):
                break
        self.wfile.flush()
        if reply.cut is not None:
            self.close_connection = True


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
