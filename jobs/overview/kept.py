"""Figures over many rows are counted once a minute by each process, not once by each reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from django.core.cache import cache

T = TypeVar("T")

MINUTE_S = 60
DAY_S = 86_400


def kept(name: str, count: Callable[[], T], seconds: int = MINUTE_S) -> T:
    """What `count` said at most so many seconds ago. Keep rows, not words: readers differ."""
    answer = cache.get_or_set(f"overview:{name}", count, seconds)
    return cast("T", answer)
