"""Images that are paid for and not downloaded, which the provider will soon delete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from jobs.batches.progress import EXPIRES_SOON
from jobs.models import Step

SOON = timedelta(hours=12)
MAX_CARDS = 8


@dataclass(frozen=True)
class ExpiringImage:
    """An image that the provider deletes at `at`."""

    step: Step
    at: datetime
    left: timedelta

    @property
    def urgent(self) -> bool:
        return self.left < EXPIRES_SOON

    @property
    def text(self) -> str:
        if self.left <= timedelta():
            return _("Too late")
        return _("In %(left)s") % {"left": timeuntil(self.at, self.at - self.left, depth=1)}


@dataclass(frozen=True)
class ExpiringImages:
    """The images that are deleted soonest, and how many there are."""

    cards: list[ExpiringImage]
    count: int


def expiring_images(now: datetime) -> ExpiringImages:
    steps = Step.objects.expiring_soonest().filter(  # type: ignore[misc]
        forgotten_at__lt=now + SOON, job__owner=None
    )
    pictures = ("job__person", "job__top", "job__bottom", "job__dress", "account")
    soonest = list(steps.select_related(*pictures)[: MAX_CARDS + 1])
    n = steps.count() if len(soonest) > MAX_CARDS else len(soonest)
    return ExpiringImages([_expiring_image(step, now) for step in soonest[:MAX_CARDS]], n)


def _expiring_image(step: Step, now: datetime) -> ExpiringImage:
    at: datetime = step.forgotten_at  # type: ignore[attr-defined]
    return ExpiringImage(step, at, at - now)
