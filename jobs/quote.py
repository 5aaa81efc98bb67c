"""What a launch would make and cost, said before it is launched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from . import amounts, duplicates, money
from .duplicates import Cell
from .models import ProviderAccount, TryOnJob
from .providers import registry
from .recipe import Recipe


@dataclass(frozen=True)
class Quote:
    """What a launch would make, what it would cost, and what it need not make again."""

    estimate: money.Estimate
    offered: list[TryOnJob]

    @property
    def total(self) -> str:
        return money.cny(self.estimate.total)

    @property
    def key(self) -> str:
        """What a page carries back: a launch is what was shown, or it is shown again."""
        return f"{self.estimate.count}:{amounts.plain(self.estimate.total)}"


def quote(
    cells: Sequence[Cell], account: ProviderAccount, recipe: Recipe, *, again: bool = False
) -> Quote:
    """What `launch_cells` would do with the same arguments."""
    recipe = recipe.complete(registry.capabilities(account.alias))
    new, offered = duplicates.split(cells, account, recipe, again=again)
    return Quote(money.estimate(recipe, account, len(new), timezone.now()), offered)
