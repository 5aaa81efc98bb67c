"""Faults on demand: which requests they apply to, and what they do to them."""

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

# The first are sent instead of the protocol's answer; the others change that answer.
REPLACING_KINDS = ("throttle", "500", "hang")
SPOILING_KINDS = (
    "drop_after_accept",
    "malformed",
    "unknown_status",
    "expired_url",
    "truncated_image",
    "slow_drip",
    "wrong_size",
)
KINDS = REPLACING_KINDS + SPOILING_KINDS
ENDPOINTS = ("submit", "query", "list", "cancel", "parse", "upload", "result")


@dataclass(frozen=True)
class FaultReplies:
    """A protocol's replies to a throttle and a 500; `with_status` puts a status into a body."""

    throttled: Refused
    broken: Refused
    with_status: Callable[[dict[str, Any], str], dict[str, Any]]


def _with_status(body: dict[str, Any], status: str) -> dict[str, Any]:
    for name in ("data", "tasks"):  # the list is flat
        if isinstance(body.get(name), list):
            return {**body, name: [{**row, "status": status} for row in body[name]]}
    output = body.get("output") or {}
    kept = {k: v for k, v in output.items() if k not in ("image_url", "results")}
    return {**body, "output": {**kept, "task_status": status}}


DASHSCOPE_REPLIES = FaultReplies(
    Refused(429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later."),
    Refused(500, "InternalError", "Internal server error!"),
    _with_status,
)


@dataclass
class Fault:
    """`times` requests, or each with the probability `rate`; both: so many at that rate.

    `seconds` is how long a hang or a drip takes, `status` the status that unknown_status puts in.
    """

    kind: str
    on: str = "submit"
    times: int | None = None
    rate: float = 1.0
    seed: int = 0
    seconds: float = 60.0
    status: str = "UNKNOWN"
    dice: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.on not in ENDPOINTS:
            raise ValueError(f"no such fault: {self.kind} on {self.on}")
        self.dice = random.Random(self.seed)

    def matches(self, on: str) -> bool:
        """Tell whether it applies to the next request of an endpoint; this uses up one time."""
        if on != self.on or self.times == 0 or self.dice.random() >= self.rate:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The faults that are set, and how often each kind was applied."""

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
        """Return how often each kind was applied since the last reset."""
        with self._lock:
            return dict(self._fired)

    def reset(self) -> None:
        """Remove all faults and counts."""
        with self._lock:
            self._faults = []
            self._fired.clear()

    def apply(
        self, on: str, work: Callable[[], Reply], replies: FaultReplies = DASHSCOPE_REPLIES
    ) -> Reply:
        """Return the reply of `work`, changed or replaced by the next fault. Raises Refused."""
        fault = self._next(on)
        if fault is None:
            return work()
        if fault.kind == "throttle":
            raise replies.throttled
        if fault.kind == "500":
            raise replies.broken
        if fault.kind == "hang":
            return Reply(hang_s=fault.seconds, drop=True)
        return spoil_reply(fault, work(), replies)

    def _next(self, on: str) -> Fault | None:
        with self._lock:
            fault = next((fault for fault in self._faults if fault.matches(on)), None)
            if fault is not None:
                self._fired[fault.kind] += 1
            return fault


def spoil_reply(fault: Fault, reply: Reply, replies: FaultReplies = DASHSCOPE_REPLIES) -> Reply:
    """Apply a fault of SPOILING_KINDS to a finished reply, in place; return it."""
    if fault.kind == "drop_after_accept":
        reply.drop = True
    elif fault.kind == "malformed":
        reply.body = b"<html><body>Bad Gateway</body></html>"
        reply.content_type = "text/html"
    elif fault.kind == "unknown_status" and reply.content_type == "application/json":
        reply.body = json.dumps(replies.with_status(json.loads(reply.body), fault.status)).encode()
    elif fault.kind == "expired_url":
        # The results check Expires, as object storage does.
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
        reply.body = _halve_image(reply.body)
    return reply


def _halve_image(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        small = image.resize((max(1, image.width // 2), max(1, image.height // 2)))
        out = io.BytesIO()
        small.save(out, image.format or "JPEG")
    return out.getvalue()
