"""Real image bytes of every format, made in memory."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()

FORMATS = {"JPEG": "jpg", "PNG": "png", "BMP": "bmp", "WEBP": "webp", "HEIF": "heic"}


def pixels(width: int = 300, height: int = 400, *, seed: int = 0) -> Image.Image:
    """A smooth picture with some grain: no two seeds look alike."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (5, 4, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.int16)
    grain = random.integers(-8, 9, (height, width, 1), dtype=np.int16)
    return Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8))


def photo(
    width: int = 300,
    height: int = 400,
    format: str = "JPEG",
    mode: str = "RGB",
    seed: int = 0,
    **options: Any,
) -> bytes:
    return encoded(pixels(width, height, seed=seed).convert(mode), format, **options)


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
