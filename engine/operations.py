"""The three operations on bytes. Imported late: it needs OpenCV and mediapipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine import VERSION, Crop, Picture
from engine.analysis_cache import Memory
from engine.compositing import dress
from engine.garment import garment_analysis
from engine.garment.garment_types import Garment
from engine.imaging import codec
from engine.person import crops, person_analysis
from engine.person.person_analysis import Person
from engine.refining import refined

PARTS = ("top", "bottom", "dress")


def tryon(data: bytes, garments: Mapping[str, bytes], memory: Memory | None) -> Picture:
    dress.check_outfit(garments)
    picture = codec.decode(data, "person")
    wearer = _person(data, picture, memory)
    dress.check_legs(wearer, garments)
    clothes = {slot: _garment(garments[slot], slot, memory) for slot in PARTS if slot in garments}
    result, warnings = dress.dress(wearer, clothes)
    return _picture(dress.into_photo(picture, wearer, result), warnings)


def parse(data: bytes, parts: Sequence[str], memory: Memory | None) -> list[Crop | None]:
    unknown = set(parts) - set(PARTS)
    if unknown:
        raise ValueError(f"parts are top, bottom and dress, not {', '.join(sorted(unknown))}")
    picture = codec.decode(data, "person")
    wearer = _person(data, picture, memory)
    return [_crop(picture, wearer, part) for part in parts]


def refine(coarse: bytes) -> Picture:
    picture = codec.decode(coarse, "coarse")
    codec.check_size(picture, "coarse")
    return _picture(refined(codec.at_most(picture, codec.OUTPUT_SIDE_PX)), ())


def _picture(image: codec.Image, warnings: tuple[str, ...]) -> Picture:
    height, width = image.shape[:2]
    return Picture(codec.to_jpeg(image), width, height, warnings)


def _crop(picture: codec.Image, wearer: Person, part: str) -> Crop | None:
    alpha = crops.worn_part(wearer, part)
    if alpha is None:
        return None
    cutout, crop, (x1, y1, x2, y2) = crops.cut(picture, wearer, alpha)
    return Crop(codec.to_png(cutout), codec.to_jpeg(crop), (x1, y1, x2, y2))


def _person(data: bytes, picture: codec.Image, memory: Memory | None) -> Person:
    if memory is None:
        return person_analysis.analyse(picture)
    return memory.recall(
        memory.key("person", VERSION, data),
        lambda known: Person.unpacked(codec.fit(picture), known),
        lambda: person_analysis.analyse(picture),
        lambda made: made.packed(),
    )


def _garment(data: bytes, slot: str, memory: Memory | None) -> Garment:
    def make() -> Garment:
        return garment_analysis.analyse(codec.decode(data, slot), slot)

    if memory is None:
        return make()
    key = memory.key(slot, VERSION, data)
    return memory.recall(key, Garment.unpacked, make, lambda made: made.packed())
