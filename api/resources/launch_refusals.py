"""Why a try-on cannot be made: each reason with a pointer to what is at fault, for whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _

from api.framework.problems import Problem
from jobs.launch import preflight
from jobs.launch.create import AlreadyMade, LaunchRefused, who_could
from jobs.launch.deduplicate import Cell
from jobs.models import ProviderAccount
from jobs.recipe import Recipe
from providers import registry

T = TypeVar("T")
Explain = Callable[[LaunchRefused], Problem]


def launched(launch: Callable[[], T], explain: Explain) -> T:
    """Raises Problem with every reason of a refusal; AlreadyMade is for the caller."""
    try:
        return launch()
    except AlreadyMade:
        raise
    except LaunchRefused as refused:
        raise explain(refused) from refused


def all_reasons(refused: LaunchRefused) -> Problem:
    """As the portal says it: with names, providers and budgets, for the house."""
    return _refused([Problem.error("", reason, "refused") for reason in refused.reasons])


@dataclass(frozen=True)
class SingleCellRefusals:
    """What one try-on is refused for. `inside`: whether it is told to somebody of the house."""

    cell: Cell
    account: ProviderAccount
    recipe: Recipe
    inside: bool

    def __call__(self, refused: LaunchRefused) -> Problem:
        if not registry.unavailable(self.account.alias) and (errors := list(self._errors())):
            return _refused(errors)
        # Nothing about this try-on: a budget of the house, or its provider.
        return all_reasons(refused) if self.inside else nobody()

    def _errors(self) -> Iterator[dict[str, str]]:
        person, outfit = self.cell
        if why := person.consent_refusal(timezone.localdate()):
            yield Problem.error("/person", why, "consent")
        for reason in self._beyond_the_provider(frozenset(outfit), person.gender):
            yield Problem.error("", reason, "recipe")
        for _cell, found in preflight.refused([self.cell], self.account.alias):
            for each in found:
                yield self._of_photo(each)

    def _beyond_the_provider(self, slots: frozenset[str], gender: str) -> list[str]:
        known = registry.capabilities(self.account.alias)
        could = who_could(self.recipe, slots, gender) if self.inside else ""
        return [reason + could for reason in self.recipe.refusals(known, slots, gender)]

    def _of_photo(self, refusal: preflight.Refusal) -> dict[str, str]:
        found, (person, outfit) = refusal.finding, self.cell
        slots = [slot for slot, garment in outfit.items() if garment == refusal.asset]
        pointer = "/person" if refusal.asset == person else f"/{slots[0]}"
        return Problem.error(pointer, f"{found.message}. {found.remedy}", found.rule)


def nobody() -> Problem:
    return Problem("unavailable", _("Nobody makes try-ons at the moment."))


def _refused(errors: list[dict[str, Any]]) -> Problem:
    return Problem("refused", " ".join(error["detail"] for error in errors), errors=errors)
