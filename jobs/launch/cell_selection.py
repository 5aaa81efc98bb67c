"""What somebody wants of each cell of the matrix: one character each, row by row.

Django refuses a form of more than 1000 fields, so all cells travel in one. What is wanted is kept
apart from what is possible: a cell that one provider refuses is wanted again by the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict

from jobs.launch.axes import MOST_CELLS, Axes, Key, ids

# If it can be made and was not made before; not at all; even though it was made before.
NORMAL, OFF, AGAIN = "1", "0", "2"
# Up to so many cells have a field each where no script packs them.
MOST_BOXES = 600


@dataclass
class Ticks:
    """`wanted`: a character for each cell of `axes`."""

    axes: Axes
    wanted: str

    @classmethod
    def read(cls, posted: QueryDict, axes: Axes) -> Ticks:
        """The ticks of a form that showed these cells."""
        if axes.size > MOST_CELLS:
            return cls(Axes([], []), "")
        text = posted.get("ticks", "")
        fits = len(text) == axes.size and set(text) <= {NORMAL, OFF, AGAIN}
        ticks = cls(axes, text if fits else NORMAL * axes.size)
        by = posted.get("by")
        if by == "boxes":
            ticks._read_boxes(posted)
        elif by == "heads":
            ticks._read_heads(posted)
        return ticks

    def _read_boxes(self, posted: QueryDict) -> None:
        """Without scripts: a field for each ticked box; `shown` tells which could be ticked."""
        shown = posted.get("shown", "").ljust(self.axes.size, "n")
        ticked = set(ids(posted.getlist("cell")))
        may = {"o": (OFF, NORMAL), "m": (NORMAL, AGAIN)}
        self.wanted = "".join(
            may[kind][n in ticked] if kind in may else self.wanted[n]
            for n, kind in enumerate(shown[: self.axes.size])
        )

    def _read_heads(self, posted: QueryDict) -> None:
        """Without scripts, and too many for a field each: whole rows and columns."""
        rows, columns = set(ids(posted.getlist("row"))), set(ids(posted.getlist("col")))
        width = len(self.axes.keys)
        self.wanted = "".join(
            (each if each == AGAIN else NORMAL)
            if n // width in rows and n % width in columns
            else OFF
            for n, each in enumerate(self.wanted)
        )

    def heads(self) -> tuple[list[bool], list[bool]]:
        """Of which rows and of which columns anything is wanted."""
        width = len(self.axes.keys)
        on = {divmod(n, width) for n, each in enumerate(self.wanted) if each != OFF}
        rows, columns = {y for y, _x in on}, {x for _y, x in on}
        return [y in rows for y in range(len(self.axes.persons))], [
            x in columns for x in range(width)
        ]

    def moved(self, axes: Axes) -> Ticks:
        """The same wishes for other axes; a new cell is as any."""
        known = dict(zip(self.axes.cells(), self.wanted, strict=True))
        return Ticks(axes, "".join(known.get(cell, NORMAL) for cell in axes.cells()))

    def tidied(self) -> Axes:
        """The axes without rows and columns of which nothing is wanted."""
        cells = zip(self.axes.cells(), self.wanted, strict=True)
        wanted = [cell for cell, each in cells if each != OFF]
        persons, keys = {pk for pk, _key in wanted}, {key for _pk, key in wanted}
        return Axes(
            [pk for pk in self.axes.persons if pk in persons],
            [key for key in self.axes.keys if key in keys],
        )


def only(axes: Axes, wanted: Iterable[tuple[int, Key]]) -> Ticks:
    """These cells and no others."""
    cells = set(wanted)
    return Ticks(axes, "".join(NORMAL if cell in cells else OFF for cell in axes.cells()))
