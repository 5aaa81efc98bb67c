"""Requests and replies between the server and a protocol."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request. Header names are lower case; `base` is the address the client used."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str


@dataclass
class Reply:
    """One answer, and how to spoil its delivery.

    `hang_s` waits before anything is written; `drop` then closes without an answer; `cut` sends
    that many bytes of the body and closes; `drip_s` spreads the body over so many seconds.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    hang_s: float = 0
    drop: bool = False
    cut: int | None = None
    drip_s: float = 0


class Refused(Exception):
    """An error of a protocol, which turns it into a reply of its format."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(f"{status} {code}: {message}")


def json_reply(body: Any, status: int = 200, **headers: str) -> Reply:
    """Return a body as a JSON reply."""
    return Reply(status, json.dumps(body, ensure_ascii=False).encode(), headers=headers)
