"""Which steps a job has, what a step sends, and what an outcome becomes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from catalog.models import Asset
from catalog.storage.files import fetch_url
from jobs.billing import charges
from jobs.models import Result, Step, TryOnJob
from jobs.recipe import Recipe
from jobs.wakeups import WAKE_AGAIN_S, wake_media_lane
from providers import registry
from providers.contract import ImageRef, Outcome, ProviderError, TryOnRequest

# How often a call that is proven unsent, or a task that failed for no fault of ours, is repeated.
MAX_RETRIES = 5
MAX_RESUBMITS = 1
RESUBMIT_AFTER_S = 2
# Where a provider that refuses for too many calls names no time to wait.
THROTTLED_S = 2.0
# A call that got no answer may still be on its delivery into the provider's list.
RECONCILE_AFTER_S = 10
# Providers fetch within minutes, but may keep a task queued for hours.
FETCH_LIFE_S = 24 * 3600

Where = dict[str, Any]


# --- which steps ---


def steps_of(job: TryOnJob) -> list[Step]:
    """The calls that a job takes with its provider, in order; none is saved."""
    calls = Recipe.load(job.recipe).calls(registry.capabilities(job.account.alias))
    return [
        Step(
            job=job,
            position=position,
            operation=operation,
            account=job.account,
            model=model,
            batch=job.batch,
            interactive=job.batch.interactive,
        )
        for position, (operation, model, _images) in enumerate(calls)
    ]


def has_next_step(job: TryOnJob) -> bool:
    return job.steps.count() < len(steps_of(job))


def add_next_step(job: TryOnJob) -> Step | None:
    """Queue the job's next call; None when it has had all of them."""
    had, steps = job.steps.count(), steps_of(job)
    if had >= len(steps):
        return None
    steps[had].save(force_insert=True)
    return steps[had]


def add_first_steps(jobs: Iterable[TryOnJob]) -> None:
    """Queue the first call of new jobs."""
    Step.objects.bulk_create([steps_of(job)[0] for job in jobs], batch_size=500)


# --- what a step sends ---


def request_for(step: Step) -> TryOnRequest:
    """The call in our words. Reads rows; image bytes are read only when the adapter asks."""
    job = step.job
    recipe = Recipe.load(job.recipe)
    results = list(Result.objects.filter(job=job))
    delivery = registry.delivery(step.account.alias)
    garments = {
        slot: asset_ref(garment, delivery, garment.photo_type)
        for slot, garment in job.garments().items()
    }
    crops = {r.part: result_ref(r, delivery) for r in results if r.role == Result.Role.CUTOUT}
    coarse = [r for r in results if r.role == Result.Role.UNREFINED]
    return TryOnRequest(
        operation=step.operation,  # type: ignore[arg-type]
        model=step.model,
        person=asset_ref(job.person, delivery),
        garments=crops | garments,
        coarse=result_ref(coarse[0], delivery) if coarse else None,
        parts=_missing_parts(garments) if step.operation == "parse" else (),
        gender=job.person.gender,
        body=job.person.body,
        view=job.person.view,
        resolution=recipe.resolution,
        restore_face=recipe.restore_face,
        samples=recipe.samples,
        extra=recipe.extra,
    )


def _missing_parts(garments: dict[str, ImageRef]) -> tuple[str, ...]:
    return tuple(part for part in ("top", "bottom") if part not in garments)


def asset_ref(asset: Asset, delivery: str, photo_type: str = "") -> ImageRef:
    """A photo of the library, as it is sent."""
    name, (width, height) = str(asset.wire.name), asset.wire_size
    url = fetch_url(name, delivery, life_s=FETCH_LIFE_S)
    return ImageRef(asset.wire_sha256, partial(_read, name), url, width, height, photo_type)


def result_ref(result: Result, delivery: str) -> ImageRef:
    """An image that an earlier call of the job has made."""
    name = str(result.original.name)
    url = fetch_url(name, delivery, life_s=FETCH_LIFE_S)
    return ImageRef(result.sha256, partial(_read, name), url, result.width, result.height)


def _read(name: str) -> bytes:
    try:
        with default_storage.open(name) as file:
            return file.read()
    except FileNotFoundError as error:
        message = f"A photo of this try-on cannot be read: {error.strerror}."
        raise ProviderError("file_unreadable", message, kind="input", sent="no") from error
    except OSError as error:
        message = f"The photos cannot be read now: {error.strerror}."
        raise ProviderError("storage_unreachable", message, kind="transient", sent="no") from error


# --- what an outcome becomes ---


def apply_submit(
    step: Step, outcome: Outcome, where: Where, now: datetime, poll_at: datetime
) -> bool:
    """Write what a submit answered. Returns whether this caller still had the right to."""
    if outcome.error:
        return _submit_failed(step, outcome, outcome.error, where, now)
    if outcome.state == "succeeded":
        return _images_ready(step, outcome, where, now)
    moved = step.accepted(outcome.remote_id, where, now, poll_at=poll_at)
    if moved:
        step.job.start()
    return moved


