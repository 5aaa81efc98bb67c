"""Rows that list work: a worker claims one for a while, and one that dies loses it by the clock."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# A row that has cost so many workers their life is not given to another.
MAX_ATTEMPTS = 3
# Written together with whatever makes a worker's result void: it cannot write any more.
UNCLAIMED: dict[str, Any] = {"claim": "", "claimed_until": None}

C = TypeVar("C", bound="Claimable")


class ClaimableQuerySet(models.QuerySet[C]):
    def unclaimed(self, now: datetime) -> Self:
        """Rows that no living worker has."""
        return self.filter(Q(claimed_until=None) | Q(claimed_until__lte=now))

    def claimed(self, now: datetime) -> Self:
        """Rows that a worker has; whether it still lives is seen when its claim runs out."""
        return self.filter(claimed_until__gt=now)


class Claimable(models.Model):
    # The token of the worker that has it: only who knows it may write what came of the work.
    claim = models.CharField(max_length=32, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    # Counted before the work is done: a row that kills its worker leaves no other trace.
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)

    class Meta:
        abstract = True

    def take_from(
        self, rows: ClaimableQuerySet[Any], now: datetime, lasts: timedelta, **values: Any
    ) -> bool:
        """Claim this row, and write `values`, if it is one of `rows` and no living worker has it.

        Returns whether it is this worker's now; then this object is the row as it was claimed.
        """
        token = secrets.token_hex(16)
        claim = {"claim": token, "claimed_until": now + lasts, "attempts": F("attempts") + 1}
        if not rows.unclaimed(now).filter(pk=self.pk).update(**claim | values):
            return False
        self.refresh_from_db()
        # Held up until its claim ran out, it would read, and take for its own, another's token.
        return self.claim == token

    def held(self) -> models.QuerySet[Self]:
        """The row, for as long as nobody has taken it over: an update of 0 rows was too late."""
        rows: models.QuerySet[Self] = type(self)._default_manager.filter(pk=self.pk)
        return rows.filter(claim=self.claim).exclude(claim="")

    def release(self, **values: Any) -> bool:
        """Write what came of the work and let the row go; False, and nothing, if too late."""
        return bool(self.held().update(**UNCLAIMED | values))
