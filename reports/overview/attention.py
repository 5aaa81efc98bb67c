"""What a person should look at first, each with the place where they can do something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

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
from reports.overview import workers
from reports.overview.accounts import Shown, may_resume
from reports.overview.expiring_images import Forgotten

# Of one sort, so many are named.
EACH = 5
CONSENT_SOON = timedelta(days=30)


@dataclass(frozen=True)
class Matter:
    """`url` is where one acts, `act` what its link says; without, only others can."""

    badge: Badge
    text: str
    url: str = ""
    act: str = ""


def attention(
    user: Any, now: datetime, accounts: Sequence[Shown], leaving: Forgotten | None
) -> list[Matter]:
    """`accounts` and `leaving` are what this user may see of them."""
    found = [*_paused(user, accounts)]
    if user.has_perm("jobs.view_tryonjob"):
        found += [*_silent(now), *_undecided()]
    if leaving and leaving.count:
        found.append(_leaving(leaving))
    if user.has_perm("jobs.view_batch"):
        found += _stopped(user)
    if user.has_perm("catalog.view_person"):
        found += _consents(timezone.localdate(now))
    return found


def _paused(user: Any, accounts: Sequence[Shown]) -> Iterator[Matter]:
    paused = [each.account for each in accounts if each.paused]
    names = ", ".join(may_resume(user)) if paused else ""
    for account in paused:
        text = _("%(account)s is paused: %(reason)s") % {
            "account": account,
            "reason": account.pause_reason,
        }
        if names:
            text += " " + _("To be resumed by: %(names)s.") % {"names": names}
        mark = Badge("is-bad", "pause", _("Paused"))
        yield Matter(mark, text, reverse("account", args=[account.pk]), _("See it"))


def _silent(now: datetime) -> Iterator[Matter]:
    for lane in workers.silent(now):
        text = _("Work waits, but the worker lane “%(lane)s” shows no sign of life: restart it.")
        yield Matter(Badge("is-bad", "attention", _("Stopped")), text % {"lane": lane})


def _undecided() -> Iterator[Matter]:
    """Jobs whose paid call was never answered, by batch."""
    jobs = TryOnJob.objects.team_owned().filter(state=TryOnJob.State.NEEDS_ATTENTION).order_by()
    rows = jobs.values("batch", "batch__name").annotate(n=Count("id")).order_by("-batch")
    for row in rows[:EACH]:
        word = ngettext("%(n)s job", "%(n)s jobs", row["n"]) % {"n": count(row["n"])}
        text = _("%(batch)s: sent, but no answer came; it may have been charged.")
        url = f"{reverse('batch', args=[row['batch']])}?state=needs_attention"
        mark = Badge("is-warn", "attention", word)
        yield Matter(mark, text % {"batch": row["batch__name"]}, url, _("Decide"))


def _leaving(leaving: Forgotten) -> Matter:
    n = leaving.count
    word = ngettext("%(n)s image", "%(n)s images", n) % {"n": count(n)}
    text = _("Paid for, not here yet, and about to be forgotten by the provider.")
    css = "is-bad" if leaving.cards[0].urgent else "is-warn"
    return Matter(Badge(css, "clock", word), text, "#forgotten", _("See them"))


def _stopped(user: Any) -> Iterator[Matter]:
    """Batches whose budget is used up while jobs of them wait."""
    waits = TryOnJob.objects.unfinished().filter(batch=OuterRef("pk"))
    stopped = (
        Batch.objects.team_owned().filter(Exists(waits), stopped_at__isnull=False).order_by("-id")
    )
    for batch in stopped[:EACH]:
        text = _("%(batch)s has used up its budget.") % {"batch": batch}
        if user.has_perm("jobs.view_ledgerentry"):
            amounts = {"batch": batch, "spent": yuan(batch.spent), "budget": yuan(batch.budget)}
            text = _("%(batch)s has used up its budget: %(spent)s of %(budget)s.") % amounts
        mark = Badge("is-warn", "pause", _("Budget"))
        yield Matter(mark, text, batch.get_absolute_url(), _("Change"))


def _consents(today: date) -> Iterator[Matter]:
    """Persons in use whose consent ends soon or has ended, the first to end first."""
    used = TryOnJob.objects.filter(person=OuterRef("pk"))
    ending = (
        Person.objects.team_owned()
        .active()
        .filter(Exists(used), consent_until__lte=today + CONSENT_SOON, consent_withdrawn_at=None)
    )
    for person in ending.order_by("consent_until", "id")[:EACH]:
        yield _consent(person, today)


def _consent(person: Person, today: date) -> Matter:
    until = person.consent_until or today
    values = {"person": person, "at": date_format(until, "DATE_FORMAT")}
    over = until < today
    text = (
        _("Consent of %(person)s ended on %(at)s: no try-on can be launched.")
        if over
        else _("Consent of %(person)s ends on %(at)s.")
    )
    mark = Badge("is-bad" if over else "is-warn", "person", _("Consent"))
    return Matter(mark, text % values, reverse("person", args=[person.pk]), _("Renew"))
