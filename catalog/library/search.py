"""What an address asks the library for: words, filters, an order; and what it could ask next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.library.facets import FACETS, NONE, Facet
from catalog.models import Asset, Garment, Person
from portal.paging import ORDERS, parse_id

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# A menu longer than this helps nobody: the search finds the rest.
MENU = 100
LONGEST = 100
# Counting reads every row, a kilobyte each: beyond this, chips go without numbers.
MOST_COUNTED = 20_000
# Where nothing was counted, a menu offers the words of so many of the newest rows.
MOST_READ = 2000
ORDER_WORDS = {"newest": _("Newest first"), "oldest": _("Oldest first"), "name": _("By name")}


@dataclass(frozen=True)
class Option:
    value: str
    label: StrOrPromise
    address: str
    chosen: bool
    count: int | None = None


@dataclass(frozen=True)
class Menu:
    """A filter as the page shows it: `chosen` names what is chosen, `without` takes it back."""

    facet: Facet
    options: list[Option]
    chosen: StrOrPromise
    without: str


class Search:
    """One search of the library. `query`: the address's own words; `on`: the day for consents."""

    def __init__(self, model: type[Asset], query: QueryDict, on: date) -> None:
        self.model, self.query, self.on = model, query, on
        self.text = query.get("q", "").replace("\0", "").strip()[:LONGEST]
        self.facets = FACETS[model]
        self.chosen: dict[str, str] = {
            facet.name: word for facet in self.facets if (word := query.get(facet.name, ""))
        }
        order = query.get("order", "")
        self.order = order if order in ORDERS else "newest"

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.chosen)

    def rows(self) -> Any:
        """The assets that match everything. A choice that does not exist matches none."""
        return self._narrowed(self.facets)

    def menus(self) -> list[Menu]:
        return [self._menu(facet) for facet in self.facets]

    @cached_property
    def total(self) -> int | None:
        """How many match; None where counting would take longer than the page."""
        return None if self._cube is None else self._count({})

    @cached_property
    def with_findings(self) -> int:
        return sum(self._count({"findings": value}) or 0 for value in ("refuse", "warn"))

    def address(self, **changes: str) -> str:
        """This search with other choices, from its first page."""
        query = self.query.copy()
        for name in ("before", "after", "view", *changes):
            query.pop(name, None)
        for name, value in changes.items():
            if value:
                query[name] = value
        return f"?{query.urlencode()}"

    # --- rows ---

    def _narrowed(self, facets: list[Facet]) -> Any:
        rows: Any = self.model.objects.team_owned()
        if self.model is Person:
            rows = rows.with_consent_state(self.on)
        if "archived" not in self.chosen:
            rows = rows.active()
        if self.text:
            rows = rows.filter(self._text_condition())
        for facet in facets:
            if facet.name in self.chosen:
                rows = self._kept(rows, facet, self.chosen[facet.name])
        return rows

    def _text_condition(self) -> Q:
        named = Q(name__icontains=self.text)
        if self.model is Garment:
            named |= Q(sku__icontains=self.text)
        tagged = self.model.tags.through._default_manager.filter(tag__name__icontains=self.text)
        return named | Q(pk__in=tagged.values(f"{self.model._meta.model_name}_id"))

    def _kept(self, rows: Any, facet: Facet, value: str) -> Any:
        """Never more than was asked for: whole selections are changed by this."""
        if not self._is_known(facet, value):
            return rows.none()
        return facet.keep(rows, value)

    @staticmethod
    def _is_known(facet: Facet, value: str) -> bool:
        if any(value == known for known, _label in facet.choices):
            return True
        if facet.model:
            return bool(parse_id(value))
        return not facet.choices and "\0" not in value

    # --- counts ---

    @cached_property
    def _cube(self) -> dict[tuple[Any, ...], int] | None:
        """How many rows have which words in the counted columns, in one query.

        None where that would take longer than the page itself.
        """
        if not self._is_countable():
            return None
        columns = [facet.column for facet in self._counted]
        rows = self._narrowed([facet for facet in self.facets if not facet.column])
        found = rows.order_by().values_list(*columns).annotate(n=Count("pk"))
        return {tuple(key): n for *key, n in found}

    def _is_countable(self) -> bool:
        """Words and uses are looked up in every row; and of many rows, all would be read."""
        if self.text or "usage" in self.chosen:
            return False
        if "collection" in self.chosen or self.chosen.get("tag", NONE) != NONE:
            return True
        ids = self.model._default_manager.order_by("pk").values("pk")
        return not ids[MOST_COUNTED : MOST_COUNTED + 1]

    @property
    def _counted(self) -> list[Facet]:
        return [facet for facet in self.facets if facet.column]

    def _count(self, instead: dict[str, str]) -> int | None:
        """How many would match with these choices instead."""
        if self._cube is None:
            return None
        wanted = [(self.chosen | instead).get(facet.name) for facet in self._counted]
        facets = self._counted
        return sum(
            n
            for key, n in self._cube.items()
            if all(
                not value or facet.word(word) == value
                for facet, word, value in zip(facets, key, wanted, strict=True)
            )
        )

    # --- menus ---

    def _menu(self, facet: Facet) -> Menu:
        value = self.chosen.get(facet.name, "")
        choices = self._choices(facet)
        options = [
            Option(word, label, self.address(**{facet.name: word}), word == value, n)
            for word, label in choices
            for n in [self._count({facet.name: word}) if facet.column else None]
        ]
        chosen = dict(choices).get(value) or (value and self._name_of(facet, value))
        return Menu(facet, options, chosen, self.address(**{facet.name: ""}))

    def _choices(self, facet: Facet) -> list[tuple[str, StrOrPromise]]:
        choices = list(facet.choices)
        if facet.model:
            rows = facet.model._default_manager.order_by("name")[:MENU]
            choices += [(str(row.pk), str(row)) for row in rows]
        elif not choices:
            choices = [(word, word) for word in self._words(facet.column)]
        return choices

    def _words(self, column: str) -> list[str]:
        if self._cube is None:
            newest = self.model.objects.order_by("-pk").values_list(column, flat=True)
            words = set(newest[:MOST_READ])
        else:
            at = [facet.column for facet in self._counted].index(column)
            words = (key[at] for key in self._cube)  # type: ignore[assignment]
        return sorted({word for word in words if word})[:MENU]

    def _name_of(self, facet: Facet, value: str) -> str:
        """What the address has chosen although no menu lists it."""
        row = None
        if facet.model and parse_id(value):
            row = facet.model._default_manager.filter(pk=parse_id(value)).first()
        return str(row or value)
