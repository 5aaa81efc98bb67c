"""Why a try-on cannot be made: each reason with a pointer to what is at fault, for whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _

from api.framework.problems import Problem
from jobs.launch.checks import check_cell, refusals
from jobs.launch.create import AlreadyMade, LaunchRefused
from jobs.launch.selection import Cell
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
        found = check_cell(self.cell, self.account, self.recipe, timezone.localdate())
        for each in refusals(found):
            pointer = f"/{each.pointer}" if each.pointer else ""
            text = each.message
            if each.of_photo:
                text = f"{text}. {each.remedy}"
            elif self.inside:
                text += each.remedy
            yield Problem.error(pointer, text, each.code)


def nobody() -> Problem:
    return Problem("unavailable", _("Nobody makes try-ons at the moment."))


def _refused(errors: list[dict[str, Any]]) -> Problem:
    return Problem("refused", " ".join(error["detail"] for error in errors), errors=errors)
