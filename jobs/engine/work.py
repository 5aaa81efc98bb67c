"""The three operations on bytes. Imported late: it needs OpenCV and mediapipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import VERSION, Crop, Picture
from .memory import Memory
from .stages import crops, dress, garment, images, person
from .stages.garment import Garment
from .stages.person import Person
from .stages.refine import refined

PARTS = ("top", "bottom", "dress")


def tryon(data: bytes, garments: Mapping[str, bytes], memory: Memory | None) -> Picture:
    dress.check_outfit(garments)
    picture = images.decode(data, "person")
    wearer = _person(data, picture, memory)
    dress.check_legs(wearer, garments)
    clothes = {slot: _garment(garments[slot], slot, memory) for slot in PARTS if slot in garments}
    result, warnings = dress.dress(wearer, clothes)
    return _picture(dress.into_photo(picture, wearer, result), warnings)


def parse(data: bytes, parts: Sequence[str], memory: Memory | None) -> list[Crop | None]:
    unknown = set(parts) - set(PARTS)
    if unknown:
        raise ValueError(f"parts are top, bottom and dress, not {', '.join(sorted(unknown))}")
    picture = images.decode(data, "person")
    wearer = _person(data, picture, memory)
    return [_crop(picture, wearer, part) for part in parts]


def refine(coarse: bytes) -> Picture:
    picture = images.decode(coarse, "coarse")
    images.check_size(picture, "coarse")
    return _picture(refined(images.at_most(picture, images.OUTPUT_SIDE_PX)), ())


def _picture(image: images.Image, warnings: tuple[str, ...]) -> Picture:
    height, width = image.shape[:2]
    return Picture(images.to_jpeg(image), width, height, warnings)


def _crop(picture: images.Image, wearer: Person, part: str) -> Crop | None:
    alpha = crops.worn_part(wearer, part)
    if alpha is None:
        return None
    cutout, crop, (x1, y1, x2, y2) = crops.cut(picture, wearer, alpha)
    return Crop(images.to_png(cutout), images.to_jpeg(crop), (x1, y1, x2, y2))


def _person(data: bytes, picture: images.Image, memory: Memory | None) -> Person:
    if memory is None:
        return person.analyse(picture)
    return memory.recall(
        memory.key("person", VERSION, data),
        lambda known: Person.unpacked(images.fit(picture), known),
        lambda: person.analyse(picture),
        lambda made: made.packed(),
    )


def _garment(data: bytes, slot: str, memory: Memory | None) -> Garment:
    def make() -> Garment:
        return garment.analyse(images.decode(data, slot), slot)

    if memory is None:
        return make()
    key = memory.key(slot, VERSION, data)
    return memory.recall(key, Garment.unpacked, make, lambda made: made.packed())
