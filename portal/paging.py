"""Pages by key: no counting, and nothing shifts while new rows arrive."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, QueryDict

# The columns of a key, and whether it runs backwards.
Order = tuple[tuple[str, ...], bool]
# By name in the address: the columns of the key, and whether it runs backwards. Names are not
# unique, ids are: together they order any two rows.
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
    takes the data of a posted form. `sort_all`: the filters leave so few rows that sorting them is
    cheaper than walking all rows by id, where a million may come before the first match. An
    `order` that is not in ORDERS is given in the same form; `all_rows` finds the row of a key, if
    its columns are annotations. `ids_first`: the filters are so slow that the ids are queried
    first, lest the filters be applied to all rows once more.
    """

    def __init__(
        self,
        request: HttpRequest | QueryDict,
        rows: QuerySet,
        size: int,
        order: str | Order = "newest",
        *,
        sort_all: bool = False,
        all_rows: QuerySet | None = None,
        ids_first: bool = False,
    ) -> None:
        self.order, self.sort_all, self.all_rows, self.ids_first = (
            order,
            sort_all,
            all_rows,
            ids_first,
        )
        self.columns, self.backwards = ORDERS[order] if isinstance(order, str) else order
        query = request if isinstance(request, QueryDict) else request.GET
        before, after = (parse_id(query.get(name)) for name in ("before", "after"))
        self.rows = self._page_before(rows, after, size) if after else []
        came_back = bool(self.rows)
        if not came_back:
            self.rows = self._rows_past(rows, before, self.backwards, size)
        more = len(self.rows) > size
        self.rows = self.rows[1:] if more and came_back else self.rows[:size]
        self.older = self.rows[-1].pk if self.rows and (more or came_back) else None
        self.newer = self.rows[0].pk if self.rows and (more if came_back else before) else None

    def _page_before(self, rows: QuerySet, after: int, size: int) -> list[Any]:
        """The page that ends before `after`; empty if it would not be full, as that is page one."""
        found = self._rows_past(rows, after, not self.backwards, size)
        return found[::-1] if len(found) > size else []

    def _rows_past(self, rows: QuerySet, pk: int, backwards: bool, size: int) -> list[Any]:
        """The rows on one side of a key, the nearest first; one row more than the page shows.

        The ids are found first, by the filters alone: otherwise every row that passes them is
        joined with its pictures, and all of that sorted, before the first page is cut off.
        """
        sign = "-" if backwards else ""
        order = [f"{sign}{column}" for column in self.columns]
        key = self._key(rows, pk) if pk else None
        found = rows.filter(self._condition_past(key, "lt" if backwards else "gt")) if key else rows
        if self.sort_all:
            found = found.alias(place=F("pk") + 0)
        ids = found.order_by(f"{sign}place") if self.sort_all else found.order_by(*order)
        found_ids: Any = ids.values_list("pk", flat=True)[: size + 1]
        if self.ids_first:
            found_ids = list(found_ids)
        return list(rows.filter(pk__in=found_ids).order_by(*order))

    def _key(self, rows: QuerySet, pk: int) -> tuple[Any, ...] | None:
        """The key of a row; None where it has been deleted and its place is not known."""
        if self.columns == ("id",):
            return (pk,)
        all_rows = rows.model._default_manager.all() if self.all_rows is None else self.all_rows
        found = all_rows.filter(pk=pk)
        return found.order_by().values_list(*self.columns).first()

    def _condition_past(self, key: tuple[Any, ...], side: str) -> Q:
        first, last = self.columns[0], self.columns[-1]
        past = Q(**{f"{first}__{side}": key[0]})
        if len(key) > 1:
            past |= Q(**{first: key[0], f"{last}__{side}": key[-1]})
        return past


def parse_id(text: str | None) -> int:
    """Parse an id from an address; 0, which no row has, for what no database could hold."""
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0
