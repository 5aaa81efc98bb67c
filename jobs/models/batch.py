"""A launch: persons × outfits × a recipe; recipes kept by name; launches to be compared."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class BatchQuerySet(models.QuerySet):
    def stopped(self) -> Self:
        """Batches at their budget, or paused by somebody: their waiting steps wait."""
        return self.filter(Q(stopped_at__isnull=False) | Q(paused_at__isnull=False))


class Preset(models.Model):
    """A recipe for one provider, under a name that a launch can choose."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    account = models.ForeignKey(
        "jobs.ProviderAccount", models.CASCADE, related_name="presets", verbose_name=_("provider")
    )
    recipe = models.JSONField(_("recipe"), default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("recipe preset")
        verbose_name_plural = _("recipe presets")

    def __str__(self) -> str:
        return self.name


class Comparison(models.Model):
    """The same cells by several providers: one batch of each."""

    name = models.CharField(_("name"), max_length=120)
    created_at = models.DateTimeField(_("launched"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")

    def __str__(self) -> str:
        return self.name


class Batch(models.Model):
    class Priority(models.IntegerChoices):
        FIRST = 1, _("Before others")
        NORMAL = 0, _("In turn")
        LAST = -1, _("After others")

    name = models.CharField(_("name"), max_length=120)
    account = models.ForeignKey(
        "jobs.ProviderAccount", models.PROTECT, related_name="batches", verbose_name=_("provider")
    )
    recipe = models.JSONField(_("recipe"), default=dict, editable=False)
    interactive = models.BooleanField(
        _("interactive"),
        default=False,
        help_text=_("Somebody is waiting for it: goes before every other batch."),
    )
    priority = models.SmallIntegerField(
        _("priority"), choices=Priority, default=Priority.NORMAL, editable=False
    )
    comparison = models.ForeignKey(
        Comparison,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="batches",
        verbose_name=_("comparison"),
    )
    # What it was expected to cost when it was launched, if every job succeeds.
    estimate = models.DecimalField(
        _("estimate (CNY)"), max_digits=12, decimal_places=4, null=True, editable=False
    )
    budget = models.DecimalField(
        _("budget (CNY)"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    spent = models.DecimalField(
        _("billed and reserved (CNY)"), max_digits=12, decimal_places=4, default=0, editable=False
    )
    stopped_at = models.DateTimeField(_("stopped at its budget"), null=True, editable=False)
    paused_at = models.DateTimeField(_("paused"), null=True, editable=False)
    # Told once each: that all of it can be reviewed, and that all of it has been.
    ready_at = models.DateTimeField(_("ready for review"), null=True, editable=False)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, editable=False)
    offered = models.ManyToManyField(
        "jobs.TryOnJob",
        related_name="offered_in",
        editable=False,
        verbose_name=_("made before"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("launched by"),
    )
    created_at = models.DateTimeField(_("launched"), default=timezone.now, editable=False)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        indexes = [
            models.Index(
                fields=["id"], condition=Q(stopped_at__isnull=False), name="batch_stopped"
            ),
            models.Index(fields=["id"], condition=Q(paused_at__isnull=False), name="batch_paused"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("batch", args=[self.pk])

    def counts(self) -> dict[str, int]:
        """Jobs by state; what was repeated counts by its repetition only."""
        rows = self.jobs.current().order_by().values_list("state").annotate(n=Count("id"))
        return dict.fromkeys(self.jobs.model.State.values, 0) | dict(rows)

    def spend(self) -> dict[str, Any]:
        """CNY billed so far and still reserved."""
        from .step import Step

        steps = Step.objects.filter(job__batch=self)
        return {
            "billed": steps.aggregate(n=Sum("cost"))["n"] or 0,
            "reserved": steps.filter(cost=None).aggregate(n=Sum("reserved"))["n"] or 0,
        }

    def affords(self, amount: Decimal) -> bool:
        """Whether its budget allows for so much more, as of now."""
        if self.budget is None:
            return True
        self.refresh_from_db(fields=["budget", "spent"])
        return self.budget is None or self.spent + amount <= self.budget

    def stop(self, now: datetime) -> bool:
        """Begin no more calls, unless its budget was changed meanwhile."""
        rows = Batch.objects.filter(pk=self.pk, budget=self.budget, stopped_at=None)
        return bool(rows.update(stopped_at=now))

    def set_budget(self, budget: Decimal | None) -> None:
        """Whether it is enough to go on, the dispatcher finds out."""
        Batch.objects.filter(pk=self.pk).update(budget=budget, stopped_at=None)

    def cancel(self, by: Any) -> tuple[int, int]:
        """Cancel every job that can be; (cancelled, jobs that could not be)."""
        unfinished = list(self.jobs.unfinished())
        done = sum(job.cancel(by=by) for job in unfinished)
        return done, len(unfinished) - done
