"""What a person's consent allows of try-ons."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.models import Person
from jobs.models import Event, Step, TryOnJob

# Jobs that one turn of the dispatcher cancels: its lease must not run out over them.
A_TURN = 50

Where = dict[str, Any]


def sentences(persons: Iterable[Person], on: date | None = None) -> list[str]:
    """Why these persons' photos may not be used, once each, naming the person and the remedy."""
    day = on or timezone.localdate()
    once = {person.pk: person for person in persons}.values()
    return [f"{person}: {why}" for person in once if (why := person.consent_refusal(day))]


def consent_condition(now: datetime) -> Where:
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
    return sum(job.cancel(by=by, why=why) for job in waiting(person)[:most])


def waiting(person: Person) -> Any:
    steps = Step.objects.filter(state=Step.State.WAITING, job__person=person).order_by()
    return TryOnJob.objects.unfinished().filter(pk__in=steps.values("job")).order_by("id")


def record_if_missing(person: Person, scope: str, note: str) -> bool:
    """Record what an operator states, where nobody has recorded or withdrawn anything."""
    nothing = Person.objects.filter(pk=person.pk, consent_scope="", consent_withdrawn_at=None)
    with transaction.atomic():
        stated = bool(nothing.update(consent_scope=scope, consent_note=note))
        if stated:
            person.refresh_from_db()
            Event.record("person", person.pk, "none", scope, why=note)
    return stated
