"""What a user should look at first, each with a link to where they can act."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Person
from jobs.models import Batch, TryOnJob
from portal.badges import Badge
from portal.number_format import count, yuan
from providers import registry
from reports.overview import workers
from reports.overview.accounts import AccountStatus, who_may_resume
from reports.overview.expiring_images import ExpiringImages

# So many of each kind are listed.
MAX_PER_KIND = 5
CONSENT_SOON = timedelta(days=30)


@dataclass(frozen=True)
class AttentionItem:
    """`url` is where to act, `act` the text of the link; both empty if this user cannot."""

    badge: Badge
    text: str
    url: str = ""
    act: str = ""


def attention_items(
    user: User, now: datetime, accounts: Sequence[AccountStatus], expiring: ExpiringImages | None
) -> list[AttentionItem]:
    """`accounts` and `expiring` are what this user may see of them."""
    found = [*_paused_accounts(user, accounts)]
    if user.has_perm("jobs.view_tryonjob"):
        found += [*_silent_lanes(now), *_unanswered_jobs()]
    if expiring and expiring.count:
        found.append(_expiring_images_item(expiring))
    if user.has_perm("jobs.view_batch"):
        found += _batches_at_budget(user)
    if user.has_perm("catalog.view_person"):
        found += _ending_consents(timezone.localdate(now))
    return found


def _paused_accounts(user: User, accounts: Sequence[AccountStatus]) -> Iterator[AttentionItem]:
    paused = [each.account for each in accounts if each.paused]
    names = ", ".join(who_may_resume(user)) if paused else ""
    for account in paused:
        text = _("%(account)s is paused: %(reason)s") % {
            "account": registry.provider_name(account.alias),
            "reason": account.pause_reason,
        }
        if names:
            text += " " + _("To be resumed by: %(names)s.") % {"names": names}
        mark = Badge("is-bad", "pause", _("Paused"))
        yield AttentionItem(mark, text, reverse("account", args=[account.pk]), _("See it"))


def _silent_lanes(now: datetime) -> Iterator[AttentionItem]:
    for lane in workers.silent_lanes(now):
        text = _("Work waits, but the worker lane “%(lane)s” shows no sign of life: restart it.")
        yield AttentionItem(Badge("is-bad", "attention", _("Stopped")), text % {"lane": lane})


def _unanswered_jobs() -> Iterator[AttentionItem]:
    """Jobs whose paid call was never answered, by batch."""
    jobs = TryOnJob.objects.team_owned().filter(state=TryOnJob.State.NEEDS_ATTENTION).order_by()
    rows = jobs.values("batch", "batch__name").annotate(n=Count("id")).order_by("-batch")
    for row in rows[:MAX_PER_KIND]:
        count_text = ngettext("%(n)s job", "%(n)s jobs", row["n"]) % {"n": count(row["n"])}
        text = _("%(batch)s: sent, but no answer came; it may have been charged.")
        url = f"{reverse('batch', args=[row['batch']])}?state=needs_attention"
        mark = Badge("is-warn", "attention", count_text)
        yield AttentionItem(mark, text % {"batch": row["batch__name"]}, url, _("Decide"))


def _expiring_images_item(expiring: ExpiringImages) -> AttentionItem:
    n = expiring.count
    count_text = ngettext("%(n)s image", "%(n)s images", n) % {"n": count(n)}
    text = _("Paid for, not here yet, and about to be forgotten by the provider.")
    css = "is-bad" if expiring.cards[0].urgent else "is-warn"
    return AttentionItem(Badge(css, "clock", count_text), text, "#forgotten", _("See them"))


def _batches_at_budget(user: User) -> Iterator[AttentionItem]:
    """Batches whose budget is used up while jobs of them wait."""
    waits = TryOnJob.objects.unfinished().filter(batch=OuterRef("pk"))
    stopped = (
        Batch.objects.team_owned().filter(Exists(waits), stopped_at__isnull=False).order_by("-id")
    )
    for batch in stopped[:MAX_PER_KIND]:
        text = _("%(batch)s has used up its budget.") % {"batch": batch}
        if user.has_perm("jobs.view_ledgerentry"):
            amounts = {"batch": batch, "spent": yuan(batch.spent), "budget": yuan(batch.budget)}
            text = _("%(batch)s has used up its budget: %(spent)s of %(budget)s.") % amounts
        mark = Badge("is-warn", "pause", _("Budget"))
        yield AttentionItem(mark, text, batch.get_absolute_url(), _("Change"))


def _ending_consents(today: date) -> Iterator[AttentionItem]:
    """Persons in use whose consent ends soon or has ended, the first to end first."""
    used = TryOnJob.objects.filter(person=OuterRef("pk"))
    ending = (
        Person.objects.team_owned()
        .active()
        .filter(Exists(used), consent_until__lte=today + CONSENT_SOON, consent_withdrawn_at=None)
    )
    for person in ending.order_by("consent_until", "id")[:MAX_PER_KIND]:
        yield _consent_item(person, today)


def _consent_item(person: Person, today: date) -> AttentionItem:
    until = person.consent_until or today
    values = {"person": person, "at": date_format(until, "DATE_FORMAT")}
    over = until < today
    text = (
        _("Consent of %(person)s ended on %(at)s: no try-on can be launched.")
        if over
        else _("Consent of %(person)s ends on %(at)s.")
    )
    mark = Badge("is-bad" if over else "is-warn", "person", _("Consent"))
    return AttentionItem(mark, text % values, reverse("person", args=[person.pk]), _("Renew"))
