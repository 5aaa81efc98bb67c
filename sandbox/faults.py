"""Faults on demand: which requests they meet, and what they do to them."""

from __future__ import annotations

import io
import json
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from sandbox.http_messages import Refused, Reply

# These answer instead of the protocol; the others let it work first and spoil its answer.
INSTEAD = ("throttle", "500", "hang")
AFTER = (
    "drop_after_accept",
    "malformed",
    "unknown_status",
    "expired_url",
    "truncated_image",
    "slow_drip",
    "wrong_size",
)
KINDS = INSTEAD + AFTER
DOORS = ("submit", "query", "list", "cancel", "parse", "upload", "result")


@dataclass(frozen=True)
class Words:
    """How a protocol words a throttle and a 500, and tells a body with another status in it."""

    throttled: Refused
    broken: Refused
    restated: Callable[[dict[str, Any], str], dict[str, Any]]


def _restated(body: dict[str, Any], word: str) -> dict[str, Any]:
    for name in ("data", "tasks"):  # the list is flat
        if isinstance(body.get(name), list):
            return {**body, name: [{**row, "status": word} for row in body[name]]}
    output = body.get("output") or {}
    kept = {k: v for k, v in output.items() if k not in ("image_url", "results")}
    return {**body, "output": {**kept, "task_status": word}}


DASHSCOPE = Words(
    Refused(429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later."),
    Refused(500, "InternalError", "Internal server error!"),
    _restated,
)


@dataclass
class Fault:
    """`times` requests, or each with the probability `rate`; both: so many at that rate.

    `seconds` is how long a hang or a drip takes, `word` the status that unknown_status puts in.
    """

    kind: str
    on: str = "submit"
    times: int | None = None
    rate: float = 1.0
    seed: int = 0
    seconds: float = 60.0
    word: str = "UNKNOWN"
    dice: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.on not in DOORS:
            raise ValueError(f"no such fault: {self.kind} on {self.on}")
        self.dice = random.Random(self.seed)

    def meets(self, on: str) -> bool:
        if on != self.on or self.times == 0 or self.dice.random() >= self.rate:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._fired: Counter[str] = Counter()

    def set(self, faults: Iterable[Mapping[str, Any]]) -> None:
        """Replace all faults. Raises ValueError or TypeError for one that does not exist."""
        made = [Fault(**fault) for fault in faults]
        with self._lock:
            self._faults = made

    def fired(self) -> dict[str, int]:
        """How often each kind has struck since the last reset."""
        with self._lock:
            return dict(self._fired)

    def reset(self) -> None:
        with self._lock:
            self._faults = []
            self._fired.clear()

    def around(self, on: str, work: Callable[[], Reply], words: Words = DASHSCOPE) -> Reply:
        """Do the work, or what the next fault makes of it. Raises Refused."""
        fault = self._next(on)
        if fault is None:
            return work()
        if fault.kind == "throttle":
            raise words.throttled
        if fault.kind == "500":
            raise words.broken
        if fault.kind == "hang":
            return Reply(hang_s=fault.seconds, drop=True)
        return spoiled(fault, work(), words)

    def _next(self, on: str) -> Fault | None:
        with self._lock:
            fault = next((fault for fault in self._faults if fault.meets(on)), None)
            if fault is not None:
                self._fired[fault.kind] += 1
            return fault


def spoiled(fault: Fault, reply: Reply, words: Words = DASHSCOPE) -> Reply:
    """An answer after a fault of the kind that lets the protocol work first."""
    if fault.kind == "drop_after_accept":
        reply.drop = True
    elif fault.kind == "malformed":
        reply.body = b"<html><body>Bad Gateway</body></html>"
        reply.content_type = "text/html"
    elif fault.kind == "unknown_status" and reply.content_type == "application/json":
        reply.body = json.dumps(words.restated(json.loads(reply.body), fault.word)).encode()
    elif fault.kind == "expired_url":
        # Whoever serves results looks at Expires, as object storage does.
        reply.body = re.sub(rb"Expires=\d+", b"Expires=1", reply.body)
        if reply.content_type.startswith("image/"):
            reply.status, reply.content_type = 403, "application/xml"
            reply.body = (
                b"<Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>"
            )
    elif fault.kind == "truncated_image":
        reply.cut = len(reply.body) // 2
    elif fault.kind == "slow_drip":
        reply.drip_s = fault.seconds
    elif fault.kind == "wrong_size" and reply.content_type.startswith("image/"):
        reply.body = _halved(reply.body)
    return reply


def _halved(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        small = image.resize((max(1, image.width // 2), max(1, image.height // 2)))
        out = io.BytesIO()
        small.save(out, image.format or "JPEG")
    return out.getvalue()
