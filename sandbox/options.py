"""How a sandbox behaves where the documents leave a choice, and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Options:
    """`overflow`: surplus tasks wait (as sibling models do) or are refused with 429.

    With `task_seconds_most`, tasks take from `task_seconds` to that long, by `seed`.
    `image_errors`: a bad image fails the task, or the submit. `result_seconds` is the life of
    tasks and results. `refuse_private`: no image is fetched from a private address, as the real
    provider fetches none; off, because a sandbox usually runs beside the site. Each key is one
    account; `api_keys` empty accepts any key.
    Rates are per second and model; a rate of 0 is no limit.

    Aliyun Market: `gateway` is the instance whose errors are sent; each further sub-task of a
    call takes `subtask_spread` longer than the one before; `subtask_reasons`: a failed sub-task
    has a code and a message, which is not documented.

    Aidge: `aidge_secret` signs for every key, whose clock may be `aidge_skew_seconds` off;
    `aidge_paid_images` and `aidge_trial_images` are how many each account has (None: no end);
    `aidge_image_errors`: a bad garment photo is refused at submit, whose table lists it, or fails
    its sub-task; `aidge_count`: with model images, as many as asked for are made, or one of each;
    `aidge_lenient` takes requestParams as a plain array; `aidge_statuses` sends errors with
    an HTTP status that is not 200.
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
    refuse_private: bool = False
    engine_processes: int = 1
    gateway: Literal["dedicated", "classic"] = "dedicated"
    images_per_result: int = 1
    subtask_spread: float = 0.1
    subtask_reasons: bool = False
    aidge_secret: str = "sandbox"  # noqa: S105 - public, and printed at start
    aidge_skew_seconds: float = 900
    aidge_paid_images: int | None = None
    aidge_trial_images: int | None = None
    aidge_image_errors: Literal["submit", "task"] = "submit"
    aidge_count: Literal["asked", "models"] = "asked"
    aidge_lenient: bool = False
    aidge_statuses: bool = False
    api_keys: tuple[str, ...] = ()
