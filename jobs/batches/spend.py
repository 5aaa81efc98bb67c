"""What a batch costs, as its page shows it, and what cancelling it would save."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.batches.progress import Progress
from jobs.models import Batch, ProviderAccount, Step
from jobs.recipe import Recipe
from portal.number_format import count, plain, yuan
from providers import registry


@dataclass(frozen=True)
class Spend:
    """CNY billed, reserved, both as the budget counts them, expected and allowed.

    `images`: how many were made for what was billed.
    """

    billed: Decimal
    reserved: Decimal
    value: Decimal
    estimate: Decimal | None
    budget: Decimal | None
    images: int

    @classmethod
    def of(cls, batch: Batch, progress: Progress, sums: dict[str, Any]) -> Spend:
        images = progress.counts["succeeded"] * Recipe.load(batch.recipe).samples
        money = (sums["billed"], sums["reserved"], batch.spent)
        return cls(*money, batch.estimate, batch.budget, images)

    @property
    def texts(self) -> dict[str, str]:
        """What changes while the batch runs; "" for what is not known."""
        each = self.billed / self.images if self.images and self.billed else None
        return {
            "billed": yuan(self.billed),
            "reserved": yuan(self.reserved),
            "each": _("%(amount)s a result") % {"amount": _cents(each)} if each else "",
            "value": plain(self.value),
            "meter": self.meter_text,
        }

    @property
    def most(self) -> Decimal:
        """The end of the meter; nothing where neither an estimate nor a budget is known."""
        return max(self.budget or Decimal(0), self.estimate or Decimal(0))

    @property
    def meter(self) -> dict[str, str]:
        """Attributes of the meter: above the estimate it warns."""
        high = self.estimate if self.estimate else self.most
        return {"max": plain(self.most), "high": plain(min(high, self.most))}

    @property
    def meter_text(self) -> str:
        amounts = {"spent": yuan(self.value), "limit": yuan(self.most)}
        if self.budget is not None:
            amounts["limit"] = yuan(self.budget)
            return _("%(spent)s of %(limit)s spent or reserved") % amounts
        return _("%(spent)s of about %(limit)s spent or reserved") % amounts


def _cents(amount: Decimal) -> str:
    return yuan(Decimal(amount).quantize(Decimal("0.01")))


@dataclass(frozen=True)
class CancelPreview:
    """What cancelling does: jobs that stop now, jobs at the provider, jobs and CNY on the bill."""

    stopping_now: int
    at_provider: int
    billed_jobs: int
    billed: Decimal
    provider_can_cancel: bool

    @classmethod
    def of(cls, batch: Batch, progress: Progress, sums: dict[str, Any]) -> CancelPreview:
        waiting = Step.objects.filter(batch=batch, state=Step.State.WAITING)
        now = min(waiting.filter(job__finished_at=None).count(), progress.left)
        return cls(
            now,
            progress.left - now,
            sums["jobs"],
            sums["billed"],
            provider_can_cancel(batch.account),
        )

    def sentences(self) -> list[str]:
        """What cancelling would do."""
        text = ngettext(
            "%(n)s job that has not been sent stops now and costs nothing.",
            "%(n)s jobs that have not been sent stop now and cost nothing.",
            self.stopping_now,
        )
        return [text % {"n": count(self.stopping_now)}, *self.remaining()]

    def remaining(self) -> list[str]:
        """What cancelling does not stop, before and after it."""
        sentences = []
        if self.at_provider and self.provider_can_cancel:
            text = ngettext(
                "%(n)s job is at the provider: it is asked to stop it if it has not begun it; "
                "otherwise the job will finish.",
                "%(n)s jobs are at the provider: it is asked to stop those it has not begun; "
                "the others will finish.",
                self.at_provider,
            )
            sentences.append(text % {"n": count(self.at_provider)})
        elif self.at_provider:
            text = ngettext(
                "%(n)s job is already at the provider and will finish.",
                "%(n)s jobs are already at the provider and will finish.",
                self.at_provider,
            )
            sentences.append(text % {"n": count(self.at_provider)})
        if self.billed_jobs:
            text = ngettext(
                "%(n)s job has been billed already: %(amount)s stay spent.",
                "%(n)s jobs have been billed already: %(amount)s stay spent.",
                self.billed_jobs,
            )
            sentences.append(text % {"n": count(self.billed_jobs), "amount": yuan(self.billed)})
        return sentences


def provider_can_cancel(account: ProviderAccount) -> bool:
    """Whether the provider can be asked to stop what it has not begun."""
    alias = account.alias
    return not registry.unavailable_reason(alias) and registry.capabilities(alias).cancel
