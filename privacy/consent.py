"""What happens to a person's try-ons and images when consent changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import Person
from jobs.consent_check import cancel_waiting, waiting_jobs
from jobs.domain_events import Kind, fire
from jobs.models import Event, Result, Step

# A page counts so far for one person; beyond it, counting takes too long.
MAX_COUNTED = 1000
UNPUBLISHED_AT_ONCE = 500
WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class WithdrawalImpact:
    """What withdrawing takes away. Each number is at most MAX_COUNTED + 1: "more"."""

    queued: int
    at_provider: int
    approved: int
    published: int


@dataclass(frozen=True)
class Withdrawal:
    """What a withdrawal did; `at_provider` had been sent before and will finish."""

    cancelled: int
    at_provider: int
    unpublished: int = 0


# --- the impact of withdrawing ---


def impact(person: Person) -> WithdrawalImpact:
    """What withdrawing would take away, counted up to MAX_COUNTED."""
    approved = Result.objects.of_person(person).filter(review=Result.Review.APPROVED)
    return WithdrawalImpact(
        queued=_count(waiting_jobs(person)),
        at_provider=len(at_provider(person)),
        approved=_count(approved),
        published=_count(approved.exclude(published_at=None)),
    )


def at_provider(person: Person) -> set[int]:
    """The person's jobs that a provider has, or whose images are on their way.

    Not those that need attention: an operator decides about them. Two queries, because each has
    an index of exactly the few steps that it matches.
    """
    steps = Step.objects.filter(job__person=person)
    stages = [steps.at_work(), steps.filter(state=Step.State.STORING)]
    return {pk for rows in stages for pk in rows.order_by().values_list("job", flat=True)}


def _count(rows: QuerySet) -> int:
    return len(rows.order_by().values_list("pk", flat=True)[: MAX_COUNTED + 1])


# --- changing it ---


def state_of(person: Person) -> str:
    """Return the state that the history records: withdrawn, none, or the scope."""
    return WITHDRAWN if person.consent_withdrawn_at else person.consent_scope or "none"


def record(
    person: Person,
    by: User | None,
    *,
    scope: str,
    until: date | None = None,
    note: str = "",
    document: str = "",
) -> None:
    """Record or renew a consent, which ends a withdrawal. "" leaves the `document` as it is."""
    with transaction.atomic():
        old = Person.objects.select_for_update().get(pk=person.pk)
        person.record_consent(scope=scope, until=until, note=note, document=document)
        _record_event(person, state_of(old), by, _terms(until, note, document))


def record_initial(person: Person, by: User | None) -> None:
    """Record the consent that a photo was added with."""
    _record_event(person, "none", by, _terms(person.consent_until, person.consent_note, ""))


def withdraw(person: Person, by: User | None, *, unpublish: bool = False) -> Withdrawal:
    """Withdraw consent, cancel waiting try-ons, and `unpublish` the person's results.

    The withdrawal is committed first: from then on the dispatcher begins no call for the person.
    """
    with transaction.atomic():
        old = Person.objects.select_for_update().get(pk=person.pk)
        if Person.objects.withdraw_consent(person, timezone.now()):
            _record_event(person, state_of(old), by, "")
        fire(Kind.CONSENT_WITHDRAWN, person_id=person.pk)
    cancelled = cancel_waiting(person, by=by, why="consent withdrawn")
    left = len(at_provider(person))
    return Withdrawal(cancelled, left, unpublish_all(person, by) if unpublish else 0)


def unpublish_all(person: Person, by: User | None) -> int:
    """Unpublish all results of the person, in chunks; return how many that were."""
    n = 0
    while unpublished := _unpublish_chunk(person, by):
        n += unpublished
    return n


def _unpublish_chunk(person: Person, by: User | None) -> int:
    published = Result.objects.of_person(person).exclude(published_at=None).order_by("pk")
    ids = list(published.values_list("pk", flat=True)[:UNPUBLISHED_AT_ONCE])
    Result.objects.set_published(ids, None, by=by, why="consent withdrawn")
    return len(ids)


def _terms(until: date | None, note: str, document: str) -> str:
    """Describe what was agreed without words, as the history is read in every language."""
    name = document.rpartition("/")[2]
    parts = [f"→ {until.isoformat()}" if until else "", note, f"{name[:12]}…" if name else ""]
    return " · ".join(filter(None, parts))


def _record_event(person: Person, before: str, by: User | None, why: str) -> None:
    Event.record("person", person.pk, before, state_of(person), by=by, why=why)
