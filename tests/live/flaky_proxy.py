"""A TCP proxy that cuts connections at random places, in both directions."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from dataclasses import dataclass

CHUNK = 4096
WHOLE = 1 << 40


@dataclass
class ByteLimits:
    """How many bytes of a connection pass each way before both ends are closed."""

    up: int = WHOLE
    down: int = WHOLE


class FlakyProxy:
    """Listens at `url` and passes on to the given port; `cuts` counts the cut connections."""

    def __init__(self, port: int, seed: int) -> None:
        self._port, self._dice = port, random.Random(seed)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self.cuts = 0

    def __enter__(self) -> FlakyProxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.close()

    def _limits(self) -> ByteLimits:
        """About a third each: no cut, a request that is cut, an answer that is cut."""
        kind = self._dice.random()
        far = self._dice.choice([0, 1, 300, 1500, 40_000])
        if kind < 0.4:
            return ByteLimits()
        if kind < 0.7:
            return ByteLimits(up=self._dice.randint(0, far))
        return ByteLimits(down=self._dice.randint(0, far))

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._server.accept()
                site = socket.create_connection(("127.0.0.1", self._port))
                limits = self._limits()
                for way in ((client, site, limits.up), (site, client, limits.down)):
                    threading.Thread(target=self._pass_on, args=way, daemon=True).start()

    def _pass_on(self, here: socket.socket, there: socket.socket, most: int) -> None:
        with contextlib.suppress(OSError):
            while data := here.recv(CHUNK):
                there.sendall(data[:most])
                most -= len(data)
                if most < 0:
                    self.cuts += 1
                    break
        for end in (here, there):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
