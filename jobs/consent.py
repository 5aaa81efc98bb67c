"""What a person's consent allows of try-ons, and what becomes of them when it changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.models import Person

from . import public_images
from .models import Event, Result, Step, TryOnJob
from .webhooks import telling

# What a page counts of one person; beyond it, the number is not worth the wait.
MOST = 1000
# Jobs that one turn of the dispatcher cancels: its lease must not run out over them.
A_TURN = 50
UNPUBLISHED_AT_ONCE = 500
WITHDRAWN = "withdrawn"

Where = dict[str, Any]


@dataclass(frozen=True)
class Stakes:
    """What withdrawing takes away. Each number is at most MOST + 1, which says "more"."""

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


# --- what is allowed ---


def sentences(persons: Iterable[Person], on: date | None = None) -> list[str]:
    """Why these persons' photos may not be used, once each, naming the person and the remedy."""
    day = on or timezone.localdate()
    once = {person.pk: person for person in persons}.values()
    return [f"{person}: {why}" for person in once if (why := person.consent_refusal(day))]


def holds(now: datetime) -> Where:
    """The condition of a step's UPDATE that its person's consent holds at that very moment."""
    persons = Person.objects.consenting(timezone.localdate(now)).values("pk")
    return {"job__in": TryOnJob.objects.filter(person__in=persons).order_by().values("pk")}


def refuse(step: Step, now: datetime) -> bool:
    """Cancel what waits of a person whose consent no longer holds; whether it does not."""
    person = step.job.person
    why = person.consent_refusal(timezone.localdate(now))
    if why:
        cancel_waiting(person, why=why, most=A_TURN)
    return bool(why)


def cancel_waiting(person: Person, *, by: Any = None, why: str, most: int | None = None) -> int:
    """Cancel the person's jobs whose next call has not begun; how many that were."""
    return sum(job.cancel(by=by, why=why) for job in _waiting(person)[:most])


def _waiting(person: Person) -> Any:
    steps = Step.objects.filter(state=Step.State.WAITING, job__person=person).order_by()
    return TryOnJob.objects.unfinished().filter(pk__in=steps.values("job")).order_by("id")


# --- what is at stake ---


def stakes(person: Person) -> Stakes:
    """What withdrawing would take away, counted up to MOST."""
    approved = Result.objects.of_person(person).filter(review=Result.Review.APPROVED)
    return Stakes(
        queued=_count(_waiting(person)),
        at_provider=len(at_provider(person)),
        approved=_count(approved),
        published=_count(approved.exclude(published_at=None)),
    )


def at_provider(person: Person) -> set[int]:
    """The person's jobs that a provider has, or whose images are on their way.

    Not those that need attention: a person decides about them. Two questions, because each has
    an index of exactly the few steps that it is about.
    """
    steps = Step.objects.filter(job__person=person)
    there = [steps.at_work(), steps.filter(state=Step.State.STORING)]
    return {pk for rows in there for pk in rows.order_by().values_list("job", flat=True)}


def _count(rows: Any) -> int:
    return len(rows.order_by().values_list("pk", flat=True)[: MOST + 1])


# --- what changes it ---


def state_of(person: Person) -> str:
    """The word of the history: withdrawn, none, or the scope."""
    return WITHDRAWN if person.consent_withdrawn_at else person.consent_scope or "none"


def record(
    person: Person,
    by: Any,
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
        _tell(person, state_of(old), by, _terms(until, note, document))


def state_if_missing(person: Person, scope: str, note: str) -> bool:
    """Record what an operator states, where nobody has recorded or withdrawn anything."""
    nothing = Person.objects.filter(pk=person.pk, consent_scope="", consent_withdrawn_at=None)
    with transaction.atomic():
        stated = bool(nothing.update(consent_scope=scope, consent_note=note))
        if stated:
            person.refresh_from_db()
            _tell(person, "none", None, note)
    return stated


def tell_first(person: Person, by: Any) -> None:
    """Write down the consent that a photo came with."""
    _tell(person, "none", by, _terms(person.consent_until, person.consent_note, ""))


def withdraw(person: Person, by: Any, *, unpublish: bool = False) -> Withdrawal:
    """Let nothing more be made of the photo; cancel what waits, and `unpublish` what was shown.

    The withdrawal is committed first: from then on the dispatcher begins no call of the person's.
    """
    with transaction.atomic():
        old = Person.objects.select_for_update().get(pk=person.pk)
        if Person.objects.withdraw_consent(person, timezone.now()):
            _tell(person, state_of(old), by, "")
        # Also where nothing is unpublished: the public gets nothing of the person's any more.
        transaction.on_commit(public_images.ring)
    cancelled = cancel_waiting(person, by=by, why="consent withdrawn")
    left = len(at_provider(person))
    return Withdrawal(cancelled, left, unpublish_all(person, by) if unpublish else 0)


def unpublish_all(person: Person, by: Any) -> int:
    """Take everything of the person's down, in portions; how many results that were."""
    n = 0
    while taken := _unpublish_some(person, by):
        n += taken
    return n


def _unpublish_some(person: Person, by: Any) -> int:
    shown = Result.objects.of_person(person).exclude(published_at=None).order_by("pk")
    with transaction.atomic():
        # Only the results: a lock on the joined jobs would make the dispatcher wait.
        locked = shown.select_for_update(of=("self",))[:UNPUBLISHED_AT_ONCE]
        results = list(locked.values_list("pk", "job_id"))
        taken = Result.objects.filter(pk__in=[pk for pk, _job in results])
        taken.exclude(published_at=None).update(published_at=None)
        told = [("result", pk, job, Result.PUBLISHED) for pk, job in results]
        Event.enter_all(told, Result.Review.APPROVED, by=by, why="consent withdrawn")
        telling.results_published([pk for pk, _job in results], False)
        transaction.on_commit(public_images.ring)
    return len(results)


def _terms(until: date | None, note: str, document: str) -> str:
    """What was agreed, in signs that need no translation: it is read in every language."""
    named = document.rpartition("/")[2]
    words = [f"→ {until.isoformat()}" if until else "", note, f"{named[:12]}…" if named else ""]
    return " · ".join(filter(None, words))


def _tell(person: Person, before: str, by: Any, why: str) -> None:
    Event.enter("person", person.pk, before, state_of(person), by=by, why=why)
