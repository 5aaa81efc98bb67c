"""The consent that a person's photo is added with, and who is notified of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction

from catalog.models import Person

Handler = Callable[[Person, User | None], None]

_handlers: list[Handler] = []


def on_initial_consent(handler: Handler) -> None:
    """Call `handler(person, by)` in the transaction that first writes a person's consent."""
    _handlers.append(handler)


def notify_initial_consent(person: Person, by: User | None) -> None:
    """Call the handlers: a consent was written to a person who had none."""
    for handler in _handlers:
        handler(person, by)


def record_if_missing(
    person: Person, by: User | None, *, scope: str, until: date | None = None, note: str = ""
) -> bool:
    """Record a consent unless one was recorded or withdrawn; return whether this call did."""
    if not scope:
        return False
    values = {"consent_scope": scope, "consent_until": until, "consent_note": note}
    missing = Person.objects.filter(pk=person.pk, consent_scope="", consent_withdrawn_at=None)
    with transaction.atomic():
        recorded = bool(missing.update(**values))
        if recorded:
            person.refresh_from_db(fields=list(values))
            notify_initial_consent(person, by)
    return recorded
