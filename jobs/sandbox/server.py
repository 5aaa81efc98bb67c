"""The server: sockets, routing by provider, the control door, start and stop."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from .dashscope import DashScope
from .faults import Faults
from .http import Reply, Request, as_json
from .images import Engine, Instant, Renderer
from .ledger import Ledger
from .options import Options
from .tasks import TaskTable

MAX_BODY = 32 * 1024 * 1024


class Provider(Protocol):
    def handle(self, request: Request) -> Reply: ...
    def reset(self) -> None: ...
    def close(self) -> None: ...


class Sandbox:
    """A running sandbox: `with Sandbox(task_seconds=0.1, instant=True) as sandbox: ...`.

    Takes the fields of Options as keywords. `renderer` replaces what makes the images.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        renderer: Renderer | None = None,
        **options: Any,
    ) -> None:
        self.options = Options(**options)
        self._faults = Faults()
        table = TaskTable(
            seconds=self.options.task_seconds,
            concurrency=self.options.concurrency,
            overflow=self.options.overflow,
        )
        self._ledger = Ledger({"dashscope": table})
        renderer = renderer or self._renderer()
        parts = (self.options, table, self._ledger, self._faults, renderer)
        self.providers: dict[str, Provider] = {"dashscope": DashScope(*parts)}
        self._server = _Server((host, port), self)
        self.url = f"http://{host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="sandbox", daemon=True
        )

    def _renderer(self) -> Renderer:
        return Instant() if self.options.instant else Engine(self.options.engine_processes)

    @property
    def dashscope_url(self) -> str:
        return f"{self.url}/dashscope/api/v1"

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.stop()
        self._thread.join(timeout=5)
        for provider in self.providers.values():
            provider.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def ledger(self) -> dict[str, Any]:
        return {**self._ledger.as_dict(), "faults": self._faults.fired()}

    def set_faults(self, faults: Iterable[Mapping[str, Any]]) -> None:
        self._faults.set(faults)

    def reset(self) -> None:
        """Forget all tasks, results, faults and counts."""
        self._faults.reset()
        for provider in self.providers.values():
            provider.reset()
        self._ledger.reset()

    def handle(self, request: Request) -> Reply:
        first, _, rest = request.path.lstrip("/").partition("/")
        if first == "_control":
            return self._control(request, rest)
        if provider := self.providers.get(first):
            return provider.handle(replace(request, path=f"/{rest}"))
        return as_json({"code": "NotFound", "message": "Not found!"}, 404)

    def _control(self, request: Request, door: str) -> Reply:
        if (request.method, door) == ("GET", "ledger"):
            return as_json(self.ledger())
        if (request.method, door) == ("POST", "reset"):
            self.reset()
            return as_json({"ok": True})
        if (request.method, door) == ("POST", "faults"):
            try:
                self.set_faults(json.loads(request.body or b"[]"))
            except (ValueError, TypeError) as error:
                return as_json({"error": str(error)}, 400)
            return as_json({"ok": True})
        return as_json({"error": "GET ledger, POST faults, POST reset"}, 404)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    # The default of 5 resets connections when a bench opens a hundred at once.
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
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
        """Clients that go away in the middle are nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "toile-sandbox"
    disable_nagle_algorithm = True
    wbufsize = 65536  # head and body leave in one packet
    server: _Server

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
            return self._write(as_json({"code": "BadRequest.TooLarge", "message": ""}, 413))
        request = self._request(self.rfile.read(int(length)))
        self._write(self.server.sandbox.handle(request))

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
