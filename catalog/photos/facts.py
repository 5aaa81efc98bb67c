"""What the pixels of a wire rendition say by themselves: cheap, with Pillow alone.

What takes an engine (who is in the photo, where the garment lies) is added later by whoever has
one, see `AssetQuerySet.measured`.
"""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageChops, ImageFilter, ImageStat

# Raised when what is measured changes: every photo is then measured again.
VERSION = 1
# Photos are judged at the size that try-on models paint at, so a large one may be a little soft.
SIDE = 1200
STRONGEST = 0.03  # of the pixels: the edges by which sharpness is measured
BRIGHTEST = 0.05


def of_wire(data: bytes) -> dict[str, Any]:
    """Measure the bytes of an image: format, bytes, width, height, sharp, bright."""
    image = Image.open(io.BytesIO(data))
    return of_rendition(data, image, image.size) | {"format": image.format}


def of_rendition(data: bytes, image: Image.Image, size: tuple[int, int]) -> dict[str, Any]:
    """As `of_wire` of JPEG bytes whose pixels are at hand, if only in a smaller size.

    `sharp` 0..1: how much the strongest edges lose when blurred. `bright` 0..255.
    """
    grey = image.convert("L")
    grey.thumbnail((SIDE, SIDE), reducing_gap=2.0)
    return {
        "format": "JPEG",
        "bytes": len(data),
        "width": size[0],
        "height": size[1],
        "sharp": _sharpness(grey),
        "bright": _from_top(grey.histogram(), BRIGHTEST),
    }


def _sharpness(grey: Image.Image) -> float:
    """Relative loss of the strongest edges: independent of how many edges there are."""
    edges, blurred = _edges(grey), _edges(grey.filter(ImageFilter.GaussianBlur(2)))
    least = max(1, _from_top(edges.histogram(), STRONGEST))
    strongest = edges.point([255 * (value >= least) for value in range(256)])
    if not strongest.getbbox():
        return 0.0
    before = ImageStat.Stat(edges, strongest).mean[0]
    after = ImageStat.Stat(blurred, strongest).mean[0]
    return round(max(0.0, 1 - after / before), 2)


def _edges(grey: Image.Image) -> Image.Image:
    moved = ImageChops.offset(grey, 1, 0)
    return ImageChops.difference(grey, moved).crop((1, 0, grey.width, grey.height))


def _from_top(histogram: list[int], share: float) -> int:
    """The value that `share` of the pixels reach."""
    left = share * sum(histogram)
    for value in range(255, -1, -1):
        left -= histogram[value]
        if left <= 0:
            return value
    return 0
