"""Pages by id: no counting, and nothing shifts while new rows arrive."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict


class KeysetPage:
    """Rows newest first, with the ids from which the neighbouring pages start.

    `?before=ID` shows older rows, `?after=ID` newer ones; anything else shows the first page.
    Instead of a request it takes what a form posted.
    """

    def __init__(self, request: HttpRequest | QueryDict, rows: QuerySet, size: int) -> None:
        rows = rows.order_by("-id")
        wanted = request if isinstance(request, QueryDict) else request.GET
        before, after = (number(wanted.get(name)) for name in ("before", "after"))
        self.rows = self._newer(rows, after, size) if after else []
        came_back = bool(self.rows)
        if not came_back:
            self.rows = list((rows.filter(id__lt=before) if before else rows)[: size + 1])
        more = len(self.rows) > size
        self.rows = self.rows[1:] if more and came_back else self.rows[:size]
        self.older = self.rows[-1].pk if self.rows and (more or came_back) else None
        self.newer = self.rows[0].pk if self.rows and (more if came_back else before) else None

    @staticmethod
    def _newer(rows: QuerySet, after: int, size: int) -> list[Any]:
        """The page that ends before `after`; empty where it would not fill, as that is page one."""
        newer = list(rows.filter(id__gt=after).order_by("id")[: size + 1])
        return newer[::-1] if len(newer) > size else []


def number(text: str | None) -> int:
    """An id from the address; 0, which no row has, for what no database could hold."""
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0
