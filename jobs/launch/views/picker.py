"""Choosing persons or garments on the launch page itself: searched and paged by the server."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from catalog.models import Garment, Person
from jobs.launch.selection import parse_ids
from portal.paging import KeysetPage

SIZE = 24
MODELS: dict[str, type[Person] | type[Garment]] = {"persons": Person, "garments": Garment}


class Picker:
    """What the open picker shows. `field` is the name of its boxes."""

    def __init__(self, kind: str, data: QueryDict) -> None:
        self.kind = kind
        self.field = "add_person" if kind == "persons" else "add_garment"
        self.q = data.get("q", "").strip()[:100]
        self.slot = data.get("slot", "") if data.get("slot") in Garment.Slot.values else ""
        self.chosen = parse_ids(data.getlist(self.field))
        # A new search begins on its first page.
        searched = self.q != data.get("was_q", self.q) or self.slot != data.get(
            "was_slot", self.slot
        )
        self.page = KeysetPage(QueryDict() if searched else data, self._rows(), SIZE)

    def _rows(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = MODELS[self.kind].objects.team_owned().active()
        if self.slot and self.kind == "garments":
            rows = rows.filter(slot=self.slot)
        if not self.q:
            return rows
        named = Q(name__icontains=self.q)
        return rows.filter(named | Q(sku__icontains=self.q) if self.kind == "garments" else named)

    @cached_property
    def elsewhere(self) -> str:
        """What is ticked on other pages, to be carried along."""
        here = {row.pk for row in self.page.rows}
        return ",".join(str(pk) for pk in self.chosen if pk not in here)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to choose from at all, rather than nothing found."""
        return not self.page.rows and not self.q and not self.slot

    @property
    def slots(self) -> list[tuple[str, Any]]:
        return [("", ""), *Garment.Slot.choices]
