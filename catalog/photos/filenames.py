"""What the name of a photo's file tells of the garment in it. A guess, which people can change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from catalog.models import Garment

# An article number as LU27-T-0161: its letter tells the slot.
_SKU = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2}\d{2}-([TBD])-\d{3,8})(?![A-Za-z0-9])")
_LETTERS = {"T": Garment.Slot.TOP, "B": Garment.Slot.BOTTOM, "D": Garment.Slot.DRESS}
_WORDS = {
    Garment.Slot.DRESS: "dress dresses gown jumpsuit playsuit romper overall overalls",
    Garment.Slot.BOTTOM: (
        "bottom bottoms jeans trousers trouser pants shorts skirt leggings chino chinos joggers"
    ),
    Garment.Slot.TOP: (
        "top tops tee tshirt shirt blouse polo sweater jumper hoodie cardigan jacket coat blazer "
        "longsleeve vest tank knit pullover sweatshirt"
    ),
}
_SLOTS = {word: slot for slot, words in _WORDS.items() for word in words.split()}
# Written without spaces, so looked for anywhere; the longer word of two that overlap stands first.
_CHINESE = (
    ("连衣裙", Garment.Slot.DRESS),
    ("连体裤", Garment.Slot.DRESS),
    ("半身裙", Garment.Slot.BOTTOM),
    ("裙", Garment.Slot.BOTTOM),
    ("裤", Garment.Slot.BOTTOM),
    *((word, Garment.Slot.TOP) for word in ("上衣", "衫", "T恤", "毛衣", "卫衣", "外套", "夹克")),
)
_WORN = {"worn", "model", "onmodel", "模特"}


@dataclass(frozen=True)
class Guess:
    """What a name tells; an empty word where it does not."""

    slot: str = ""
    photo_type: str = Garment.PhotoType.FLAT
    sku: str = ""


def guess(filename: str) -> Guess:
    stem = PurePath(filename).stem
    words = [word.lower() for word in re.findall(r"[A-Za-z]+|[^\W\d_A-Za-z]+", stem)]
    found = _SKU.search(stem)
    worn = bool(_WORN & set(words))
    return Guess(
        slot=_LETTERS[found[2]] if found else _slot(stem, words),
        photo_type=Garment.PhotoType.WORN if worn else Garment.PhotoType.FLAT,
        sku=found[1] if found else "",
    )


def _slot(stem: str, words: list[str]) -> str:
    """The last word decides: a “shirt dress” is a dress."""
    named = [_SLOTS[word] for word in words if word in _SLOTS]
    if named:
        return named[-1]
    return next((slot for word, slot in _CHINESE if word in stem), "")
