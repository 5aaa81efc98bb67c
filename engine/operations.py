"""The three operations on bytes. Imported late: it needs OpenCV and mediapipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine import VERSION, Crop, Picture
from engine.analysis_cache import AnalysisCache
from engine.compositing import dress
from engine.garment import garment_analysis
from engine.garment.garment_types import Garment
from engine.imaging import codec
from engine.person import crops, person_analysis
from engine.person.person_analysis import Person
from engine.refining import refine_image

PARTS = ("top", "bottom", "dress")


def tryon(data: bytes, garments: Mapping[str, bytes], cache: AnalysisCache | None) -> Picture:
    """Implement `engine.tryon`."""
    dress.check_outfit(garments)
    picture = codec.decode(data, "person")
    wearer = _analyse_person(data, picture, cache)
    dress.check_legs(wearer, garments)
    clothes = {
        slot: _analyse_garment(garments[slot], slot, cache) for slot in PARTS if slot in garments
    }
    result, warnings = dress.dress(wearer, clothes)
    return _picture(dress.into_photo(picture, wearer, result), warnings)


def parse(data: bytes, parts: Sequence[str], cache: AnalysisCache | None) -> list[Crop | None]:
    """Implement `engine.parse`."""
    unknown = set(parts) - set(PARTS)
    if unknown:
        raise ValueError(f"parts are top, bottom and dress, not {', '.join(sorted(unknown))}")
    picture = codec.decode(data, "person")
    wearer = _analyse_person(data, picture, cache)
    return [_crop(picture, wearer, part) for part in parts]


def refine(coarse: bytes) -> Picture:
    """Implement `engine.refine`."""
    picture = codec.decode(coarse, "coarse")
    codec.check_size(picture, "coarse")
    return _picture(refine_image(codec.limit_size(picture, codec.OUTPUT_SIDE_PX)), ())


def _picture(image: codec.Image, warnings: tuple[str, ...]) -> Picture:
    height, width = image.shape[:2]
    return Picture(codec.encode_jpeg(image), width, height, warnings)


def _crop(picture: codec.Image, wearer: Person, part: str) -> Crop | None:
    alpha = crops.worn_part_alpha(wearer, part)
    if alpha is None:
        return None
    cutout, crop, (x1, y1, x2, y2) = crops.cut_out_part(picture, wearer, alpha)
    return Crop(codec.encode_png(cutout), codec.encode_jpeg(crop), (x1, y1, x2, y2))


def _analyse_person(data: bytes, picture: codec.Image, cache: AnalysisCache | None) -> Person:
    if cache is None:
        return person_analysis.analyse(picture)
    return cache.get_or_make(
        cache.key("person", VERSION, data),
        lambda known: Person.unpacked(codec.fit(picture), known),
        lambda: person_analysis.analyse(picture),
        lambda made: made.packed(),
    )


def _analyse_garment(data: bytes, slot: str, cache: AnalysisCache | None) -> Garment:
    def make() -> Garment:
        return garment_analysis.analyse(codec.decode(data, slot), slot)

    if cache is None:
        return make()
    key = cache.key(slot, VERSION, data)
    return cache.get_or_make(key, Garment.unpacked, make, lambda made: made.packed())
