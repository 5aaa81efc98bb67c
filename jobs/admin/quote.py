"""What a launch would make and cost, said before it is launched."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jobs.providers.base import Capabilities
from jobs.recipe import Recipe


@dataclass(frozen=True)
class Quote:
    """What a launch would make and cost."""

    count: int
    each: Decimal

    @property
    def total(self) -> Decimal:
        return self.count * self.each

    @property
    def key(self) -> str:
        """What the page carries back: a launch costs what was shown, or it is shown again."""
        return f"{self.count}x{self.each}"


def price_each(recipe: Recipe, capabilities: Capabilities) -> Decimal:
    """CNY for one try-on with all of its calls."""
    parse = recipe.keep_rest and not capabilities.keeps_rest_itself
    model = recipe.model or capabilities.default_model("tryon")
    models = [(model, recipe.samples)]
    models += [(capabilities.default_model("parse"), 1)] * parse
    models += [(capabilities.default_model("refine"), 1)] * recipe.refine
    priced = [(capabilities.models[m].price, n) for m, n in models if m in capabilities.models]
    return sum((price * n for price, n in priced), Decimal(0))
