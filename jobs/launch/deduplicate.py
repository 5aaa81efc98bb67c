"""Which of the asked-for try-ons have been made before, or are being made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef

from catalog.models import Garment, Person
from jobs.models import ProviderAccount, Result, TryOnJob
from jobs.recipe import Recipe

Cell = tuple[Person, Mapping[str, Garment]]
# Whether to make again what was made: all of it, none, or the cells at these positions.
RemakePolicy = bool | Collection[int]
# SQLite takes only so many values in one question.
CHUNK = 5000


class NewCell(NamedTuple):
    """A cell to queue; `insisted`: although it was made before."""

    cell: Cell
    fingerprint: str
    forced: bool


class ExistingJob(NamedTuple):
    """A job that stands for a fingerprint."""

    pk: int
    state: str
    approved: bool

    @property
    def ended(self) -> bool:
        return self.state == TryOnJob.State.SUCCEEDED


def fingerprint(
    account: ProviderAccount, recipe: Recipe, person: Person, outfit: Mapping[str, Garment]
) -> str:
    """A name of all that a try-on is made from: the same name, the same call at the provider."""
    return fingerprints(account, recipe, [(person, outfit)])[0]


def fingerprints(account: ProviderAccount, recipe: Recipe, cells: Sequence[Cell]) -> list[str]:
    """The fingerprint of each cell; what cells share is put into words only once."""
    names: list[str] = []
    alias, how = json.dumps(account.alias), json.dumps(recipe.dump(), sort_keys=True)
    persons, outfits = dict[int, str](), dict[int, str]()
    for person, outfit in cells:
        if id(person) not in persons:
            said = [person.wire_sha256, person.gender, person.body, person.view]
            # The same photo, sent by two: neither learns of the other.
            said += [f"of {person.owner_id}"] if person.owner_id else []
            persons[id(person)] = json.dumps(said)
        if id(outfit) not in outfits:
            worn = {slot: [g.wire_sha256, g.photo_type] for slot, g in outfit.items()}
            outfits[id(outfit)] = json.dumps(worn, sort_keys=True)
        whole = (
            f'{{"account": {alias}, "garments": {outfits[id(outfit)]}, '
            f'"person": {persons[id(person)]}, "recipe": {how}}}'
        )
        names.append(hashlib.sha256(whole.encode()).hexdigest())
    return names


def split(
    cells: Sequence[Cell], account: ProviderAccount, recipe: Recipe, *, again: RemakePolicy = False
) -> tuple[list[NewCell], list[TryOnJob]]:
    """Cells to queue, each with its fingerprint, and the jobs to offer for the others."""
    names = fingerprints(account, recipe, cells)
    wanted = [name for n, name in enumerate(names) if not remakes(again, n)]
    known = _standing(list(dict.fromkeys(wanted)))
    new, seen = list[NewCell](), set(known)
    for n, (cell, name) in enumerate(zip(cells, names, strict=True)):
        if remakes(again, n):
            new.append(NewCell(cell, name, forced=True))
        elif name not in seen:
            # The same cell twice in one launch is made once, too.
            seen.add(name)
            new.append(NewCell(cell, name, forced=False))
    return new, [known[name] for name in dict.fromkeys(wanted) if name in known]


def remakes(again: RemakePolicy, position: int) -> bool:
    return again if isinstance(again, bool) else position in again


def existing_jobs(fingerprints: Sequence[str]) -> dict[str, ExistingJob]:
    """What stands for each fingerprint, without its rows: enough to mark many cells."""
    approved = Result.objects.final().filter(job=OuterRef("pk"), review=Result.Review.APPROVED)
    found: dict[str, ExistingJob] = {}
    for jobs in _chunks(fingerprints):
        rows = jobs.annotate(approved=Exists(approved))
        for name, *values in rows.values_list("fingerprint", "pk", "state", "approved"):
            job = ExistingJob(*values)
            if job.ended or name not in found:
                found[name] = job
    return found


def _standing(fingerprints: Sequence[str]) -> dict[str, TryOnJob]:
    """The newest job that stands for each; a finished one before one that still runs."""
    found: dict[str, TryOnJob] = {}
    for jobs in _chunks(fingerprints):
        for job in jobs.with_pictures():
            ended = job.state == TryOnJob.State.SUCCEEDED
            if ended or job.fingerprint not in found:
                found[job.fingerprint] = job
    return found


def _chunks(fingerprints: Sequence[str]) -> list[Any]:
    # Said aloud, as of a list so long PostgreSQL does not see that "" is not in it: without that
    # it may not use the index of fingerprints, which has no empty ones, and reads every job.
    standing = TryOnJob.objects.reusable().exclude(fingerprint="").order_by("id")
    return [
        standing.filter(fingerprint__in=fingerprints[begin:][:CHUNK])
        for begin in range(0, len(fingerprints), CHUNK)
    ]
