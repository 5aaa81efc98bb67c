"""How a sandbox behaves where the documents leave a choice, and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Options:
    """`overflow`: surplus tasks wait (as sibling models do) or are refused with 429.

    With `task_seconds_most`, tasks take from `task_seconds` to that long, by `seed`.
    `image_errors`: a bad image fails the task, or the submit. `result_seconds` is the life of
    tasks and results. Each key is an account of its own; `api_keys` empty accepts any key.
    Rates are per second and model; a rate of 0 is no limit.
    """

    task_seconds: float = 20.0
    task_seconds_most: float = 0
    seed: int = 0
    concurrency: int = 5
    instant: bool = False
    submits_per_second: float = 10
    queries_per_second: float = 20
    overflow: Literal["queue", "refuse"] = "queue"
    result_shape: Literal["image_url", "results"] = "image_url"
    list_key: Literal["data", "tasks"] = "data"
    image_errors: Literal["task", "submit"] = "task"
    result_seconds: float = 24 * 3600
    policy_seconds: float = 300
    fetch_seconds: float = 10
    engine_processes: int = 1
    api_keys: tuple[str, ...] = ()
