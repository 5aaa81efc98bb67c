"""A launch: persons × outfits × a recipe; recipes kept by name; launches to be compared."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import ChangeTracked, ChangeTrackedQuerySet
from jobs.models.event import Event
from jobs.models.job import TryOnJob


class BatchQuerySet(ChangeTrackedQuerySet):
    def team_owned(self) -> Self:
        return self.filter(owner=None)

    def visible_to(self, user: Any) -> Self:
        """The user's own, and the team's if they have the permission."""
        teams = Q(owner=None) if user.has_perm("jobs.view_batch") else Q()
        return self.filter(Q(owner=user) | teams)

    def at(self, state: str) -> Self:
        """Batches whose whole is running, paused, in need of attention, or finished; "" is all.

        Each is one probe of an index, so that the newest page is found without reading the rest.
        """
        jobs = TryOnJob.objects.filter(batch=OuterRef("pk")).order_by()
        unfinished = Exists(jobs.filter(state__in=TryOnJob.UNFINISHED))
        unclear = Exists(jobs.filter(state=TryOnJob.State.NEEDS_ATTENTION))
        ways = {
            "running": Q(unfinished, paused_at=None),
            "paused": Q(unfinished, paused_at__isnull=False),
            "attention": Q(unclear) | Q(unfinished, stopped_at__isnull=False),
            "finished": ~Q(unfinished) & ~Q(unclear),
        }
        return self.filter(ways[state]) if state else self

    def named(self, text: str) -> Self:
        """Batches with this text in their name; "" is all."""
        return self.filter(name__icontains=text) if text else self

    def halted(self) -> Self:
        """Batches at their budget, or paused by somebody: their waiting steps wait."""
        return self.filter(Q(stopped_at__isnull=False) | Q(paused_at__isnull=False))

    def runnable(self) -> Self:
        """Batches whose waiting steps may begin."""
        return self.filter(stopped_at=None, paused_at=None)


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


class Batch(ChangeTracked):
    class Priority(models.IntegerChoices):
        FIRST = 1, _("Before others")
        NORMAL = 0, _("Normal")
        LAST = -1, _("After others")

    name = models.CharField(_("name"), max_length=120)
    account = models.ForeignKey(
        "jobs.ProviderAccount", models.PROTECT, related_name="batches", verbose_name=_("provider")
    )
    recipe = models.JSONField(_("recipe"), default=dict, editable=False)
    # The shopper to whom it belongs; None: it is the team's.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("owner"),
    )
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
    # When all of it could be reviewed, and when all of it had been: set, and notified, once each.
    ready_at = models.DateTimeField(_("ready for review"), null=True, editable=False)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, editable=False)
    reused_jobs = models.ManyToManyField(
        "jobs.TryOnJob",
        related_name="reused_in",
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
            models.Index(
                fields=["owner", "-id"], condition=Q(owner__isnull=False), name="batch_of_owner"
            ),
            models.Index(fields=["updated_at"], name="batch_changed"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("batch", args=[self.pk])

    def current_jobs(self) -> Any:
        """Its jobs that no later one repeats; a repetition is always of the same batch.

        Without a join: an anti-join makes the database expect no rows at all, and plan for that.
        """
        again = self.jobs.model.objects.filter(batch=self, repeat_of__isnull=False)
        return self.jobs.exclude(pk__in=again.order_by().values("repeat_of"))

    def counts(self) -> dict[str, int]:
        """Jobs by state; what was repeated counts by its repetition only."""
        return self.jobs.model.objects.counts_of([self.pk])[self.pk]

    def spend(self) -> dict[str, Any]:
        """CNY billed so far and still reserved, and how many jobs the bill is for."""
        open_, paid = Q(cost=None), Q(cost__gt=0)
        return self.steps.aggregate(
            billed=Sum("cost", default=0),
            reserved=Sum("reserved", filter=open_, default=0),
            jobs=Count("job", distinct=True, filter=paid),
        )

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

    def set_budget(self, budget: Decimal | None, *, by: Any = None) -> None:
        """Whether it is enough to go on, the dispatcher finds out."""
        why = "none" if budget is None else str(budget)
        self._change({}, "", "budget", by, why=why, budget=budget, stopped_at=None)

    def rename(self, name: str, *, by: Any = None) -> bool:
        return self._change({}, "", "changed", by, why=name, name=name)

    def pause(self, *, by: Any = None) -> bool:
        """Begin no more of its calls; what has begun goes on to its end."""
        return self._change({"paused_at": None}, "open", "paused", by, paused_at=timezone.now())

    def resume(self, *, by: Any = None) -> bool:
        return self._change({"paused_at__isnull": False}, "paused", "open", by, paused_at=None)

    def set_priority(self, priority: Priority, *, by: Any = None) -> bool:
        """Let it go before or after the other batches of its account."""
        old = self.priority
        names = [self.Priority(each).name.lower() for each in (old, priority)]
        return old != priority and self._change(
            {"priority": old}, names[0], names[1], by, priority=priority
        )

    def _change(
        self, where: dict[str, Any], old: str, to: str, by: Any, *, why: str = "", **values: Any
    ) -> bool:
        """One conditional UPDATE and its event, together; whether this call won."""
        with transaction.atomic():
            if not Batch.objects.filter(pk=self.pk, **where).update(**values):
                return False
            Event.record("batch", self.pk, old, to, by=by, why=why)
        for name, value in values.items():
            setattr(self, name, value)
        return True

    def history(self) -> models.QuerySet[Event]:
        """What people did to it, newest first."""
        return Event.objects.filter(kind="batch", object_id=self.pk).order_by("-id")

    def cancel(self, by: Any) -> tuple[int, int]:
        """Stop what has not begun, and let no further call begin; (stopped, left to finish).

        What is left is at the provider: the dispatcher asks it to stop what it has not begun.
        """
        self.jobs.ask_to_cancel(timezone.now())
        done = self.steps.stop_waiting(by=by)
        left = self.jobs.unfinished().count()
        if done or left:
            why = f"{done} stopped, {left} at the provider"
            Event.record("batch", self.pk, "", "canceled", by=by, why=why)
        return done, left