def apply_poll(
    step: Step, outcome: Outcome, where: Where, now: datetime, poll_at: datetime
) -> bool:
    """Write what a poll answered: a finished task, a failed one, or one to ask after again."""
    if outcome.state == "succeeded":
        return _images_ready(step, outcome, where, now)
    if outcome.state == "failed" and outcome.error and outcome.error.sent == "yes":
        return _task_failed(step, outcome, outcome.error, where, now)
    if outcome.state == "canceled":
        return _end(step, Step.State.CANCELED, where, "canceled", "The provider cancelled it.")
    if outcome.state == "lost":
        message = "The provider no longer knows this task; it may have been billed."
        return ask_a_person(step, where, "provider_forgot", message)
    rows = Step.objects.filter(pk=step.pk, state=Step.State.REMOTE, **where)
    return bool(rows.update(due_at=poll_at))


def _images_ready(step: Step, outcome: Outcome, where: Where, now: datetime) -> bool:
    images = [{"url": image.url, "part": image.part} for image in outcome.images]
    with transaction.atomic():
        charge = charges.charge(step, _billed(step, outcome))
        again = now + timedelta(seconds=WAKE_AGAIN_S)
        if not step.images_ready(images, charge, dict(outcome.raw), where, again):
            return False
        wake_media_lane("store", step.pk)
    step.job.start()
    return True


def _billed(step: Step, outcome: Outcome) -> int:
    """Images on the bill: as the provider says, else as many as came. A parse is one input."""
    if outcome.usage is not None:
        return outcome.usage
    return 1 if step.operation == Step.Operation.PARSE else len(outcome.images)


def _submit_failed(
    step: Step, outcome: Outcome, error: ProviderError, where: Where, now: datetime
) -> bool:
    if error.sent == "maybe":
        look_at = now + timedelta(seconds=RECONCILE_AFTER_S)
        return step.mark_outcome_unknown(f"{error.code}: {error.message}", where, look_at)
    if error.kind == "account":
        step.account.pause(f"{error.code}: {error.message}")
        return step.return_to_queue(error.code, where, now, attempts=0)
    if error.kind == "throttled":
        again = now + timedelta(seconds=outcome.retry_after or THROTTLED_S)
        return step.return_to_queue(error.code, where, again, attempts=0)
    if error.kind == "transient" and step.retries < MAX_RETRIES:
        again = now + timedelta(seconds=outcome.retry_after or 2.0**step.retries)
        return step.return_to_queue(error.code, where, again, attempts=0, retries=step.retries + 1)
    return _task_failed(step, outcome, error, where, now)


def _task_failed(
    step: Step, outcome: Outcome, error: ProviderError, where: Where, now: datetime
) -> bool:
    if outcome.usage:
        return _failed_but_billed(step, outcome.usage, error, where)
    if error.kind == "transient" and error.sent == "yes" and step.retries < MAX_RESUBMITS:
        # Failures are not billed, and a fault of the provider's own often passes.
        again = now + timedelta(seconds=RESUBMIT_AFTER_S)
        return step.retry_as_new_task(f"{error.code}: {error.message}", where, again)
    return _end(step, Step.State.FAILED, where, error.code, error.message, error.kind)


def _failed_but_billed(step: Step, images: int, error: ProviderError, where: Where) -> bool:
    """The provider counts it as done, but gave no image: asking again would be paid for again."""
    with transaction.atomic():
        charge = charges.charge(step, images)
        step.cost, step.free_images, step.paid_images = charge.cost, charge.free, charge.paid
        return _end(step, Step.State.FAILED, where, error.code, error.message, error.kind)


def ask_a_person(step: Step, where: Where, code: str, message: str) -> bool:
    with transaction.atomic():
        if not step.end(Step.State.UNKNOWN, code=code, message=message, where=where):
            return False
        return step.job.ask_a_person(code, message)


def end_failed(step: Step, code: str, message: str, where: Where) -> bool:
    """The step's work came to nothing, for no fault of its images."""
    return _end(step, Step.State.FAILED, where, code, message)


def _end(
    step: Step, to: str, where: Where, code: str, message: str, kind: str = "transient"
) -> bool:
    """End a step that brought nothing, and its job with it."""
    with transaction.atomic():
        bill = {"cost": step.cost or 0, "free_images": step.free_images}
        bill["paid_images"] = step.paid_images
        if not step.end(to, where=where, code=code, message=message, **bill):
            return False
        if to == Step.State.CANCELED:
            return end_early(step.job)
        if _keep_unrefined(step.job, "refine_failed"):
            return step.job.succeed()
        return step.job.fail(code, message, kind)


def end_early(job: TryOnJob) -> bool:
    """End a job whose next call nobody wants: with the image that it has, or with none."""
    if _keep_unrefined(job, "refine_canceled"):
        job.start()
        return job.succeed()
    return job.transition(TryOnJob.UNFINISHED, TryOnJob.State.CANCELED, finished_at=timezone.now())


def _keep_unrefined(job: TryOnJob, warning: str) -> bool:
    """Without a refined one, the image that was paid for is reviewed."""
    coarse = Result.objects.filter(job=job, role=Result.Role.UNREFINED)
    kept = [
        coarse.filter(pk=result.pk).update(
            role=Result.finished_role(job), warnings=[*result.warnings, warning]
        )
        for result in list(coarse)
    ]
    return any(kept)
