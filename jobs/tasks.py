"""What django-q2 calls. Arguments are ids; nothing is returned; losing a call loses no work."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from . import galleries, importing, measuring, notifying, pipeline, pruning, public_images, storing
from .dispatcher import Dispatcher
from .models import Heartbeat, Step
from .models.step import MAX_CLAIMS
from .providers import registry
from .providers.base import Outcome, ProviderError
from .statistics import ahead
from .webhooks import courier, outbox

# A worker is stopped at the engine's limit; its claim is void a little later.
CLAIM_MARGIN_S = 15


def dispatch() -> None:
    """Submit and poll for a while. The queue's lane `toile`."""
    measuring.ring()
    importing.ring()
    galleries.close_ended()
    public_images.ring()
    ahead.ring(timezone.now())
    pruning.prune(timezone.now())
    outbox.ring()
    Dispatcher().run()


def measure() -> None:
    """Look at photos that are new in the library. The lane `media`."""
    Heartbeat.beat("media")
    measuring.measure_some()


def run_import() -> None:
    """Bring in the next rows of an import. The lane `media`."""
    Heartbeat.beat("media")
    importing.run_some()


def publish() -> None:
    """Make and delete what the public gets of results. The lane `media`."""
    Heartbeat.beat("media")
    public_images.work()


def tally() -> None:
    """Count the days that are over for the statistics. The lane `media`."""
    Heartbeat.beat("media")
    ahead.count(timezone.now())


def mail(batch_id: int, kind: str) -> None:
    """Write to those who were told something of a batch. The lane `toile`."""
    notifying.mail(batch_id, kind)


def webhooks() -> None:
    """Tell receivers what happened, for a moment. The lane `toile`."""
    courier.deliver_due()


def store(step_id: int) -> None:
    """Download, verify and keep a finished step's images. The lane `media`."""
    Heartbeat.beat("media")
    step = Step.objects.filter(pk=step_id, state=Step.State.STORING).first()
    if step:
        storing.store(step)


def render(step_id: int) -> None:
    """Run one image through the embedded engine. The lane `media`, at most one per core."""
    Heartbeat.beat("media")
    step = Step.objects.filter(pk=step_id, state=Step.State.SUBMITTING).first()
    limit = settings.ENGINE_TIMEOUT_S + CLAIM_MARGIN_S
    token = step and step.take(Step.State.SUBMITTING, timezone.now(), limit)
    if not step or not token:
        return
    step.refresh_from_db()
    where = {"claim": token}
    if step.claims > MAX_CLAIMS:
        storing.quarantine(step, where)
        return
    step.job.start()
    try:
        [outcome] = registry.provider(step.account.alias).submit([pipeline.request_for(step)])
    except ProviderError as error:
        outcome = Outcome.failed(error)
    if outcome.error:
        pipeline.apply_submit(step, outcome, where, timezone.now())
        return
    arrivals = [storing.Arrival(image.data, image.part) for image in outcome.images]
    try:
        storing.finish(step, arrivals, outcome.warnings, where)
    except OSError as error:
        message = f"The result cannot be written: {error.strerror}."
        pipeline.end_failed(step, "storage_failed", message, where)
