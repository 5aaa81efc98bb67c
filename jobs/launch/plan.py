"""What a launch would make with one provider, what it would cost and how long it would take.

Consent, refusals, fingerprints, findings and prices of its cells are computed here, once.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.billing import charges
from jobs.dispatch.pacing import MARGIN
from jobs.launch.checks import CellChecks, CellFinding, refusals
from jobs.launch.selection import MAKE, REMAKE, SKIP, Cell
from jobs.models import ProviderAccount, Result, TryOnJob
from jobs.recipe import Recipe
from providers import registry

# SQLite takes only so many values in one query.
CHUNK = 5000


class ExistingJob(NamedTuple):
    """A job that has made a cell, or is about to."""

    pk: int
    state: str
    approved: bool

    @property
    def ended(self) -> bool:
        return self.state == TryOnJob.State.SUCCEEDED


@dataclass
class PlannedCell:
    """One cell as its provider sees it. `refused`: it cannot be asked for.

    `existing`: the job that was made of the same before, or is on its way; `twin`: an earlier cell
    of this plan is made of the same photos. `fingerprint` is empty where it is refused.
    `attempt_of`: the id of the job that was the first attempt at it.
    """

    cell: Cell
    wanted: str
    found: list[CellFinding]
    refused: bool
    fingerprint: str = ""
    existing: ExistingJob | None = None
    twin: bool = False
    attempt_of: int | None = None

    @property
    def is_made(self) -> bool:
        """Whether a launch queues it."""
        if self.wanted == SKIP or self.refused or self.twin:
            return False
        return self.existing is None or self.wanted == REMAKE


@dataclass
class Plan:
    """The wanted cells of one account by one recipe: what becomes one batch."""

    account: ProviderAccount
    recipe: Recipe
    now: datetime
    override: bool = False
    cells: list[PlannedCell] = field(default_factory=list)
    # How many try-ons a launch queues, and what they cost.
    count: int = 0
    estimate: charges.Estimate = field(init=False)

    @classmethod
    def of(
        cls,
        cells: Sequence[Cell],
        account: ProviderAccount,
        recipe: Recipe,
        now: datetime,
        *,
        wanted: str = "",
        override: bool = False,
    ) -> Plan:
        """`wanted`: MAKE, SKIP or REMAKE for each cell; without it, each is made once.

        `override`: also cells with a photo that the provider may refuse.
        """
        plan = cls(account, recipe, now, override)
        checks = CellChecks(account, recipe, timezone.localdate(now))
        for cell, each in zip(cells, wanted or MAKE * len(cells), strict=True):
            found = checks.of(*cell)
            plan.cells.append(PlannedCell(cell, each, found, bool(refusals(found, override))))
        plan.find_existing()
        return plan

    def find_existing(self) -> None:
        """Look up what was made before, or is on its way, and what the rest costs."""
        able = [each for each in self.cells if not each.refused]
        names = fingerprints(self.account, self.recipe, [each.cell for each in able])
        known, seen = existing_jobs(names), set[str]()
        for each, name in zip(able, names, strict=True):
            each.fingerprint, each.existing = name, known.get(name)
            # Of two alike, the first is made: also where what was made before is to be made again.
            each.twin = name in seen and name not in known
            seen.add(name)
        self.count = sum(each.is_made for each in self.cells)
        self.estimate = charges.estimate(self.recipe, self.account, self.count, self.now)

    @property
    def reused(self) -> list[ExistingJob]:
        """What was made before of the wanted cells, once each: it is shown with the batch."""
        kept = (c.existing for c in self.cells if c.wanted != SKIP and not c.is_made)
        return list(dict.fromkeys(job for job in kept if job))

    @property
    def agreement(self) -> str:
        """What a page or an app carries back: launched is what was shown, or it is shown again."""
        return f"{self.account.pk}:{self.count}:{self.estimate.total:f}"

    @property
    def seconds(self) -> float:
        """How long it takes at the account's limits, if that does nothing else."""
        if not self.count:
            return 0
        account, capabilities = self.account, registry.capabilities(self.account.alias)
        calls = len(self.recipe.calls(capabilities))
        each = calls * (account.typical_s or capabilities.typical_s)
        at_once = account.concurrency or capabilities.concurrency
        submits = (account.submits_per_s or capabilities.submits_per_s) * MARGIN
        return each + max(each / at_once, calls / submits) * (self.count - 1)


def about(seconds: float) -> str:
    """A duration that nobody should take to the second."""
    if not seconds:
        return _("none")
    minutes = math.ceil(seconds / 60)
    if minutes <= 90:
        return ngettext("about %(n)d min", "about %(n)d min", minutes) % {"n": minutes}
    hours = math.ceil(minutes / 60)
    return ngettext("about %(n)d h", "about %(n)d h", hours) % {"n": hours}


def fingerprints(account: ProviderAccount, recipe: Recipe, cells: Sequence[Cell]) -> list[str]:
    """The fingerprint of each cell: the same one, the same call at the provider.

    It names all that a try-on is made from; what cells share is written out only once.
    """
    names: list[str] = []
    alias, how = json.dumps(account.alias), json.dumps(recipe.dump(), sort_keys=True)
    persons, outfits = dict[int, str](), dict[int, str]()
    for person, outfit in cells:
        if id(person) not in persons:
            facts = [person.wire_sha256, person.gender, person.body, person.view]
            # The same photo, sent by two shoppers: neither learns of the other.
            facts += [f"of {person.owner_id}"] if person.owner_id else []
            persons[id(person)] = json.dumps(facts)
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
    """The newest job of each with a usable image, else the newest that may yet have one."""
    images = Result.objects.finished().filter(job=OuterRef("pk"))
    usable = Exists(images.exclude(review=Result.Review.REJECTED))
    made = Q(usable, state=TryOnJob.State.SUCCEEDED)
    # As of a list so long PostgreSQL does not see that "" is not in it: without saying so it may
    # not use the index of fingerprints, which has no empty ones, and reads every job.
    jobs = TryOnJob.objects.filter(made | Q(state__in=TryOnJob.IN_FLIGHT)).exclude(fingerprint="")
    rows = jobs.annotate(approved=Exists(images.filter(review=Result.Review.APPROVED)))
    found: dict[str, ExistingJob] = {}
    names = list(dict.fromkeys(fingerprints))
    for begin in range(0, len(names), CHUNK):
        some = rows.filter(fingerprint__in=names[begin : begin + CHUNK]).order_by("id")
        for name, pk, state, approved in some.values_list("fingerprint", "pk", "state", "approved"):
            job = ExistingJob(pk, state, approved)
            if job.ended or name not in found:
                found[name] = job
    return found
