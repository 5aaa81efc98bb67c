"""Who is to wear what: persons, outfits, and what is wanted of each cell, as a form posts it.

Ids come in unchecked. Django refuses a form of more than 1000 fields, so what is wanted of all
cells travels as one text: a character each, row by row. What is wanted is kept apart from what is
possible: a cell that one provider refuses is wanted again by the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext as _

from catalog.models import Garment, Person

# What a page can show and a form can carry; more is a second launch.
MOST_CELLS = 3000
# What a database can hold as an id.
_ID = re.compile(r"[0-9]{1,18}")
# If it can be made and was not made before; not at all; even though it was made before.
MAKE, SKIP, REMAKE = "1", "0", "2"
# Up to so many cells have a field each where no script packs them.
MOST_BOXES = 600

Outfit = Mapping[str, Garment]
Cell = tuple[Person, Outfit]
# The ids of an outfit's garments: a top before a bottom.
OutfitKey = tuple[int, ...]
# A cell by the ids of its person and garments.
CellKey = tuple[int, OutfitKey]


class ImpossibleOutfit(ValueError):
    """Garments that cannot be worn together. Its text has the reason."""


def outfit_of(*garments: Garment) -> dict[str, Garment]:
    """Garments by slot, a top before a bottom. Raises ImpossibleOutfit."""
    worn = {garment.slot: garment for garment in garments}
    if len(worn) < len(garments):
        raise ImpossibleOutfit(_("Two garments of the same slot cannot be worn together."))
    if not worn or ("dress" in worn and len(worn) > 1):
        raise ImpossibleOutfit(_("An outfit is one dress, or a top, or a bottom, or both."))
    return {slot: worn[slot] for slot in Garment.Slot.values if slot in worn}


# --- texts of a form


def parse_ids(texts: Iterable[str]) -> list[int]:
    """Ids, comma-separated or repeated, once each; what no database could hold is left out."""
    words = (word.strip() for text in texts for word in text.split(","))
    return list(dict.fromkeys(int(word) for word in words if _ID.fullmatch(word)))


def parse_outfits(text: str) -> list[OutfitKey]:
    """Outfits as `format_outfits` writes them: "12,13+45"."""
    outfits = ([word.strip() for word in outfit.split("+")] for outfit in text.split(","))
    known = (tuple(map(int, words)) for words in outfits if all(map(_ID.fullmatch, words)))
    return list(dict.fromkeys(known))


def format_outfits(outfits: Iterable[OutfitKey]) -> str:
    return ",".join("+".join(map(str, outfit)) for outfit in outfits)


def tops_with_bottoms(slots: Mapping[int, str]) -> list[OutfitKey]:
    """Every top with every bottom, dresses alone; what has nothing to go with stays alone, too.

    `slots` of garments by id.
    """
    by_slot: dict[str, list[int]] = {slot: [] for slot in Garment.Slot.values}
    for pk, slot in slots.items():
        by_slot[slot].append(pk)
    tops, bottoms = by_slot["top"], by_slot["bottom"]
    both: list[OutfitKey] = [(top, bottom) for top in tops for bottom in bottoms]
    lone: list[OutfitKey] = [] if both else [(pk,) for pk in tops + bottoms]
    return both + lone + [(pk,) for pk in by_slot["dress"]]


# --- rows and columns


class MatrixAxes(NamedTuple):
    """The rows and columns of a matrix, by ids."""

    persons: list[int]
    outfits: list[OutfitKey]

    def cells(self) -> list[CellKey]:
        """Row by row."""
        return [(pk, outfit) for pk in self.persons for outfit in self.outfits]


@dataclass
class Selection:
    """The persons and outfits of a launch, and their ids as the axes of its matrix.

    `remarks`: what was left out of the wanted, and why.
    """

    persons: list[Person]
    outfits: list[Outfit]
    axes: MatrixAxes
    remarks: list[str]

    @classmethod
    def load(cls, wanted: MatrixAxes) -> Selection:
        """Two queries. Archived, unknown and impossible ones are left out, with a remark."""
        rows = Person.objects.team_owned().active().in_bulk(wanted.persons[:MOST_CELLS])
        persons = [rows[pk] for pk in wanted.persons if pk in rows]
        worn = dict.fromkeys(pk for outfit in wanted.outfits[:MOST_CELLS] for pk in outfit)
        garments = Garment.objects.active().in_bulk(list(worn))
        outfits: dict[OutfitKey, Outfit] = {}
        for key in wanted.outfits:
            try:
                outfit = outfit_of(*(garments[pk] for pk in key))
            except (KeyError, ImpossibleOutfit):
                continue
            outfits.setdefault(tuple(garment.pk for garment in outfit.values()), outfit)
        keys, remarks, cells = list(outfits), list[str](), len(persons) * len(outfits)
        lost = len(wanted.persons) - len(persons) + len(wanted.outfits) - len(keys)
        if max(cells, len(persons)) > MOST_CELLS:
            persons = persons[: MOST_CELLS // 10]
            keys = keys[: MOST_CELLS // max(1, len(persons))]
            text = _(
                "That would be %(n)d try-ons; one launch takes %(most)d. Here are the first of "
                "them: launch the others apart."
            )
            remarks.append(text % {"n": cells, "most": MOST_CELLS})
        if lost:
            text = _("Left out: %(n)d of the chosen. They are archived, gone or cannot be worn so.")
            remarks.append(text % {"n": lost})
        axes = MatrixAxes([person.pk for person in persons], keys)
        return cls(persons, [outfits[key] for key in keys], axes, remarks)

    def slots(self) -> dict[int, str]:
        """The slot of each garment of the outfits."""
        return {g.pk: g.slot for outfit in self.outfits for g in outfit.values()}

    @property
    def cells(self) -> list[Cell]:
        """Row by row."""
        return [(person, outfit) for person in self.persons for outfit in self.outfits]


# --- what is wanted of each cell


@dataclass
class CellSelection:
    """`wanted`: MAKE, SKIP or REMAKE for each cell of `axes`."""

    axes: MatrixAxes
    wanted: str

    @classmethod
    def read(cls, posted: QueryDict, axes: MatrixAxes) -> CellSelection:
        """What a form wants that showed these cells."""
        size = len(axes.persons) * len(axes.outfits)
        if size > MOST_CELLS:
            return cls(MatrixAxes([], []), "")
        text = posted.get("ticks", "")
        fits = len(text) == size and set(text) <= {MAKE, SKIP, REMAKE}
        read = cls(axes, text if fits else MAKE * size)
        by = posted.get("by")
        if by == "boxes":
            read._read_boxes(posted)
        elif by == "heads":
            read._read_heads(posted)
        return read

    def _read_boxes(self, posted: QueryDict) -> None:
        """Without scripts: a field for each ticked box; `shown` has which could be ticked."""
        shown = posted.get("shown", "").ljust(len(self.wanted), "n")
        ticked = set(parse_ids(posted.getlist("cell")))
        may = {"o": (SKIP, MAKE), "m": (MAKE, REMAKE)}
        self.wanted = "".join(
            may[kind][n in ticked] if kind in may else self.wanted[n]
            for n, kind in enumerate(shown[: len(self.wanted)])
        )

    def _read_heads(self, posted: QueryDict) -> None:
        """Without scripts, and too many for a field each: whole rows and columns."""
        rows = set(parse_ids(posted.getlist("row")))
        columns = set(parse_ids(posted.getlist("col")))
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
        """The same for other axes; a new cell is made."""
        if axes == self.axes:
            return self
        known = dict(zip(self.axes.cells(), self.wanted, strict=True))
        return CellSelection(axes, "".join(known.get(cell, MAKE) for cell in axes.cells()))

    def tidied(self) -> MatrixAxes:
        """The axes without rows and columns of which nothing is wanted."""
        cells = zip(self.axes.cells(), self.wanted, strict=True)
        wanted = [cell for cell, each in cells if each != SKIP]
        persons, outfits = {pk for pk, _outfit in wanted}, {outfit for _pk, outfit in wanted}
        return MatrixAxes(
            [pk for pk in self.axes.persons if pk in persons],
            [outfit for outfit in self.axes.outfits if outfit in outfits],
        )


def only(axes: MatrixAxes, wanted: Iterable[CellKey]) -> CellSelection:
    """These cells and no others."""
    cells = set(wanted)
    return CellSelection(axes, "".join(MAKE if cell in cells else SKIP for cell in axes.cells()))
