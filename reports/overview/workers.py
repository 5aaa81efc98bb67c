"""Worker lanes that give no sign of life while work waits for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from jobs.models import Heartbeat, ProviderAccount, Step
from providers import registry

# The schedule rings every minute: after two, nobody answers.
QUIET = timedelta(minutes=2)


def silent(now: datetime) -> list[str]:
    """Names of the lanes that should work and do not."""
    beats = dict(Heartbeat.objects.values_list("lane", "at"))
    patience = {"dispatch": QUIET, "media": QUIET + timedelta(seconds=settings.ENGINE_TIMEOUT_S)}
    waits = {"dispatch": _waits_for_dispatch, "media": _waits_for_media}
    quiet = [lane for lane, most in patience.items() if not _beats(beats.get(lane), now - most)]
    return [lane for lane in quiet if waits[lane](now - patience[lane])]


def _beats(at: datetime | None, since: datetime) -> bool:
    return at is not None and at >= since


def _waits_for_dispatch(since: datetime) -> bool:
    open_accounts = ProviderAccount.objects.filter(state=ProviderAccount.State.OPEN)
    usable = open_accounts.filter(alias__in=registry.offered()).values("pk")
    return Step.objects.waiting(since).filter(account__in=usable).exists()


def _waits_for_media(since: datetime) -> bool:
    """Both halves ask exactly what an index of the steps holds."""
    here = [alias for alias in registry.offered() if registry.capabilities(alias).runs_here]
    late = Step.objects.unclaimed(since)
    stores = late.filter(state=Step.State.STORING, due_at__lte=since)
    renders = late.at_work().filter(state=Step.State.SUBMITTING, due_at__lte=since)
    return stores.exists() or renders.filter(account__alias__in=here).exists()
