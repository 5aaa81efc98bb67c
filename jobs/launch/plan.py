"""What a launch would make with one provider, what it would cost and how long it would take."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.billing import charges
from jobs.dispatch.rate_limit import MARGIN
from jobs.launch import deduplicate
from jobs.launch.cell_selection import REMAKE, SKIP
from jobs.launch.matrix import MADE, NO, OPEN, Matrix
from jobs.models import ProviderAccount
from jobs.recipe import Recipe
from portal import number_format
from providers import registry


@dataclass
class Plan:
    """The ticked cells as one provider sees them: one batch."""

    matrix: Matrix
    wanted: str
    now: datetime

    @property
    def account(self) -> ProviderAccount:
        return self.matrix.account

    @property
    def recipe(self) -> Recipe:
        return self.matrix.recipe

    @cached_property
    def places(self) -> list[int]:
        """Positions of the cells to ask for: what is made already is offered with the batch."""
        notes = self.matrix.notes
        return [n for n, want in enumerate(self.wanted) if want != SKIP and notes[n].kind != NO]

    @cached_property
    def forced(self) -> frozenset[int]:
        """Positions within `cells` of what is made again on purpose."""
        notes, wanted = self.matrix.notes, self.wanted
        return frozenset(
            at for at, n in enumerate(self.places) if notes[n].kind == MADE and wanted[n] == REMAKE
        )

    @cached_property
    def cells(self) -> list[deduplicate.Cell]:
        return [self.matrix.cells[n] for n in self.places]

    @cached_property
    def count(self) -> int:
        new = sum(self.matrix.notes[n].kind == OPEN for n in self.places)
        return new + len(self.forced)

    @cached_property
    def offered(self) -> int:
        return len(self.places) - self.count

    @cached_property
    def dropped(self) -> int:
        """Wanted cells that this provider, or a check, refuses."""
        notes = self.matrix.notes
        return sum(w != SKIP and notes[n].kind == NO for n, w in enumerate(self.wanted))

    @cached_property
    def estimate(self) -> charges.Estimate:
        return charges.estimate(self.recipe, self.account, self.count, self.now)

    @property
    def total(self) -> Decimal:
        return self.estimate.total

    @property
    def left(self) -> str:
        """What the account may still spend this month; "" without a budget."""
        estimate = self.estimate
        if estimate.budget is None:
            return ""
        rest = max(Decimal(0), estimate.budget - estimate.spent)
        return _("%(left)s of %(budget)s") % {
            "left": number_format.yuan(rest),
            "budget": number_format.yuan(estimate.budget),
        }

    @property
    def key(self) -> str:
        """What a page carries back: a launch is what was shown, or it is shown again."""
        return f"{self.account.pk}:{self.count}:{number_format.plain(self.total)}"

    @property
    def pace(self) -> dict[str, float]:
        """Seconds for the first job, and for each further one, at the account's limits."""
        capabilities = registry.capabilities(self.account.alias)
        calls = len(self.recipe.calls(capabilities))
        each = calls * (self.account.typical_s or capabilities.typical_s)
        at_once = self.account.concurrency or capabilities.concurrency
        submits = (self.account.submits_per_s or capabilities.submits_per_s) * MARGIN
        return {"first": each, "more": max(each / at_once, calls / submits)}

    @property
    def seconds(self) -> float:
        pace = self.pace
        return pace["first"] + pace["more"] * (self.count - 1) if self.count else 0

    @property
    def facts(self) -> dict[str, Any]:
        """What a script needs to keep count, price and duration between two answers."""
        estimate = self.estimate
        left = None if estimate.budget is None else estimate.budget - estimate.spent
        return {
            "account": self.account.pk,
            "shown": self.matrix.shown,
            "calls": charges.steps(self.recipe, self.account, self.now),
            "left": None if left is None else charges.micro(left),
            **self.pace,
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
