"""Result images: drawn at once, each with its task's id, or made by the local engine."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Protocol

from PIL import Image, ImageDraw, ImageEnhance

from sandbox.http_messages import Refused
from sandbox.input_images import InputImage
from sandbox.object_storage import Picture

FRAMES = {1024: (576, 1024), 1280: (720, 1280)}
INFERENCE_FAILED = Refused(500, "InternalError.Algo", "inference internal error.")
BAD_PERSON = Refused(
    400,
    "InvalidPerson",
    "The input image has no human body or multi human bodies. Please upload other image with "
    "single person.",
)
NO_GARMENT = Refused(
    400,
    "InvalidGarment",
    "Missing clothing image.Please input at least one top garment or bottom garment image.",
)


@dataclass(frozen=True)
class Crop:
    """One part found by a parse: a cut-out (PNG), a crop (JPEG), its box x1, y1, x2, y2."""

    cutout: Picture
    crop: Picture
    box: tuple[int, int, int, int]


class Renderer(Protocol):
    """Makes images. Garments are keyed by slot (top, bottom, dress). Raises Refused."""

    def tryon(
        self, person: InputImage, garments: Mapping[str, InputImage], resolution: int, label: str
    ) -> Picture:
        """Dress a person; `resolution` is a key of FRAMES, or -1 for the photo's size."""

    def refine(self, person: InputImage, coarse: InputImage, label: str) -> Picture:
        """Refine a try-on image."""

    def parse(self, person: InputImage, parts: Sequence[str], label: str) -> list[Crop | None]:
        """Cut out the worn parts; None for one that is not worn."""

    def close(self) -> None:
        """End the processes that render."""


class PreparedRenderer:
    """Draw labelled pictures, only on download, so that tasks cost no processor time."""

    def tryon(
        self, person: InputImage, garments: Mapping[str, InputImage], resolution: int, label: str
    ) -> Picture:
        return partial(draw_picture, FRAMES.get(resolution, person.size), label), "image/jpeg"

    def refine(self, person: InputImage, coarse: InputImage, label: str) -> Picture:
        return partial(draw_picture, person.size, f"{label} refined"), "image/jpeg"

    def parse(self, person: InputImage, parts: Sequence[str], label: str) -> list[Crop | None]:
        size = (max(200, person.width // 2), max(200, person.height // 2))
        return [self._crop(size, f"{label} {part}") for part in parts]

    def _crop(self, size: tuple[int, int], label: str) -> Crop:
        cutout = (partial(draw_picture, size, label, "PNG"), "image/png")
        return Crop(cutout, (partial(draw_picture, size, label), "image/jpeg"), (0, 0, *size))

    def close(self) -> None:
        pass


def draw_picture(size: tuple[int, int], label: str, kind: str = "JPEG") -> bytes:
    """Return a picture file with a label, so that every result differs and names its task.

    `size` is width and height in pixels.
    """
    image = _background(size).copy()
    draw = ImageDraw.Draw(image)
    for line, start in enumerate(range(0, len(label), 24)):
        draw.text((8, 8 + 14 * line), label[start : start + 24], fill="black")
    out = io.BytesIO()
    image.save(out, kind, quality=95)
    return out.getvalue()


def vary_picture(picture: Picture, n: int) -> Picture:
    """Return the picture itself (0), or a variant of it, as one more sample would be."""
    return (partial(_saturate, picture[0], n), "image/jpeg") if n else picture


def _saturate(read: Callable[[], bytes], n: int) -> bytes:
    with Image.open(io.BytesIO(read())) as image:
        out = io.BytesIO()
        ImageEnhance.Color(image.convert("RGB")).enhance(1 + 0.12 * n).save(out, "JPEG", quality=95)
    return out.getvalue()


@lru_cache(maxsize=32)
def _background(size: tuple[int, int]) -> Image.Image:
    # Coarse noise: cheap to encode, and never under the 5 KB that an input image must have.
    noise = Image.frombytes("L", (24, 32), random.Random(7).randbytes(24 * 32))
    patches = noise.resize(size, Image.Resampling.NEAREST).point(lambda v: 150 + v // 4)
    image = Image.merge("RGB", (patches, patches, Image.new("L", size, 190)))
    ImageDraw.Draw(image).rectangle((0, 0, 170, 48), fill="white")
    return image
