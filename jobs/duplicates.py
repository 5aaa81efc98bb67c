"""Which of the asked-for try-ons have been made before, or are being made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from catalog.models import Garment, Person

from .models import ProviderAccount, TryOnJob
from .recipe import Recipe

Cell = tuple[Person, Mapping[str, Garment]]
# SQLite takes only so many values in one question.
CHUNK = 500


def fingerprint(
    account: ProviderAccount, recipe: Recipe, person: Person, outfit: Mapping[str, Garment]
) -> str:
    """A name of all that a try-on is made from: the same name, the same call at the provider."""
    said: dict[str, Any] = {
        "account": account.alias,
        "recipe": recipe.dump(),
        "person": [person.wire_sha256, person.gender, person.body, person.view],
        "garments": {slot: [g.wire_sha256, g.photo_type] for slot, g in outfit.items()},
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def split(
    cells: Sequence[Cell], account: ProviderAccount, recipe: Recipe, *, again: bool = False
) -> tuple[list[tuple[Cell, str]], list[TryOnJob]]:
    """Cells to queue, each with its fingerprint, and the jobs to offer for the others."""
    named = [(cell, fingerprint(account, recipe, *cell)) for cell in cells]
    if again:
        return named, []
    wanted = list(dict.fromkeys(name for _cell, name in named))
    known = _standing(wanted)
    # The same cell twice in one launch is made once, too.
    cell_of = {name: cell for cell, name in named if name not in known}
    new = [(cell, name) for name, cell in cell_of.items()]
    return new, [known[name] for name in wanted if name in known]


def _standing(fingerprints: Sequence[str]) -> dict[str, TryOnJob]:
    """The newest job that stands for each; a finished one before one that still runs."""
    found: dict[str, TryOnJob] = {}
    for begin in range(0, len(fingerprints), CHUNK):
        jobs = TryOnJob.objects.standing().filter(fingerprint__in=fingerprints[begin:][:CHUNK])
        for job in jobs.with_pictures().order_by("id"):
            ended = job.state == TryOnJob.State.SUCCEEDED
            if ended or job.fingerprint not in found:
                found[job.fingerprint] = job
    return found
