"""Worker lanes that give no sign of life while work waits for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from jobs.models import Heartbeat, ProviderAccount, Step
from providers import registry

# A lane is woken every minute, and beats each time.
SILENT_AFTER = timedelta(minutes=2)


def silent_lanes(now: datetime) -> list[str]:
    """Names of the lanes that have work waiting and give no sign of life."""
    beats = dict(Heartbeat.objects.values_list("lane", "at"))
    silent_after = {
        "dispatch": SILENT_AFTER,
        "media": SILENT_AFTER + timedelta(seconds=settings.ENGINE_TIMEOUT_S),
    }
    waits = {"dispatch": _waits_for_dispatch, "media": _waits_for_media}
    silent = [
        lane
        for lane, allowed in silent_after.items()
        if not _is_alive(beats.get(lane), now - allowed)
    ]
    return [lane for lane in silent if waits[lane](now - silent_after[lane])]


def _is_alive(at: datetime | None, since: datetime) -> bool:
    return at is not None and at >= since


def _waits_for_dispatch(since: datetime) -> bool:
    open_accounts = ProviderAccount.objects.filter(state=ProviderAccount.State.OPEN)
    usable = open_accounts.filter(alias__in=registry.available()).values("pk")
    return Step.objects.waiting(since).filter(account__in=usable).exists()


def _waits_for_media(since: datetime) -> bool:
    """Whether a step waits for the media lane; each query fits an index of the steps."""
    here = [alias for alias in registry.available() if registry.capabilities(alias).runs_here]
    unclaimed = Step.objects.unclaimed(since)
    stores = unclaimed.filter(state=Step.State.STORING, due_at__lte=since)
    renders = unclaimed.at_work().filter(state=Step.State.SUBMITTING, due_at__lte=since)
    return stores.exists() or renders.filter(account__alias__in=here).exists()
