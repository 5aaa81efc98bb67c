"""What somebody wants of each cell of the matrix: one character each, row by row.

Django refuses a form of more than 1000 fields, so all cells travel in one. What is wanted is kept
apart from what is possible: a cell that one provider refuses is wanted again by the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict

from jobs.launch.axes import MOST_CELLS, MatrixAxes, OutfitKey, parse_ids

# If it can be made and was not made before; not at all; even though it was made before.
MAKE, SKIP, REMAKE = "1", "0", "2"
# Up to so many cells have a field each where no script packs them.
MOST_BOXES = 600


@dataclass
class CellSelection:
    """`wanted`: a character for each cell of `axes`."""

    axes: MatrixAxes
    wanted: str

    @classmethod
    def read(cls, posted: QueryDict, axes: MatrixAxes) -> CellSelection:
        """The ticks of a form that showed these cells."""
        if axes.size > MOST_CELLS:
            return cls(MatrixAxes([], []), "")
        text = posted.get("ticks", "")
        fits = len(text) == axes.size and set(text) <= {MAKE, SKIP, REMAKE}
        ticks = cls(axes, text if fits else MAKE * axes.size)
        by = posted.get("by")
        if by == "boxes":
            ticks._read_boxes(posted)
        elif by == "heads":
            ticks._read_heads(posted)
        return ticks

    def _read_boxes(self, posted: QueryDict) -> None:
        """Without scripts: a field for each ticked box; `shown` tells which could be ticked."""
        shown = posted.get("shown", "").ljust(self.axes.size, "n")
        ticked = set(parse_ids(posted.getlist("cell")))
        may = {"o": (SKIP, MAKE), "m": (MAKE, REMAKE)}
        self.wanted = "".join(
            may[kind][n in ticked] if kind in may else self.wanted[n]
            for n, kind in enumerate(shown[: self.axes.size])
        )

    def _read_heads(self, posted: QueryDict) -> None:
        """Without scripts, and too many for a field each: whole rows and columns."""
        rows, columns = set(parse_ids(posted.getlist("row"))), set(parse_ids(posted.getlist("col")))
        width = len(self.axes.outfits)
        self.wanted = "".join(
            (each if each == REMAKE else MAKE)
            if n // width in rows and n % width in columns
            else SKIP
            for n, each in enumerate(self.wanted)
        )

    def heads(self) -> tuple[list[bool], list[bool]]:
        """Of which rows and of which columns anything is wanted."""
        width = len(self.axes.outfits)
        on = {divmod(n, width) for n, each in enumerate(self.wanted) if each != SKIP}
        rows, columns = {y for y, _x in on}, {x for _y, x in on}
        return [y in rows for y in range(len(self.axes.persons))], [
            x in columns for x in range(width)
        ]

    def moved(self, axes: MatrixAxes) -> CellSelection:
        """The same wishes for other axes; a new cell is as any."""
        known = dict(zip(self.axes.cells(), self.wanted, strict=True))
        return CellSelection(axes, "".join(known.get(cell, MAKE) for cell in axes.cells()))

    def tidied(self) -> MatrixAxes:
        """The axes without rows and columns of which nothing is wanted."""
        cells = zip(self.axes.cells(), self.wanted, strict=True)
        wanted = [cell for cell, each in cells if each != SKIP]
        persons, keys = {pk for pk, _key in wanted}, {key for _pk, key in wanted}
        return MatrixAxes(
            [pk for pk in self.axes.persons if pk in persons],
            [key for key in self.axes.outfits if key in keys],
        )


def only(axes: MatrixAxes, wanted: Iterable[tuple[int, OutfitKey]]) -> CellSelection:
    """These cells and no others."""
    cells = set(wanted)
    return CellSelection(axes, "".join(MAKE if cell in cells else SKIP for cell in axes.cells()))
