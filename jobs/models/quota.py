"""What one user may ask for each day."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models.batch import Batch
from jobs.models.job import TryOnJob
from jobs.models.step import Step


class Day(NamedTuple):
    """Limits and use of one day. `tryons`, `budget` (CNY): None is without a limit."""

    tryons: int | None
    budget: Decimal | None
    used: int
    spent: Decimal
    ends_at: datetime


def _spent(asked: models.QuerySet) -> Decimal:
    """What ended jobs were billed, or may be yet, and what is estimated for those on their way.

    Between two calls of one job nothing is reserved: it counts in full until it has ended.
    """
    open_ = asked.filter(state__in=TryOnJob.UNFINISHED)
    ended = asked.exclude(state__in=TryOnJob.UNFINISHED).values("pk")
    paid = (
        Step.objects.filter(job__in=ended)
        .order_by()
        .aggregate(
            billed=Sum("cost", default=0),
            reserved=Sum("reserved", filter=Q(cost=None), default=0),
        )
    )
    batches = Batch.objects.filter(pk__in=open_.values("batch")).order_by()
    ahead = batches.aggregate(n=Sum("estimate", default=0))
    return Decimal(paid["billed"] + paid["reserved"] + ahead["n"])


def day_begin(now: datetime) -> datetime:
    """Days begin at midnight of the site's time zone."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


class ErasedUse(models.Model):
    """What a user has used of a day, and erased since: it counts, although its rows are gone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    day = models.DateField()
    tryons = models.PositiveIntegerField(default=0)
    spent = models.DecimalField(max_digits=12, decimal_places=4, default=0)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "day"], name="erased_use_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.day}"

    @classmethod
    def keep(cls, jobs: models.QuerySet, now: datetime) -> None:
        """Before these jobs are erased, in the same transaction."""
        begin = day_begin(now)
        todays = jobs.filter(created_at__gte=begin, created_by__isnull=False).order_by()
        for user in set(todays.values_list("created_by", flat=True)):
            mine = todays.filter(created_by=user)
            row, _new = cls.objects.get_or_create(user_id=user, day=begin.date())
            more = {"tryons": F("tryons") + _used(mine), "spent": F("spent") + _spent(mine)}
            cls.objects.filter(pk=row.pk).update(**more)


def _used(asked: models.QuerySet) -> int:
    """What was stopped in time has cost nothing."""
    return asked.exclude(state="canceled").count()


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
        """What the user may still ask for."""
        begin = day_begin(now)
        asked = TryOnJob.objects.filter(created_by=user, created_at__gte=begin).order_by()
        tryons, budget = cls._limits(user)
        used, spent = _used(asked), _spent(asked) if budget is not None else Decimal(0)
        # Asked last: what is being erased at this moment counts twice rather than not at all.
        erased = ErasedUse.objects.filter(user=user, day=begin.date()).first() or ErasedUse()
        ends = begin + timedelta(days=1)
        return Day(tryons, budget, used + erased.tryons, spent + erased.spent, ends)

    @classmethod
    def _limits(cls, user: Any) -> tuple[int | None, Decimal | None]:
        """The user's row, else the settings for shoppers, else (for the team) no limit."""
        own = cls.objects.filter(user=user).first()
        if own:
            return own.daily_tryons, own.daily_budget
        if user.has_perm("jobs.add_batch"):
            return None, None
        return settings.SHOPPER_DAILY_TRYONS, settings.SHOPPER_DAILY_BUDGET
