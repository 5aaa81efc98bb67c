"""One image through the embedded engine."""

from __future__ import annotations

from django.conf import settings

from catalog.models.claimable import MAX_ATTEMPTS
from jobs import pipeline
from jobs.dispatch import store_results
from jobs.dispatch.clock import Clock
from jobs.models import Step
from providers import registry
from providers.contract import Outcome, ProviderError

# A worker is stopped at the engine's limit; its claim is void a little later.
CLAIM_MARGIN_S = 15


def render(step: Step, clock: Clock) -> None:
    """Run a step that is `submitting` at the embedded engine. Safe to call twice, by anyone."""
    limit = settings.ENGINE_TIMEOUT_S + CLAIM_MARGIN_S
    if not step.take(Step.State.SUBMITTING, clock.now(), limit):
        return
    where = {"claim": step.claim}
    if step.attempts > MAX_ATTEMPTS:
        store_results.quarantine(step, where)
        return
    step.job.start()
    try:
        [outcome] = registry.provider(step.account.alias).submit([pipeline.request_for(step)])
    except ProviderError as error:
        outcome = Outcome.failed(error)
    if outcome.error:
        now = clock.now()
        pipeline.apply_submit(step, outcome, where, now, poll_at=now)
        return
    arrivals = [store_results.Arrival(image.data, image.part) for image in outcome.images]
    try:
        store_results.finish(step, arrivals, outcome.warnings, where)
    except OSError as error:
        message = f"The result cannot be written: {error.strerror}."
        pipeline.end_failed(step, "storage_failed", message, where)
