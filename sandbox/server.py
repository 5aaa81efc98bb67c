"""The server: sockets, routing by provider, the control endpoints, start and stop."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol, Self

from sandbox.aidge.protocol import Aidge
from sandbox.aliyun_market.protocol import AliyunMarket
from sandbox.call_log import Ledger
from sandbox.dashscope.protocol import DashScope
from sandbox.engine_pool import EngineRenderer
from sandbox.faults import Faults
from sandbox.http_messages import Reply, Request, json_reply
from sandbox.options import Options
from sandbox.result_images import PreparedRenderer, Renderer
from sandbox.sockets import Server
from sandbox.task_table import TaskTable


class Provider(Protocol):
    """One simulated provider."""

    def handle(self, request: Request) -> Reply:
        """Answer one request whose path is relative to the provider's prefix."""

    def reset(self) -> None:
        """Remove all tasks and results."""

    def close(self) -> None:
        """End the threads and processes that do the work."""


PROTOCOLS: Mapping[str, Callable[..., Provider]] = {
    "dashscope": DashScope,
    "aliyun-market": AliyunMarket,
    "aidge": Aidge,
}


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
        renderer = renderer or self._renderer()
        tables = {name: self._table() for name in PROTOCOLS}
        self._ledger = Ledger(tables)
        shared = (self._ledger, self._faults, renderer)
        self.providers: dict[str, Provider] = {
            name: make(self.options, tables[name], *shared) for name, make in PROTOCOLS.items()
        }
        self._server = Server((host, port), self.handle)
        self.url = f"http://{host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="sandbox", daemon=True
        )

    def _table(self) -> TaskTable:
        return TaskTable(
            seconds=self.options.task_seconds,
            seconds_most=self.options.task_seconds_most,
            seed=self.options.seed,
            concurrency=self.options.concurrency,
            overflow=self.options.overflow,
        )

    def _renderer(self) -> Renderer:
        return (
            PreparedRenderer()
            if self.options.instant
            else EngineRenderer(self.options.engine_processes)
        )

    @property
    def dashscope_url(self) -> str:
        """The value for DASHSCOPE_BASE_URL."""
        return f"{self.url}/dashscope/api/v1"

    @property
    def aliyun_market_url(self) -> str:
        """The value for ALIYUN_MARKET_BASE_URL."""
        return f"{self.url}/aliyun-market"

    @property
    def aidge_url(self) -> str:
        """The value for AIDGE_BASE_URL."""
        return f"{self.url}/aidge"

    def start(self) -> Self:
        """Serve in a thread; return itself."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving, and close all connections and workers."""
        self._server.stop()
        self._thread.join(timeout=5)
        for provider in self.providers.values():
            provider.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def ledger(self) -> dict[str, Any]:
        """Return what was received, accepted, billed and refused, and the applied faults."""
        return {**self._ledger.as_dict(), "faults": self._faults.fired()}

    def set_faults(self, faults: Iterable[Mapping[str, Any]]) -> None:
        """Replace all faults; each is the fields of `Fault`. Raises ValueError or TypeError."""
        self._faults.set(faults)

    def reset(self) -> None:
        """Remove all tasks, results, faults and counts."""
        self._faults.reset()
        for provider in self.providers.values():
            provider.reset()
        self._ledger.reset()

    def handle(self, request: Request) -> Reply:
        """Answer one request, by the first part of its path."""
        first, _, rest = request.path.lstrip("/").partition("/")
        if first == "_control":
            return self._control(request, rest)
        if provider := self.providers.get(first):
            return provider.handle(replace(request, path=f"/{rest}"))
        return json_reply({"code": "NotFound", "message": "Not found!"}, 404)

    def _control(self, request: Request, endpoint: str) -> Reply:
        if (request.method, endpoint) == ("GET", "ledger"):
            return json_reply(self.ledger())
        if (request.method, endpoint) == ("POST", "reset"):
            self.reset()
            return json_reply({"ok": True})
        if (request.method, endpoint) == ("POST", "faults"):
            try:
                self.set_faults(json.loads(request.body or b"[]"))
            except (ValueError, TypeError) as error:
                return json_reply({"error": str(error)}, 400)
            return json_reply({"ok": True})
        return json_reply({"error": "GET ledger, POST faults, POST reset"}, 404)
