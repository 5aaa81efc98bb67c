"""Pages by id: no counting, and nothing shifts while new rows arrive."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest


class KeysetPage:
    """Rows newest first, with the ids from which the neighbouring pages start.

    `?before=ID` shows older rows, `?after=ID` newer ones; anything else shows the first page.
    `few`: the filters leave so few rows that sorting them all is cheaper than to look for them
    among all others by the order of their ids, where a million may lie before the first.
    """

    def __init__(
        self, request: HttpRequest, rows: QuerySet, size: int, *, few: bool = False
    ) -> None:
        self.few = few
        before, after = (number(request.GET.get(name)) for name in ("before", "after"))
        self.rows = self._newer(rows, after, size) if after else []
        came_back = bool(self.rows)
        if not came_back:
            self.rows = self._taken(rows.filter(id__lt=before) if before else rows, "-", size)
        more = len(self.rows) > size
        self.rows = self.rows[1:] if more and came_back else self.rows[:size]
        self.older = self.rows[-1].pk if self.rows and (more or came_back) else None
        self.newer = self.rows[0].pk if self.rows and (more if came_back else before) else None

    def _newer(self, rows: QuerySet, after: int, size: int) -> list[Any]:
        """The page that ends before `after`; empty where it would not fill, as that is page one."""
        newer = self._taken(rows.filter(id__gt=after), "", size)
        return newer[::-1] if len(newer) > size else []

    def _taken(self, rows: QuerySet, order: str, size: int) -> list[Any]:
        """One row more than the page shows.

        The ids are found first, by the filters alone: otherwise every row that passes them is
        joined with its pictures, and all of that sorted, before the first page is cut off.
        """
        ids = rows.alias(place=F("pk") + 0) if self.few else rows
        ids = ids.order_by(f"{order}place" if self.few else f"{order}id").values("pk")
        return list(rows.filter(pk__in=ids[: size + 1]).order_by(f"{order}id"))


def number(text: str | None) -> int:
    """An id from the address; 0, which no row has, for what no database could hold."""
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0
