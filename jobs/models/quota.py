"""What one user may ask for each day."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Day(NamedTuple):
    """Limits and use of one day. `tryons`, `budget` (CNY): None is without a limit."""

    tryons: int | None
    budget: Decimal | None
    used: int
    spent: Decimal
    ends_at: datetime


def _spent(asked: models.QuerySet) -> Decimal:
    """What these jobs were billed, what is reserved, and what is estimated for the rest."""
    from .batch import Batch
    from .step import Step

    jobs = asked.values("pk")
    steps = Step.objects.filter(job__in=jobs).order_by()
    paid = steps.aggregate(
        billed=Sum("cost", default=0),
        reserved=Sum("reserved", filter=Q(cost=None), default=0),
    )
    waiting = asked.filter(state="queued").values("batch")
    ahead = Batch.objects.filter(pk__in=waiting).order_by().aggregate(n=Sum("estimate", default=0))
    return Decimal(paid["billed"] + paid["reserved"] + ahead["n"])


class Quota(models.Model):
    """Limits of one user's own, in place of what the settings give to everybody."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="quota", verbose_name=_("user")
    )
    daily_tryons = models.PositiveIntegerField(_("try-ons a day"), null=True, blank=True)
    daily_budget = models.DecimalField(
        _("budget a day (CNY)"), max_digits=10, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints = [
            models.CheckConstraint(
                condition=Q(daily_budget=None) | Q(daily_budget__gte=0), name="quota_not_negative"
            )
        ]

    def __str__(self) -> str:
        return str(self.user)

    @classmethod
    def today(cls, user: Any, now: datetime) -> Day:
        """What the user may still ask for. Days begin at midnight of the site's time zone."""
        from .job import TryOnJob

        begin = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        asked = TryOnJob.objects.filter(created_by=user, created_at__gte=begin).order_by()
        # What was stopped in time has cost nothing.
        used = asked.exclude(state=TryOnJob.State.CANCELED).count()
        tryons, budget = cls._limits(user)
        spent = _spent(asked) if budget is not None else Decimal(0)
        return Day(tryons, budget, used, spent, begin + timedelta(days=1))

    @classmethod
    def _limits(cls, user: Any) -> tuple[int | None, Decimal | None]:
        """Without a row of one's own the settings limit those who do not work for the house."""
        own = cls.objects.filter(user=user).first()
        if own:
            return own.daily_tryons, own.daily_budget
        if user.has_perm("jobs.add_batch"):
            return None, None
        return settings.SHOPPER_DAILY_TRYONS, settings.SHOPPER_DAILY_BUDGET
