"""What both renderers share: colour, smoothing, noise, the film finish, the JPEG."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

F = np.float32
# float32 by custom, not by type: OpenCV's own annotations know no dtype.
Field = npt.NDArray[Any]
Photo = npt.NDArray[np.uint8]
Rgb = tuple[int, int, int]


def linear(rgb: Sequence[float]) -> Field:
    """An 8-bit sRGB colour as linear light."""
    c = np.asarray(rgb, float) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4).astype(F)


def tint(rgb: Rgb, amount: float, towards: Rgb = (255, 255, 255)) -> Rgb:
    """The colour moved towards white, or another one; a negative amount darkens it."""
    goal = towards if amount > 0 else (0, 0, 0)
    r, g, b = (round(c + (t - c) * abs(amount)) for c, t in zip(rgb, goal, strict=True))
    return r, g, b


def blur(image: Field, sigma: float, sigma_y: float = 0) -> Field:
    """Gaussian blur in pixels; too small a sigma leaves the image alone."""
    if max(sigma, sigma_y) <= 0.3:
        return image
    return cv2.GaussianBlur(image, (0, 0), sigma, sigmaY=sigma_y, borderType=cv2.BORDER_REFLECT)


def smoothstep(a: float, b: float, x: Field | float) -> Field:
    """0 at a, 1 at b, flat at both ends."""
    t = np.clip((x - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a: Field, b: Field, mask: Field) -> Field:
    """From a to b where the mask (one dimension less) says so."""
    return a + (b - a) * mask[..., None]


def white_noise(rng: np.random.Generator, shape: tuple[int, ...]) -> Field:
    return rng.standard_normal(shape).astype(F)


def cloud(
    rng: np.random.Generator,
    shape: tuple[int, int],
    scale: float,
    stretch: tuple[float, float] = (1, 1),
    octaves: int = 3,
) -> Field:
    """Smooth noise of unit deviation; scale in pixels, stretch = (down, across)."""
    out = np.zeros(shape, F)
    for octave in range(octaves):
        sy, sx = (scale / 2**octave * k for k in stretch)
        layer = _one_octave(rng, shape, sy, sx)
        out += layer * F(0.55**octave) / (layer.std() + F(1e-6))
    return out / out.std()


def _one_octave(rng: np.random.Generator, shape: tuple[int, int], sy: float, sx: float) -> Field:
    # Drawn small and enlarged: a wide blur at full size would cost seconds.
    fy, fx = max(1, int(sy / 2)), max(1, int(sx / 2))
    small = white_noise(rng, (shape[0] // fy + 3, shape[1] // fx + 3))
    small = blur(small, sx / fx, sy / fy)
    return cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)


def develop(light: Field, seed: int, knee: float = 0.72, grain: float = 0.0065) -> Photo:
    """Linear light to an 8-bit BGR photo: highlight shoulder, sRGB curve, film grain."""
    light = np.maximum(light, 0)
    shoulder = knee + (1 - knee) * (1 - np.exp(-(light - knee) / (1 - knee)))
    light = np.where(light > knee, shoulder, light)
    curve = 1.055 * np.maximum(light, 1e-6) ** (1 / 2.4) - 0.055
    tone = np.where(light <= 0.0031308, 12.92 * light, curve)
    noise = blur(white_noise(np.random.default_rng(seed), light.shape[:2]), 0.6)
    tone = tone + noise[..., None] * F(grain)
    return np.ascontiguousarray((np.clip(tone, 0, 1) * 255 + 0.5).astype(np.uint8)[..., ::-1])


def write_jpeg(path: Path, photo: Photo, quality: int) -> None:
    """Keep full colour resolution, since halved chroma frays the edges the engine cuts along."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sampling = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
    flags = (cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1, *sampling)
    if not cv2.imwrite(str(path), photo, flags):
        raise OSError(f"cannot write {path}")
