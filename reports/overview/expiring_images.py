"""Images that are paid for and still the provider's, who will soon forget them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from jobs.batches.progress import FORGETS_SOON
from jobs.models import Step

SOON = timedelta(hours=12)
CARDS = 8


@dataclass(frozen=True)
class Leaving:
    """`at`: from then on the image is lost."""

    step: Step
    at: datetime
    left: timedelta

    @property
    def urgent(self) -> bool:
        return self.left < FORGETS_SOON

    @property
    def words(self) -> str:
        if self.left <= timedelta():
            return _("Too late")
        return _("In %(left)s") % {"left": timeuntil(self.at, self.at - self.left, depth=1)}


@dataclass(frozen=True)
class Forgotten:
    """The soonest, and how many there are."""

    cards: list[Leaving]
    count: int


def forgotten(now: datetime) -> Forgotten:
    steps = Step.objects.expiring_soonest().filter(  # type: ignore[misc]
        forgotten_at__lt=now + SOON, job__owner=None
    )
    pictures = ("job__person", "job__top", "job__bottom", "job__dress", "account")
    soonest = list(steps.select_related(*pictures)[: CARDS + 1])
    n = steps.count() if len(soonest) > CARDS else len(soonest)
    return Forgotten([_leaving(step, now) for step in soonest[:CARDS]], n)


def _leaving(step: Step, now: datetime) -> Leaving:
    at: datetime = step.forgotten_at  # type: ignore[attr-defined]
    return Leaving(step, at, at - now)
