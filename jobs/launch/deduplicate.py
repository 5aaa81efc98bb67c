"""Which of the asked-for try-ons have been made before, or are being made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from jobs.launch.selection import Cell
from jobs.models import ProviderAccount, Result, TryOnJob
from jobs.recipe import Recipe

# SQLite takes only so many values in one question.
CHUNK = 5000


class ExistingJob(NamedTuple):
    """A job that stands for a fingerprint."""

    pk: int
    state: str
    approved: bool

    @property
    def ended(self) -> bool:
        return self.state == TryOnJob.State.SUCCEEDED


def fingerprints(account: ProviderAccount, recipe: Recipe, cells: Sequence[Cell]) -> list[str]:
    """The fingerprint of each cell: the same one, the same call at the provider.

    It names all that a try-on is made from; what cells share is put into words only once.
    """
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


def existing_jobs(fingerprints: Sequence[str]) -> dict[str, ExistingJob]:
    """The newest job that stands for each; a finished one before one that still runs."""
    finished = Result.objects.finished().filter(job=OuterRef("pk"))
    usable = finished.exclude(review=Result.Review.REJECTED)
    made = Q(Exists(usable), state=TryOnJob.State.SUCCEEDED)
    approved = Result.objects.filter(
        job=OuterRef("pk"), role=Result.Role.FINAL, review=Result.Review.APPROVED
    )
    # Said aloud, as of a list so long PostgreSQL does not see that "" is not in it: without that
    # it may not use the index of fingerprints, which has no empty ones, and reads every job.
    reusable = TryOnJob.objects.filter(Q(state__in=TryOnJob.IN_FLIGHT) | made)
    rows = reusable.exclude(fingerprint="").order_by("id").annotate(approved=Exists(approved))
    found: dict[str, ExistingJob] = {}
    names = list(dict.fromkeys(fingerprints))
    for begin in range(0, len(names), CHUNK):
        some = rows.filter(fingerprint__in=names[begin : begin + CHUNK])
        for name, pk, state, is_approved in some.values_list(
            "fingerprint", "pk", "state", "approved"
        ):
            job = ExistingJob(pk, state, is_approved)
            if job.ended or name not in found:
                found[name] = job
    return found
