"""Pages by key: no counting, and nothing shifts while new rows arrive."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, QueryDict

# The columns of a key, and whether it runs backwards.
Order = tuple[tuple[str, ...], bool]
# By name in the address: the columns of the key, and whether it runs backwards. Names are not
# unique, ids are: together they tell every two rows apart.
ORDERS: dict[str, Order] = {
    "newest": (("id",), True),
    "oldest": (("id",), False),
    "name": (("name", "id"), False),
    "place": (("position", "id"), False),
}


class KeysetPage:
    """Rows in one of ORDERS, with the ids from which the neighbouring pages start.

    `?before=ID` shows the rows that follow that one (the older ones, in the usual order),
    `?after=ID` those that precede it; anything else shows the first page. Instead of a request it
    takes what a form posted. `few`: the filters leave so few rows that sorting them all is cheaper
    than to look for them among all others by the order of their ids, where a million may lie
    before the first. An `order` of its own is given as those in ORDERS are; `all_rows` is where
    the row of a key is found, if its columns are more than the model has. `apart`: the filters
    cost so much for each row that the ids are asked for in a query of their own, lest they be
    applied to all rows once more.
    """

    def __init__(
        self,
        request: HttpRequest | QueryDict,
        rows: QuerySet,
        size: int,
        order: str | Order = "newest",
        *,
        few: bool = False,
        all_rows: QuerySet | None = None,
        apart: bool = False,
    ) -> None:
        self.order, self.few, self.all_rows, self.apart = order, few, all_rows, apart
        self.columns, self.backwards = ORDERS[order] if isinstance(order, str) else order
        wanted = request if isinstance(request, QueryDict) else request.GET
        before, after = (number(wanted.get(name)) for name in ("before", "after"))
        self.rows = self._earlier(rows, after, size) if after else []
        came_back = bool(self.rows)
        if not came_back:
            self.rows = self._beyond(rows, before, self.backwards, size)
        more = len(self.rows) > size
        self.rows = self.rows[1:] if more and came_back else self.rows[:size]
        self.older = self.rows[-1].pk if self.rows and (more or came_back) else None
        self.newer = self.rows[0].pk if self.rows and (more if came_back else before) else None

    def _earlier(self, rows: QuerySet, after: int, size: int) -> list[Any]:
        """The page that ends before `after`; empty where it would not fill, as that is page one."""
        found = self._beyond(rows, after, not self.backwards, size)
        return found[::-1] if len(found) > size else []

    def _beyond(self, rows: QuerySet, pk: int, backwards: bool, size: int) -> list[Any]:
        """The rows on one side of a key, the nearest first; one row more than the page shows.

        The ids are found first, by the filters alone: otherwise every row that passes them is
        joined with its pictures, and all of that sorted, before the first page is cut off.
        """
        sign = "-" if backwards else ""
        order = [f"{sign}{column}" for column in self.columns]
        key = self._key(rows, pk) if pk else None
        found = rows.filter(self._past(key, "lt" if backwards else "gt")) if key else rows
        if self.few:
            found = found.alias(place=F("pk") + 0)
        ids = found.order_by(f"{sign}place") if self.few else found.order_by(*order)
        found_ids: Any = ids.values_list("pk", flat=True)[: size + 1]
        if self.apart:
            found_ids = list(found_ids)
        return list(rows.filter(pk__in=found_ids).order_by(*order))

    def _key(self, rows: QuerySet, pk: int) -> tuple[Any, ...] | None:
        """The key of a row; None where it has been deleted and its place is not known."""
        if self.columns == ("id",):
            return (pk,)
        every = rows.model._default_manager.all() if self.all_rows is None else self.all_rows
        found = every.filter(pk=pk)
        return found.order_by().values_list(*self.columns).first()

    def _past(self, key: tuple[Any, ...], side: str) -> Q:
        first, last = self.columns[0], self.columns[-1]
        past = Q(**{f"{first}__{side}": key[0]})
        if len(key) > 1:
            past |= Q(**{first: key[0], f"{last}__{side}": key[-1]})
        return past


def number(text: str | None) -> int:
    """An id from the address; 0, which no row has, for what no database could hold."""
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0
