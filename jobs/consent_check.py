"""What a person's consent allows of try-ons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import Person
from jobs.models import Step, TryOnJob

# Jobs that the dispatcher cancels at a time, so that its lease does not run out meanwhile.
MAX_CANCELLED = 50

Where = dict[str, Any]


def consent_condition(now: datetime) -> Where:
    """Return a condition for a step's UPDATE: the person's consent holds at that moment."""
    persons = Person.objects.consenting(timezone.localdate(now)).values("pk")
    return {"job__in": TryOnJob.objects.filter(person__in=persons).order_by().values("pk")}


def cancel_if_refused(step: Step, now: datetime) -> bool:
    """If the person's consent no longer holds, cancel their waiting jobs; whether that was so."""
    person = step.job.person
    why = person.consent_refusal(timezone.localdate(now))
    if why:
        cancel_waiting(person, why=why, limit=MAX_CANCELLED)
    return bool(why)


def cancel_waiting(
    person: Person, *, by: User | None = None, why: str, limit: int | None = None
) -> int:
    """Cancel the person's jobs whose next call has not begun; return how many that were."""
    return sum(job.cancel(by=by, why=why) for job in waiting_jobs(person)[:limit])


def waiting_jobs(person: Person) -> QuerySet[TryOnJob]:
    steps = Step.objects.filter(state=Step.State.WAITING, job__person=person).order_by()
    return TryOnJob.objects.unfinished().filter(pk__in=steps.values("job")).order_by("id")
