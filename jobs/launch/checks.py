"""May this cell be made? The one answer, for the matrix, launches, the API and retries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from catalog.models import Garment, Person
from catalog.preflight.findings import findings
from jobs.launch.selection import Cell, Outfit
from jobs.models import ProviderAccount
from jobs.recipe import Recipe
from providers import registry

CONSENT, RECIPE = "consent", "recipe"


@dataclass(frozen=True)
class CellFinding:
    """Why a cell is refused, or (`severity` warn) what makes its image worse.

    `pointer`: the part at fault: person, top, bottom, dress, or "" for the recipe. `code`: CONSENT,
    RECIPE, or the image rule that the photo breaks, which `override` may disregard.
    """

    pointer: str
    code: str
    message: str
    remedy: str = ""
    severity: str = "refuse"
    asset: Person | Garment | None = None

    @property
    def of_photo(self) -> bool:
        return self.code not in (CONSENT, RECIPE)

    def __str__(self) -> str:
        """A sentence that names the photo; a recipe's is about the whole cell."""
        if self.code == RECIPE:
            return self.message + self.remedy
        if self.code == CONSENT:
            return f"{self.asset}: {self.message}"
        return f"{self.asset}: {self.message}. {self.remedy}"


def check_cell(
    cell: Cell, account: ProviderAccount, recipe: Recipe, today: date
) -> list[CellFinding]:
    """What was found about one cell: consent, then the recipe, then its photos."""
    return CellChecks(account, recipe, today).of(*cell)


class CellChecks:
    """Checks cells for one account and recipe; what many cells share is found out once.

    Reads no row and no file.
    """

    def __init__(self, account: ProviderAccount, recipe: Recipe, today: date) -> None:
        self.account, self.recipe, self.today = account, recipe, today
        self._consent: dict[int, list[CellFinding]] = {}
        self._able: dict[tuple[frozenset[str], str], list[CellFinding]] = {}
        self._photos: dict[tuple[type, int, frozenset[str]], list[CellFinding]] = {}
        self._slots: dict[int, frozenset[str]] = {}
        self._capabilities = registry.capabilities(account.alias)

    def of(self, person: Person, outfit: Outfit) -> list[CellFinding]:
        """Consent first, then the recipe, then the photos."""
        slots = self._slots.setdefault(id(outfit), frozenset(outfit))
        if person.pk not in self._consent:
            why = person.consent_refusal(self.today)
            self._consent[person.pk] = (
                [CellFinding("person", CONSENT, why, asset=person)] if why else []
            )
        able = slots, person.gender
        if able not in self._able:
            reasons = self.recipe.refusals(self._capabilities, slots, person.gender)
            could = who_could(self.recipe, slots, person.gender) if reasons else ""
            self._able[able] = [CellFinding("", RECIPE, reason, could) for reason in reasons]
        found = [*self._consent[person.pk], *self._able[able]]
        photos: dict[str, Person | Garment] = {"person": person, **outfit}
        for pointer, asset in photos.items():
            key = type(asset), asset.pk, slots
            if key not in self._photos:
                self._photos[key] = [
                    CellFinding(pointer, f.rule, f.message, f.remedy, f.severity, asset)
                    for f in findings(asset, [self.account.alias], slots)
                ]
            found += self._photos[key]
        return found


def refusals(found: Iterable[CellFinding], override: bool = False) -> list[CellFinding]:
    """Those that stand in the way. `override`: what a provider may refuse is sent all the same."""
    return [f for f in found if f.severity == "refuse" and not (override and f.of_photo)]


def who_could(recipe: Recipe, slots: frozenset[str], gender: str) -> str:
    """The offered providers that could make this cell by this recipe, with a model of theirs."""
    recipe = replace(recipe, model="")
    able = [
        alias
        for alias in registry.available()
        if not recipe.refusals(registry.capabilities(alias), slots, gender)
    ]
    return " " + _("These could: %(names)s.") % {"names": ", ".join(able)} if able else ""
