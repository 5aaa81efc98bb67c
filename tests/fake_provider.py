"""A provider in memory that answers what a test tells it to, and bills like the real ones."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone

from providers.contract import (
    Capabilities,
    Model,
    Outcome,
    Provider,
    ProviderError,
    RemoteImage,
    RemoteTask,
    TryOnRequest,
)

CAPABILITIES = Capabilities(
    models={
        "fake": Model("tryon"),
        "fake-parse": Model("parse"),
        "fake-refine": Model("refine"),
    },
    resolutions=(-1, 1024, 1280),
    restore_face=True,
    keep_rest=True,
    refine=True,
    cancel=True,
    list=True,
    concurrency=5,
    lookahead=2,
    submits_per_s=1000,
    queries_per_s=1000,
    result_life_s=24 * 3600,
)

Answer = Outcome | Exception | Callable[[], Outcome]


class Fake(Provider):
    """`answers` are given in order to submits, `polls` to polls; without one all goes well."""

    prices: ClassVar[Mapping[str, Any]] = {
        "fake": {"price": "0.50"},
        "fake-parse": {"price": "0.004"},
        "fake-refine": {"price": "0.30"},
    }

    def __init__(self, **options: Any) -> None:
        self.capabilities = replace(CAPABILITIES, **options)
        self.answers: deque[Answer] = deque()
        self.polls: deque[Answer] = deque()
        self.requests: list[TryOnRequest] = []
        self.calls: list[int] = []
        self.polled: list[list[str]] = []
        self.tasks: list[RemoteTask] = []
        self.listing: Exception | None = None
        # What is said to each wish to cancel: an exception is raised, True is kept.
        self.to_cancel: deque[bool | Exception] = deque()
        self.asked_to_cancel: list[str] = []
        self.canceled: set[str] = set()
        self.now: Callable[[], datetime] = timezone.now
        self._ids = itertools.count(1)

    @classmethod
    def unavailable_reason(cls, options: Mapping[str, Any]) -> str:
        return str(options.get("why", ""))

    def accept(self, model: str = "fake") -> str:
        """The provider takes a task: from here on it may be billed."""
        remote_id = f"task-{next(self._ids)}"
        self.tasks.append(RemoteTask(remote_id, model, self.now(), "running"))
        return remote_id

    def submit(self, requests: Sequence[TryOnRequest]) -> list[Outcome]:
        self.requests += requests
        self.calls.append(len(requests))
        if self.answers:
            return [_said(self.answers.popleft())] * len(requests)
        task = self.accept(requests[0].model)
        if len(requests) == 1:
            return [Outcome("pending", task)]
        return [Outcome("pending", f"{task}#{n}") for n in range(len(requests))]

    def query_key(self, remote_id: str) -> str:
        return remote_id.partition("#")[0]

    def poll(self, remote_ids: Sequence[str]) -> list[Outcome]:
        self.polled.append(list(remote_ids))
        return [self._polled(remote_id) for remote_id in remote_ids]

    def cancel(self, remote_id: str) -> bool:
        self.asked_to_cancel.append(remote_id)
        said = self.to_cancel.popleft() if self.to_cancel else False
        if isinstance(said, Exception):
            raise said
        if said:
            self.canceled.add(remote_id)
        return said

    def _polled(self, remote_id: str) -> Outcome:
        if remote_id in self.canceled:
            return Outcome("canceled", remote_id)
        if self.polls:
            return _said(self.polls.popleft())
        image = RemoteImage(url=f"https://results.example/{remote_id}.jpg")
        return Outcome("succeeded", remote_id, images=[image], usage=1)

    def recent(self, since: datetime, until: datetime) -> list[RemoteTask]:
        if self.listing:
            raise self.listing
        return [task for task in self.tasks if since <= task.created_at <= until]


def _said(answer: Answer) -> Outcome:
    if isinstance(answer, Exception):
        raise answer
    return answer() if callable(answer) else answer


def refused(
    code: str = "InvalidPerson", kind: Any = "input", sent: Any = "no", **kwargs: Any
) -> Outcome:
    return Outcome.failed(ProviderError(code, "said the provider", kind=kind, sent=sent), **kwargs)
