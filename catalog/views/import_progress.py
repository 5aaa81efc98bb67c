"""How far an import is, and its rows in pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from catalog.models import Import, ImportRow
from portal.badges import Badge, badge
from portal.paging import parse_id
from portal.progress_bar import BAR, Segment

ROWS = 50

# From left to right: the fill of its part of the bar, the colour and icon of its word.
_LOOKS = {
    "created": ("fill-ok", "is-ok", "plus"),
    "updated": ("fill-run", "is-run", "check"),
    "unchanged": ("fill-idle", "", "check"),
    "refused": ("fill-bad", "is-bad", "close"),
    "pending": ("fill-quiet", "", "queued"),
}


def row_mark(state: str) -> Badge:
    _fill, css, icon = _LOOKS[state]
    return Badge(css, icon, str(ImportRow.State(state).label))


@dataclass(frozen=True)
class ImportProgress:
    """Rows by outcome."""

    source: Import

    @property
    def counts(self) -> dict[str, int]:
        counts = {state: getattr(self.source, state) for state in _LOOKS if state != "pending"}
        return counts | {"pending": max(0, self.source.total - self.source.finished)}

    @property
    def live(self) -> bool:
        return self.source.state in Import.OPEN

    @property
    def badge(self) -> Badge:
        return badge(self.source.state)

    @property
    def text(self) -> str:
        if self.live and not self.source.total:
            return _("Waiting for its turn")
        if self.live and not self.source.listed:
            return _("Reading the list: %(n)s rows so far") % {"n": self._n(self.source.total)}
        numbers = {"done": self._n(self.source.finished), "total": self._n(self.source.total)}
        return _("%(done)s of %(total)s rows") % numbers

    @staticmethod
    def _n(count: int) -> str:
        return number_format(count, use_l10n=True, force_grouping=True)

    def segments(self) -> list[Segment]:
        """The bar, BAR units wide."""
        x, segments = 0.0, []
        for state, n in self.counts.items():
            width = round(BAR * n / self.source.total, 2) if self.source.total else 0.0
            segments.append(
                Segment(state, _LOOKS[state][0], round(x, 2), width, n, row_mark(state))
            )
            x += width
        return segments

    def news(self) -> dict[str, Any]:
        """What keeps the page live."""
        look = self.badge
        return {
            "segments": {
                s.state: {"count": s.count, "x": s.x, "width": s.width} for s in self.segments()
            },
            "text": self.text,
            "badge": {"css": look.css, "icon": look.icon, "word": look.word},
            "live": self.live,
        }


class RowsPage:
    """Rows in the order of the list, from `?from=NUMBER` on, with the neighbours' numbers."""

    def __init__(self, request: HttpRequest, rows: QuerySet[ImportRow]) -> None:
        start = min(parse_id(request.GET.get("from")), 2**31 - 1)
        found = list(rows.filter(number__gte=start).order_by("number")[: ROWS + 1])
        self.next = found[ROWS].number if len(found) > ROWS else None
        self.rows = [(row, row_mark(row.state)) for row in found[:ROWS]]
        before = rows.filter(number__lt=start).order_by("-number") if start else rows.none()
        numbers = list(before.values_list("number", flat=True)[:ROWS])
        self.previous = numbers[-1] if numbers else None
