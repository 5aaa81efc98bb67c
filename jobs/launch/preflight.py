"""Which cells of a launch each provider would refuse for a photo of theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.models import Garment, Person
from catalog.preflight.findings import Finding, refusals
from providers import registry

Cell = tuple[Person, Mapping[str, Garment]]


@dataclass(frozen=True)
class Refusal:
    """A finding about one photo of a cell."""

    asset: Person | Garment
    finding: Finding

    def __str__(self) -> str:
        return f"{self.asset}: {self.finding.message}. {self.finding.remedy}"


def family(alias: str) -> str:
    """The provider whose rules an alias has: the name of its package; "" if unknown."""
    if alias not in settings.PROVIDERS:
        return ""
    return registry.backend(alias).__module__.split(".")[-2]


def refused(cells: Sequence[Cell], alias: str) -> list[tuple[Cell, list[Refusal]]]:
    """The cells that the provider would refuse, and why. Reads no row and no file."""
    provider = family(alias)
    known: dict[tuple[Person | Garment, frozenset[str]], list[Refusal]] = {}
    found = []
    for person, outfit in cells:
        slots = frozenset(outfit)
        reasons: list[Refusal] = []
        assets: tuple[Person | Garment, ...] = (person, *outfit.values())
        for asset in assets:
            key = (asset, slots)
            if key not in known:
                known[key] = [Refusal(asset, f) for f in refusals(asset, provider, slots)]
            reasons += known[key]
        if reasons:
            found.append(((person, outfit), reasons))
    return found


def sentences(cells: Sequence[Cell], alias: str) -> list[str]:
    """One sentence per refused cell, naming the photo, the rule, the value and the remedy."""
    says = _("%s would refuse it.") % alias
    return [
        f"{name(cell)}: {says} {' '.join(map(str, reasons))}"
        for cell, reasons in refused(cells, alias)
    ]


def name(cell: Cell) -> str:
    person, outfit = cell
    return f"{person} · {' + '.join(str(garment) for garment in outfit.values())}"
