"""Decode and encode images, and bring them to the working size."""

from __future__ import annotations

import cv2
import numpy as np

from engine.arrays import Field, Image
from engine.errors import Refusal

WORK_SIDE_PX = 1024  # every constant of the method was tuned at this long side
OUTPUT_SIDE_PX = 2048
PLAIN_GROUND_BGR = (238, 238, 238)
PNG_SIGNATURE = b"\x89PNG"


def decode(data: bytes, subject: str) -> Image:
    """Decode a file as an upright H×W×3 uint8 BGR image; transparency becomes a light ground.

    Raises Refusal `image_unreadable`.
    """
    image = None
    if data:
        buffer = np.frombuffer(data, np.uint8)
        try:
            image = cv2.imdecode(buffer, cv2.IMREAD_COLOR)
            if image is not None and data[:4] == PNG_SIGNATURE:
                image = _flatten(cv2.imdecode(buffer, cv2.IMREAD_UNCHANGED), image)
        except cv2.error:
            image = None
    if image is None:
        raise Refusal(
            "image_unreadable",
            f"The {len(data)} bytes of the {subject} are not an image that can be read: "
            "send a complete JPEG, PNG or WebP file.",
            subject,
        )
    return image


def _flatten(raw: Image | None, opaque: Image) -> Image:
    if raw is None or raw.ndim != 3 or raw.shape[2] != 4 or raw.dtype != np.uint8:
        return opaque
    alpha = raw[..., 3:].astype(np.float32) / 255
    if alpha.min() > 0.99:
        return opaque
    mixed = raw[..., :3] * alpha + np.array(PLAIN_GROUND_BGR, np.float32) * (1 - alpha)
    return np.round(mixed).astype(np.uint8)


def check_size(image: Image, subject: str, least: tuple[int, int] = (288, 512)) -> None:
    """Raise Refusal `image_too_small` under `least` pixels (short side, long side)."""
    height, width = image.shape[:2]
    if min(height, width) < least[0] or max(height, width) < least[1]:
        raise Refusal(
            "image_too_small",
            f"At least {least[0]} × {least[1]} pixels are needed, but the {subject} has "
            f"{width} × {height}: use a larger photo.",
            subject,
        )


def fit(image: Image, long_side: int = WORK_SIDE_PX) -> Image:
    """Resize an image so that its long side is `long_side` pixels."""
    height, width = image.shape[:2]
    scale = long_side / max(height, width)
    if scale == 1:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def limit_size(image: Image, long_side: int) -> Image:
    """Shrink an image whose long side is over `long_side` pixels."""
    return fit(image, long_side) if max(image.shape[:2]) > long_side else image


def encode_jpeg(image: Image, quality: int = 95) -> bytes:
    """Return JPEG bytes without chroma subsampling (4:4:4)."""
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ]
    return cv2.imencode(".jpg", image, options)[1].tobytes()


def encode_png(image: Image) -> bytes:
    """Return PNG bytes of a BGR or BGRA image."""
    return cv2.imencode(".png", image)[1].tobytes()


def on_plain_ground(image: Image, alpha: Field) -> Image:
    """Blend an image over the plain light ground; `alpha` H×W in 0..1."""
    share: Field = alpha[..., None].astype(np.float32)
    return np.round(image * share + np.array(PLAIN_GROUND_BGR, np.float32) * (1 - share)).astype(
        np.uint8
    )
