"""Provider accounts: what they may do, what they do now, and what this month has cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db.models import Count, F, Sum
from django.utils.translation import gettext as _

from jobs.models import MonthTotal, ProviderAccount, Step
from jobs.models.ledger import month_of
from portal.badges import Badge
from providers import registry

RESUME_PERMISSION = "jobs.change_provideraccount"
# So many names are enough to find one of them.
MAX_NAMES = 3


@dataclass(frozen=True)
class AccountStatus:
    """One account. `at_once` is its concurrency, None if not configured; amounts in CNY."""

    account: ProviderAccount
    at_work: int
    at_once: int | None
    spent: Decimal
    unavailable: str

    @property
    def running(self) -> int:
        """Calls it works on; those beyond its limit wait in its own queue."""
        return min(self.at_work, self.at_once or 0)

    @property
    def paused(self) -> bool:
        return self.account.state == ProviderAccount.State.PAUSED

    @property
    def idle(self) -> bool:
        """Whether its jobs wait until it is resumed or configured."""
        return self.paused or bool(self.unavailable)

    @property
    def budget(self) -> Decimal | None:
        return self.account.month_budget

    @property
    def nearly(self) -> Decimal:
        """The amount from which the meter warns."""
        return (self.budget or Decimal(0)) * Decimal("0.9")

    @property
    def badge(self) -> Badge:
        if self.paused:
            return Badge("is-warn", "pause", _("Paused"))
        if self.unavailable:
            return Badge("", "canceled", _("Not configured"))
        return Badge("is-ok", "check", _("Working"))


def account_statuses(now: datetime) -> list[AccountStatus]:
    """Every account, those in the settings first, in their order."""
    busy = dict(Step.objects.at_work().order_by().values_list("account").annotate(n=Count("id")))
    totals = MonthTotal.objects.filter(month=month_of(now)).order_by().values_list("account")
    spent = dict(totals.annotate(n=Sum(F("billed") + F("reserved"))))
    found = [
        AccountStatus(
            account,
            busy.get(account.pk, 0),
            _concurrency(account),
            spent.get(account.pk, Decimal(0)),
            registry.unavailable_reason(account.alias),
        )
        for account in ProviderAccount.objects.all()
    ]
    return sorted(found, key=lambda each: bool(each.unavailable))


def _concurrency(account: ProviderAccount) -> int | None:
    if registry.unavailable_reason(account.alias):
        return account.concurrency
    return account.concurrency or registry.capabilities(account.alias).concurrency


def who_may_resume(user: User) -> list[str]:
    """Names of users who can resume a paused account; none if this user can."""
    if user.has_perm(RESUME_PERMISSION):
        return []
    backend = "django.contrib.auth.backends.ModelBackend"
    people = User.objects.with_perm(RESUME_PERMISSION, is_active=True, backend=backend).order_by(
        "username"
    )
    return [person.get_full_name() or person.get_username() for person in people[:MAX_NAMES]]
