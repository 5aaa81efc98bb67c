"""What a launch would make with one provider, what it would cost and how long it would take.

Consent, refusals, fingerprints, findings and prices of its cells are computed here, once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.billing import charges
from jobs.dispatch.pacing import MARGIN
from jobs.launch import deduplicate
from jobs.launch.checks import CellChecks, CellFinding, refusals
from jobs.launch.deduplicate import ExistingJob
from jobs.launch.selection import MAKE, REMAKE, SKIP, Cell
from jobs.models import ProviderAccount
from jobs.recipe import Recipe
from portal import number_format
from providers import registry


@dataclass
class PlannedCell:
    """One cell as its provider sees it. `refused`: it cannot be asked for.

    `existing`: the job that was made of the same before, or is on its way; `twin`: an earlier cell
    of this plan is made of the same photos. `fingerprint` is empty where it is refused.
    """

    cell: Cell
    wanted: str
    found: list[CellFinding]
    refused: bool
    fingerprint: str = ""
    existing: ExistingJob | None = None
    twin: bool = False

    @property
    def is_made(self) -> bool:
        """Whether a launch queues it."""
        if self.wanted == SKIP or self.refused or self.twin:
            return False
        return self.existing is None or self.is_remade

    @property
    def is_remade(self) -> bool:
        """Whether it is to be made, and paid for, again."""
        return self.existing is not None and self.wanted == REMAKE


@dataclass
class Plan:
    """The wanted cells of one account by one recipe: what becomes one batch."""

    account: ProviderAccount
    recipe: Recipe
    now: datetime
    override: bool = False
    cells: list[PlannedCell] = field(default_factory=list)
    # How many try-ons a launch queues.
    count: int = 0

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
        """Look up what was made before, or is on its way."""
        able = [each for each in self.cells if not each.refused]
        names = deduplicate.fingerprints(self.account, self.recipe, [each.cell for each in able])
        known, seen = deduplicate.existing_jobs(names), set[str]()
        for each, name in zip(able, names, strict=True):
            each.fingerprint, each.existing = name, known.get(name)
            # Of two alike, the first is made: also where what was made before is to be made again.
            each.twin = name in seen and name not in known
            seen.add(name)
        self.count = sum(each.is_made for each in self.cells)
        self.__dict__.pop("estimate", None)

    @cached_property
    def estimate(self) -> charges.Estimate:
        return charges.estimate(self.recipe, self.account, self.count, self.now)

    @property
    def reused(self) -> list[ExistingJob]:
        """What was made before of the wanted cells, once each: it is shown with the batch."""
        kept = (c.existing for c in self.cells if c.wanted != SKIP and not c.is_made)
        return list(dict.fromkeys(job for job in kept if job))

    @property
    def agreement(self) -> str:
        """What a page or an app carries back: launched is what was shown, or it is shown again."""
        return f"{self.account.pk}:{self.count}:{number_format.plain(self.estimate.total)}"

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


def left_this_month(estimate: charges.Estimate) -> str:
    """What the account may still spend; "" without a budget."""
    if estimate.budget is None:
        return ""
    rest = max(Decimal(0), estimate.budget - estimate.spent)
    return _("%(left)s of %(budget)s") % {
        "left": number_format.yuan(rest),
        "budget": number_format.yuan(estimate.budget),
    }


def about(seconds: float) -> str:
    """A duration that nobody should take to the second."""
    if not seconds:
        return _("none")
    minutes = math.ceil(seconds / 60)
    if minutes <= 90:
        return ngettext("about %(n)d min", "about %(n)d min", minutes) % {"n": minutes}
    hours = math.ceil(minutes / 60)
    return ngettext("about %(n)d h", "about %(n)d h", hours) % {"n": hours}
