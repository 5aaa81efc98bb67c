"""From a provider's image to Result rows: verify, write the files, then commit the rows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from catalog.models.claimable import MAX_ATTEMPTS
from catalog.photos import ingest
from jobs import pipeline
from jobs.dispatch.clock import Clock
from jobs.dispatch.download import DownloadFailed, fetch
from jobs.models import Result, Step
from jobs.recipe import Recipe
from jobs.wakeups import wake_dispatcher
from providers import registry

log = logging.getLogger(__name__)

# A download ends by itself well before this; after it, the claim of a dead worker is void.
CLAIM_S = 60
RETRY_S, RETRY_MAX_S = 5, 600


@dataclass(frozen=True)
class Arrival:
    """One image that arrived: its bytes as delivered, and the part that a parse cut out."""

    data: bytes
    part: str = ""


def store(step: Step, clock: Clock) -> None:
    """Bring home the images of a step that is `storing`. Safe to call twice, by anyone."""
    if not step.take(Step.State.STORING, clock.now(), CLAIM_S):
        return
    if step.attempts > MAX_ATTEMPTS:
        quarantine(step, {"claim": step.claim})
        return
    try:
        arrivals = [Arrival(_fetch(step, image), image["part"]) for image in step.images]
        finish(step, arrivals, [], {"claim": step.claim})
    except (DownloadFailed, ingest.Refused) as error:
        gone = getattr(error, "gone", False)
        _retry_later(step, clock.now(), "result_unreadable", str(error), gone=gone)
    except OSError as error:
        message = f"The result cannot be written: {error.strerror}."
        _retry_later(step, clock.now(), "storage_failed", message)


def _fetch(step: Step, image: dict[str, str]) -> bytes:
    base_url = registry.options(step.account.alias).get("base_url", "")
    return fetch(image["url"], trusted=urlsplit(base_url).netloc)


def finish(step: Step, arrivals: Sequence[Arrival], warnings: Sequence[str], where: Any) -> bool:
    """Files first, under names of their content; then all rows in one transaction.

    Raises images.Refused and OSError; then nothing was committed.
    """
    fields = [_write(arrival) for arrival in arrivals]
    role = _role(step)
    with transaction.atomic():
        moved = step.transition(
            [Step.State.STORING, Step.State.SUBMITTING],
            Step.State.DONE,
            where=where,
            ended_at=timezone.now(),
            cost=step.cost or 0,
            error_code="",
            error_message="",
        )
        if not moved:
            return False
        for index, (arrival, values) in enumerate(zip(arrivals, fields, strict=True)):
            Result.objects.create(
                job_id=step.job_id,
                step=step,
                index=index,
                role=role,
                part=arrival.part,
                owner_id=step.job.owner_id,
                warnings=list(warnings),
                **values,
            )
        _begin_next_step(step)
    return True


def _write(arrival: Arrival) -> dict[str, Any]:
    prepared = ingest.prepare(arrival.data)
    names = ingest.save(prepared, "result")
    return {field.name: names[field.name] for field in _PICTURE_FIELDS}


_PICTURE_FIELDS = [
    Result._meta.get_field(name)
    for name in ("sha256", "original", "large", "thumb", "width", "height", "colour")
]


def _role(step: Step) -> str:
    if step.operation == Step.Operation.PARSE:
        return Result.Role.CUTOUT
    refined_later = step.operation == Step.Operation.TRYON and Recipe.load(step.job.recipe).refine
    return Result.Role.UNREFINED if refined_later else Result.finished_role(step.job)


def _begin_next_step(step: Step) -> None:
    if pipeline.has_next_step(step.job) and step.job.cancel_requested():
        pipeline.end_early(step.job)
    elif pipeline.add_next_step(step.job):
        wake_dispatcher()
    else:
        step.job.start()
        step.job.succeed()


def _retry_later(step: Step, now: datetime, code: str, message: str, *, gone: bool = False) -> None:
    """The image is paid for: explain, and keep trying for as long as the provider keeps it."""
    if gone or now > _kept_until(step, now):
        pipeline.end_failed(step, "result_lost", message, {"claim": step.claim})
        return
    wait = min(RETRY_S * 2**step.retries, RETRY_MAX_S)
    log.warning("step %s: %s; again in %s s", step.pk, message, wait)
    step.release(
        error_code=code,
        error_message=message[:300],
        retries=step.retries + 1,
        attempts=0,
        due_at=now + timedelta(seconds=wait),
    )


def _kept_until(step: Step, now: datetime) -> datetime:
    begun = step.submitted_at or now
    return step.result_expires_at() or begun + timedelta(days=1)


def quarantine(step: Step, where: Any) -> None:
    """Set aside a step that took its worker with it again and again."""
    message = (
        f"Its worker died or ran out of time {MAX_ATTEMPTS} times; the images may be at fault."
    )
    pipeline.end_failed(step, "quarantined", message, where)
