"""Erasing a person: every row, every file, all that was made of the photo. The ledger stays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Person
from catalog.preflight import measure
from galleries import public_images
from jobs.models import Batch, ErasedUse, Event, Result, TryOnJob
from jobs.models.result import ResultQuerySet
from privacy import consent

READ_AT_ONCE = 500


class EraseRefused(ValueError):
    """Nothing was erased. Its text says why not and what to do."""


@dataclass
class Erasure:
    """What was deleted. `shared_files` stay, because another record uses the same photo."""

    jobs: int = 0
    results: int = 0
    files: int = 0
    measurements: int = 0
    shared_files: int = 0

    def __str__(self) -> str:
        return _("try-ons: %(jobs)d, results: %(results)d, files: %(files)d") % vars(self)


def erase_person(person: Person, by: User | None) -> Erasure:
    """Delete the person with all that was made of the photo. Call it outside of any transaction.

    Files go first: should this process die, the rows still list what is left, and erasing again
    finishes the work. Raises EraseRefused, and OSError where the storage fails.
    """
    _refuse_if_blocked(person)
    # From here on nobody can launch or send anything of this person.
    consent.withdraw(person, by)
    _refuse_if_blocked(person)
    done = Erasure()
    _discard_results(person, done)
    _discard_photo(person, done)
    try:
        _delete_rows(person, by, done)
    except ProtectedError as error:
        text = _("Somebody launched try-ons of this person just now. Erase it again.")
        raise EraseRefused(text) from error
    return done


def erase_shopper(user: User) -> None:
    """Delete an account with every photo, try-on and image of it. Call it as erase_person.

    Raises EraseRefused where something is at a provider; what was erased before that stays erased.
    """
    persons = list(Person.objects.filter(owner=user))
    for person in persons:
        _refuse_if_blocked(person)
    for person in persons:
        erase_person(person, user)
    with transaction.atomic():
        Batch.objects.filter(owner=user).delete()
        user.delete()


def same_photo(person: Person) -> list[Person]:
    """Return the owner's other records of the same photo, which erasing this one leaves."""
    others = Person.objects.same_as(person.sha256).filter(owner=person.owner_id)
    return list(others.exclude(pk=person.pk).order_by("pk"))


def obstacle(person: Person) -> str:
    """Return why the person cannot be erased now and what to do, or ""."""
    undecided = person.jobs.filter(state=TryOnJob.State.NEEDS_ATTENTION).count()
    if undecided:
        text = ngettext(
            "%(n)d try-on needs a decision first: whether it was billed is not known.",
            "%(n)d try-ons need a decision first: whether they were billed is not known.",
            undecided,
        )
        return text % {"n": undecided}
    at_provider = len(consent.at_provider(person))
    text = ngettext(
        "%(n)d try-on is at a provider. Erase the person when it has ended.",
        "%(n)d try-ons are at a provider. Erase the person when they have ended.",
        at_provider,
    )
    return text % {"n": at_provider} if at_provider else ""


def _refuse_if_blocked(person: Person) -> None:
    if reason := obstacle(person):
        raise EraseRefused(reason)


# --- files ---


def _discard_results(person: Person, done: Erasure) -> None:
    for results in _in_chunks(Result.objects.of_person(person)):
        public_images.delete_now([result.pk for result in results])
        hashes = {result.sha256 for result in results}
        others = Result.objects.filter(sha256__in=hashes).exclude(job__person=person)
        _discard(results, set(others.values_list("sha256", flat=True)), done)


def _in_chunks(rows: ResultQuerySet) -> Iterator[list[Result]]:
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:READ_AT_ONCE]):
        yield chunk
        last = chunk[-1].pk


def _discard_photo(person: Person, done: Erasure) -> None:
    # Also records of other owners: equal photos share their files.
    others = Person.objects.same_as(person.sha256).exclude(pk=person.pk).order_by()
    shared = set(others.values_list("sha256", flat=True))
    if not shared:
        done.measurements = measure.forget(_wire_hashes(person))
    _discard([person], shared, done)
    done.files += person.discard_documents()


def _discard(pictures: Iterable[Result | Person], in_use: set[str], done: Erasure) -> None:
    for picture in pictures:
        if picture.sha256 in in_use:
            done.shared_files += 1
        else:
            done.files += picture.discard_files()


def _wire_hashes(person: Person) -> set[str]:
    """Hash all wire renditions, also older ones that a fix replaced."""
    hashes = {person.wire_sha256}
    for name in person.wire_names():
        with person.wire.storage.open(name) as file:
            hashes.add(hashlib.sha256(file.read()).hexdigest())
    return hashes


# --- rows ---


def _delete_rows(person: Person, by: User | None, done: Erasure) -> None:
    """Delete all rows in one transaction. Ledger entries lose their step and keep the rest."""
    log = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Person), object_id=str(person.pk)
    )
    pk = person.pk
    with transaction.atomic():
        # Locked, so that no job can be added even if consent was recorded again meanwhile.
        Person.objects.select_for_update().get(pk=pk)
        _refuse_if_blocked(person)
        done.results = Result.objects.of_person(person).count()
        done.jobs = person.jobs.count()
        published = Result.objects.of_person(person).exclude(published_at=None)
        ids = list(published.values_list("pk", flat=True))
        Result.objects.set_published(ids, None, by=by, why="erased")
        # Steps, results, decisions and the jobs' events go with the jobs.
        Result.objects.of_person(person).delete()
        ErasedUse.keep(person.jobs.all(), timezone.now())
        person.jobs.all().delete()
        Event.objects.filter(kind="person", object_id=pk).delete()
        log.delete()
        person.delete()
        Event.record("person", pk, "", "erased", by=by, why=str(done))
