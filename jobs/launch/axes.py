"""Who is to wear what: the persons and outfits of a launch, by ids that nobody vouches for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _

from catalog.models import Garment, Person
from jobs.launch.create import LaunchRefused, Outfit, outfit_of

# What a page can show and a form can carry; more is a second launch.
MOST_CELLS = 3000
MAX_DIGITS = 18

# The ids of an outfit's garments: a top before a bottom.
OutfitKey = tuple[int, ...]


class MatrixAxes(NamedTuple):
    """The rows and columns of a matrix, by ids."""

    persons: list[int]
    outfits: list[OutfitKey]

    @property
    def size(self) -> int:
        return len(self.persons) * len(self.outfits)

    def cells(self) -> list[tuple[int, OutfitKey]]:
        """Row by row."""
        return [(pk, key) for pk in self.persons for key in self.outfits]


def parse_ids(texts: Iterable[str]) -> list[int]:
    """Ids, comma-separated or repeated, once each; what no database could hold is left out."""
    words = (word.strip() for text in texts for word in text.split(","))
    return list(dict.fromkeys(int(word) for word in words if _is_id(word)))


def parse_outfits(text: str) -> list[OutfitKey]:
    """Outfits as `written` them: "12,13+45"."""
    outfits = ([word.strip() for word in outfit.split("+")] for outfit in text.split(","))
    known = (tuple(map(int, words)) for words in outfits if all(map(_is_id, words)))
    return list(dict.fromkeys(known))


def format_outfits(keys: Iterable[OutfitKey]) -> str:
    return ",".join("+".join(map(str, key)) for key in keys)


def _is_id(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) <= MAX_DIGITS


def key_of(outfit: Outfit) -> OutfitKey:
    return tuple(garment.pk for garment in outfit.values())


def each_alone(slots: Mapping[int, str]) -> list[OutfitKey]:
    """Each garment by itself; `slots` of garments by id."""
    return [(pk,) for pk in slots]


def tops_with_bottoms(slots: Mapping[int, str]) -> list[OutfitKey]:
    """Every top with every bottom, dresses alone; what has nothing to go with stays alone, too."""
    by_slot: dict[str, list[int]] = {slot: [] for slot in Garment.Slot.values}
    for pk, slot in slots.items():
        by_slot[slot].append(pk)
    tops, bottoms = by_slot["top"], by_slot["bottom"]
    both: list[OutfitKey] = [(top, bottom) for top in tops for bottom in bottoms]
    lone: list[OutfitKey] = [] if both else [(pk,) for pk in tops + bottoms]
    return both + lone + [(pk,) for pk in by_slot["dress"]]


@dataclass
class Selection:
    """The axes of the matrix. `remarks`: what was left out of what was asked for, and why."""

    persons: list[Person] = field(default_factory=list)
    outfits: list[Outfit] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, wanted: MatrixAxes) -> Selection:
        """Two queries. Archived, unknown and impossible ones are left out, and that is said."""
        persons, outfits = wanted
        rows = Person.objects.team_owned().active().in_bulk(persons[:MOST_CELLS])
        worn = dict.fromkeys(pk for key in outfits[:MOST_CELLS] for pk in key)
        garments = Garment.objects.active().in_bulk(list(worn))
        found = cls([rows[pk] for pk in persons if pk in rows], _worn(outfits, garments))
        lost = len(persons) - len(found.persons) + len(outfits) - len(found.outfits)
        found._trim()
        if lost:
            found.remarks.append(
                _("Left out: %(n)d of the chosen. They are archived, gone or cannot be worn so.")
                % {"n": lost}
            )
        return found

    def _trim(self) -> None:
        """Keep what one launch can hold, and say that the rest is missing."""
        cells = len(self.persons) * len(self.outfits)
        if max(cells, len(self.persons)) <= MOST_CELLS:
            return
        self.persons = self.persons[: MOST_CELLS // 10]
        self.outfits = self.outfits[: MOST_CELLS // max(1, len(self.persons))]
        text = _(
            "That would be %(n)d try-ons; one launch takes %(most)d. Here are the first of them: "
            "launch the others apart."
        )
        self.remarks.append(text % {"n": cells, "most": MOST_CELLS})

    def slots(self) -> dict[int, str]:
        """The slot of each garment of the outfits."""
        return {g.pk: g.slot for outfit in self.outfits for g in outfit.values()}

    @property
    def cells(self) -> list[tuple[Person, Outfit]]:
        """Row by row."""
        return [(person, outfit) for person in self.persons for outfit in self.outfits]

    @property
    def axes(self) -> MatrixAxes:
        return MatrixAxes([person.pk for person in self.persons], [key_of(o) for o in self.outfits])


def _worn(keys: Iterable[OutfitKey], garments: Mapping[int, Garment]) -> list[Outfit]:
    """Outfits that exist and can be worn, once each."""
    found: dict[OutfitKey, Outfit] = {}
    for key in keys:
        try:
            outfit = outfit_of(*(garments[pk] for pk in key))
        except (KeyError, LaunchRefused):
            continue
        ordered = {slot: outfit[slot] for slot in Garment.Slot.values if slot in outfit}
        found.setdefault(key_of(ordered), ordered)
    return list(found.values())
