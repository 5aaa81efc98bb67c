"""Every move of money, append-only, and the running totals that limits are checked against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models.batch import Batch

if TYPE_CHECKING:
    from jobs.models.step import Step


def month_of(at: datetime) -> date:
    """The first day of the month that an amount belongs to, in the site's time zone."""
    return timezone.localtime(at).date().replace(day=1)


@dataclass(frozen=True)
class Balance:
    """What a step holds: an open reservation, or what was billed for which images."""

    reserved: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)
    free_images: int = 0
    paid_images: int = 0

    @classmethod
    def of(cls, step: Step) -> Balance:
        if step.cost is None:
            return cls(reserved=Decimal(step.reserved))
        return cls(Decimal(0), Decimal(step.cost), step.free_images, step.paid_images)

    @classmethod
    def entered(cls, entries: Iterable[LedgerEntry]) -> Balance:
        """What the ledger says: settlements are billed, everything else is reserved."""
        settled = [e for e in entries if e.kind == LedgerEntry.Kind.SETTLE]
        other = [e for e in entries if e.kind != LedgerEntry.Kind.SETTLE]
        return cls(
            sum((e.amount for e in other), Decimal(0)),
            sum((e.amount for e in settled), Decimal(0)),
            sum(e.free_images for e in settled),
            sum(e.paid_images for e in settled),
        )

    def __sub__(self, other: Balance) -> Balance:
        return Balance(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))


class LedgerEntry(models.Model):
    """One move of one step's money; a step's entries add up to its cost, or to its reservation.

    `month` is that of the call: what is reserved in May and billed in June was spent in May.
    """

    class Kind(models.TextChoices):
        RESERVE = "reserve", _("Reserved")
        RELEASE = "release", _("Released")
        SETTLE = "settle", _("Billed")

    at = models.DateTimeField(_("at"), default=timezone.now)
    month = models.DateField(_("month"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    amount = models.DecimalField(_("amount (CNY)"), max_digits=12, decimal_places=4)
    free_images = models.IntegerField(_("free images"), default=0)
    paid_images = models.IntegerField(_("paid images"), default=0)
    account = models.ForeignKey(
        "jobs.ProviderAccount",
        models.PROTECT,
        related_name="ledger",
        verbose_name=_("provider"),
    )
    model = models.CharField(_("model"), max_length=60, blank=True)
    # What was paid stays paid when the rows that it was paid for are deleted.
    batch = models.ForeignKey(
        "jobs.Batch", models.SET_NULL, null=True, related_name="ledger", verbose_name=_("batch")
    )
    step = models.ForeignKey(
        "jobs.Step", models.SET_NULL, null=True, related_name="ledger", verbose_name=_("step")
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger")
        indexes = [
            models.Index(fields=["month", "account"], name="ledger_month"),
            models.Index(fields=["month", "at", "amount"], name="ledger_day"),
            # The statistics add up what was billed in a day, whatever month it is of.
            models.Index(fields=["at"], condition=Q(kind="settle"), name="ledger_settled"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"

    @classmethod
    def record(cls, step: Step) -> None:
        """Write what changed since this step's last entry. Within the transaction of its move.

        The difference is to what the ledger itself says, so that it adds up by construction.
        """
        known = list(cls.objects.filter(step=step))
        before = Balance.entered(known)
        change = Balance.of(step) - before
        if change == Balance():
            return
        month = (
            known[-1].month
            if before != Balance()
            else month_of(step.submitted_at or timezone.now())
        )
        fields = {"account_id": step.account_id, "model": step.model, "step": step}
        fields |= {"batch_id": step.batch_id, "month": month}
        entries, kinds = list[LedgerEntry](), cls.Kind
        if change.reserved:
            kind = kinds.RESERVE if change.reserved > 0 else kinds.RELEASE
            entries.append(LedgerEntry(kind=kind, amount=change.reserved, **fields))
        if change.billed or change.free_images or change.paid_images:
            images = {"free_images": change.free_images, "paid_images": change.paid_images}
            entries.append(LedgerEntry(kind=kinds.SETTLE, amount=change.billed, **images, **fields))
        LedgerEntry.objects.bulk_create(entries)
        MonthTotal.add(step, month, change)
        more = change.reserved + change.billed
        # A batch that had stopped at its budget goes on as soon as it gets money back.
        goes_on = {"stopped_at": None} if more < 0 else {}
        Batch.objects.filter(pk=step.batch_id).update(spent=F("spent") + more, **goes_on)


class MonthTotal(models.Model):
    """Running totals of one account's model in one month: limits are checked by reading these."""

    account = models.ForeignKey(
        "jobs.ProviderAccount", models.CASCADE, related_name="totals", verbose_name=_("provider")
    )
    model = models.CharField(_("model"), max_length=60, blank=True)
    month = models.DateField(_("month"))
    reserved = models.DecimalField(_("reserved (CNY)"), max_digits=14, decimal_places=4, default=0)
    billed = models.DecimalField(_("billed (CNY)"), max_digits=14, decimal_places=4, default=0)
    free_images = models.IntegerField(_("free images"), default=0)
    paid_images = models.IntegerField(_("paid images"), default=0)

    class Meta:
        ordering = ["-month", "account", "model"]
        verbose_name = _("month’s spend")
        verbose_name_plural = _("spend by month")
        constraints = [
            models.UniqueConstraint(fields=["account", "model", "month"], name="total_once")
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.model} {self.month:%Y-%m}"

    @classmethod
    def add(cls, step: Step, month: date, change: Balance) -> None:
        row, _new = cls.objects.get_or_create(
            account_id=step.account_id, model=step.model, month=month
        )
        cls.objects.filter(pk=row.pk).update(
            reserved=F("reserved") + change.reserved,
            billed=F("billed") + change.billed,
            free_images=F("free_images") + change.free_images,
            paid_images=F("paid_images") + change.paid_images,
        )
