"""Provider accounts: limits, budget, pause, and the lease that gives each exactly one writer."""

from __future__ import annotations

import os
import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models.event import HasState

LEASE_S = 15


class AccountQuerySet(models.QuerySet):
    def leasable(self, now: datetime) -> Self:
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=now))


class ProviderAccount(HasState):
    """One configured account of one provider. Its secrets are in settings, never here."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PAUSED = "paused", _("Paused")

    event_kind = "account"

    alias = models.CharField(
        _("alias"), max_length=40, unique=True, help_text=_("A key of settings.PROVIDERS.")
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    pause_reason = models.CharField(_("pause reason"), max_length=300, blank=True)
    concurrency = models.PositiveSmallIntegerField(
        _("concurrency"),
        null=True,
        blank=True,
        help_text=_("Tasks at work at one time; empty: what the provider documents."),
    )
    submits_per_s = models.FloatField(_("submits per second"), null=True, blank=True)
    queries_per_s = models.FloatField(_("queries per second"), null=True, blank=True)
    month_budget = models.DecimalField(
        _("budget per month (CNY)"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    typical_s = models.FloatField(_("typical seconds"), null=True, editable=False)
    throttled_until = models.DateTimeField(_("throttled until"), null=True, editable=False)
    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(_("leased until"), null=True, editable=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["alias"]
        verbose_name = _("provider account")
        verbose_name_plural = _("provider accounts")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "paused"]), name="account_state_known"
            ),
            models.CheckConstraint(
                condition=Q(concurrency=None) | Q(concurrency__gt=0),
                name="account_concurrency_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.alias

    def lease(self, now: datetime) -> str:
        """Become this account's only writer for LEASE_S; "" if another is."""
        token = secrets.token_hex(16)
        won = (
            ProviderAccount.objects.leasable(now)
            .filter(pk=self.pk)
            .update(lease_token=token, lease_until=now + timedelta(seconds=LEASE_S))
        )
        return token if won else ""

    def renew(self, token: str, now: datetime) -> bool:
        """Keep the lease; False when it was lost, and nothing may be written any more."""
        return bool(
            ProviderAccount.objects.filter(
                pk=self.pk, lease_token=token, lease_until__gte=now
            ).update(lease_until=now + timedelta(seconds=LEASE_S))
        )

    def release(self, token: str) -> None:
        ProviderAccount.objects.filter(pk=self.pk, lease_token=token).update(
            lease_token="", lease_until=None
        )

    def pause(self, reason: str, *, by: Any = None) -> bool:
        return self.transition(
            [self.State.OPEN], self.State.PAUSED, by=by, why=reason, pause_reason=reason[:300]
        )

    def resume(self, *, by: Any = None) -> bool:
        return self.transition([self.State.PAUSED], self.State.OPEN, by=by, pause_reason="")

    def spent_this_month(self, now: datetime) -> Decimal:
        """CNY billed or reserved by the calls of this month."""
        month = timezone.localtime(now).date().replace(day=1)
        total = self.totals.filter(month=month).aggregate(n=Sum(F("billed") + F("reserved")))["n"]
        return total or Decimal(0)


class Heartbeat(models.Model):
    """The last sign of life of a lane; what a supervisor looks at instead of a process."""

    lane = models.CharField(_("lane"), max_length=20, unique=True)
    at = models.DateTimeField(_("at"))
    pid = models.PositiveIntegerField(_("process"))

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")

    def __str__(self) -> str:
        return f"{self.lane} {self.at:%H:%M:%S}"

    @classmethod
    def beat(cls, lane: str) -> None:
        cls.objects.update_or_create(lane=lane, defaults={"at": timezone.now(), "pid": os.getpid()})
