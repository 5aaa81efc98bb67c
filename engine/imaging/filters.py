"""Image filters that OpenCV's headless wheel lacks, and cheap forms of the ones that it has."""

from __future__ import annotations

import cv2
import numpy as np

from engine.arrays import Field, Image, Mask, Points

# A blur this wide loses nothing when computed on a quarter of the pixels per side.
WIDE_SIGMA_PX = 10.0


def smoothstep(low: float, high: float, x: Field | float) -> Field:
    """Rise from 0 at `low` to 1 at `high` with level ends."""
    t = np.clip((np.asarray(x) - low) / (high - low + 1e-9), 0, 1)
    return t * t * (3 - 2 * t)


def disc(diameter: int) -> Mask:
    """Return a round structuring element, `diameter` pixels wide."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (diameter, diameter))


def square(side: int) -> Mask:
    """Return a square structuring element of `side` pixels."""
    return np.ones((side, side), np.uint8)


def soften(mask: Mask, sigma: float) -> Field:
    """Blur a mask (or field) by `sigma` pixels; wide blurs are made small and enlarged again."""
    field = mask.astype(np.float32)
    if sigma < WIDE_SIGMA_PX:
        return cv2.GaussianBlur(field, (0, 0), sigma)
    height, width = field.shape[:2]
    step = 4 if sigma < 4 * WIDE_SIGMA_PX else 8
    small = cv2.resize(
        field, (max(2, width // step), max(2, height // step)), interpolation=cv2.INTER_AREA
    )
    # Block averaging and linear enlarging blur too; take their share off the sigma.
    left = np.sqrt(max(1.0, (sigma / step) ** 2 - 0.25))
    small = cv2.GaussianBlur(small, (0, 0), float(left))
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def blur_within(field: Field, weight: Field, sigma: float) -> Field:
    """Blur `field` counting only pixels of `weight` (normalised convolution)."""
    return soften(field * weight, sigma) / np.maximum(soften(weight, sigma), 1e-3)


def smooth_curve(values: Points, sigma: float, *, mirror: bool = False) -> Points:
    """Gaussian smoothing along the first axis; ends repeat, or reflect with `mirror`."""
    values = np.asarray(values, float)
    radius = int(4 * sigma + 0.5)
    offsets = np.arange(-radius, radius + 1)
    kernel = np.exp(-0.5 * (offsets / sigma) ** 2)
    kernel /= kernel.sum()
    index = np.arange(-radius, len(values) + radius)
    if mirror:
        index = np.mod(index, 2 * len(values))
        index = np.minimum(index, 2 * len(values) - 1 - index)
    padded = values[np.clip(index, 0, len(values) - 1)]
    columns = padded.reshape(len(padded), -1).T
    smooth = [np.convolve(column, kernel, "valid") for column in columns]
    return np.stack(smooth, 1).reshape(values.shape)


def _box(field: Field, size: tuple[int, int]) -> Field:
    return cv2.blur(field, size)


class Guide:
    """A grey guided filter (He et al. 2010) whose guide's moments are computed once."""

    def __init__(self, grey: Field, radius: int, eps: float) -> None:
        """`grey` is H×W float32 in 0..1, `radius` in pixels."""
        self.grey = grey
        self.size = (2 * radius + 1, 2 * radius + 1)
        self.mean: Field = _box(grey, self.size)
        self.variance = _box(grey * grey, self.size) - self.mean * self.mean + eps

    def smooth(self, signal: Field) -> Field:
        """Smooth an H×W float32 signal along the guide's edges."""
        mean: Field = _box(signal, self.size)
        product: Field = self.grey * signal
        covariance: Field = _box(product, self.size) - self.mean * mean
        slope: Field = covariance / self.variance
        offset: Field = mean - slope * self.mean
        return _box(slope, self.size) * self.grey + _box(offset, self.size)


def guided_colour(image: Image, signal: Field, radius: int, eps: float) -> Field:
    """Smooth `signal` along the colour edges of `image` (uint8): the colour guided filter.

    Solves the 3×3 system of every window in closed form (cofactors of the covariance).
    """
    size = (2 * radius + 1, 2 * radius + 1)
    guide = image.astype(np.float32) / 255
    b, g, r = cv2.split(guide)
    mean = _box(guide, size)
    mb, mg, mr = cv2.split(mean)
    level = _box(signal, size)
    kb, kg, kr = (_box(c * signal, size) - m * level for c, m in ((b, mb), (g, mg), (r, mr)))
    bb = _box(b * b, size) - mb * mb + eps
    gg = _box(g * g, size) - mg * mg + eps
    rr = _box(r * r, size) - mr * mr + eps
    bg = _box(b * g, size) - mb * mg
    br = _box(b * r, size) - mb * mr
    gr = _box(g * r, size) - mg * mr
    c0: Field
    c3: Field
    c5: Field
    c0, c1, c2 = gg * rr - gr * gr, gr * br - bg * rr, bg * gr - gg * br
    c3, c4, c5 = bb * rr - br * br, br * bg - bb * gr, bb * gg - bg * bg
    scale = 1 / np.maximum(bb * c0 + bg * c1 + br * c2, 1e-12)
    sb = (c0 * kb + c1 * kg + c2 * kr) * scale
    sg = (c1 * kb + c3 * kg + c4 * kr) * scale
    sr = (c2 * kb + c4 * kg + c5 * kr) * scale
    offset = level - sb * mb - sg * mg - sr * mr
    out = _box(offset, size)
    for slope, channel in ((sb, b), (sg, g), (sr, r)):
        out += _box(slope, size) * channel
    return out


def push_pull(image: Image, known: Field, levels: int = 8) -> Field:
    """Fill what is not `known` (0..1) from what is, smoothly: H×W×3 float32 of `image`'s range.

    A pyramid is averaged down over known pixels and read back up where nothing was known
    (Gortler et al. 1996, "The Lumigraph").
    """
    stack: list[tuple[Field, Field]] = [
        (image.astype(np.float32) * known[..., None], known.astype(np.float32))
    ]
    for _ in range(levels):
        colour, weight = stack[-1]
        if min(weight.shape) < 4:
            break
        stack.append((cv2.pyrDown(colour), cv2.pyrDown(weight)))
    colour, weight = stack.pop()
    filled = colour / np.maximum(weight, 1e-4)[..., None]
    filled[weight < 1e-4] = 0
    for colour, weight in reversed(stack):
        coarse = cv2.pyrUp(filled, dstsize=(weight.shape[1], weight.shape[0]))
        trust = np.clip(weight * 2, 0, 1)
        gain = np.where(weight > 1e-4, trust / np.maximum(weight, 1e-4), 0)
        filled = colour * gain[..., None] + coarse * (1 - trust)[..., None]
    return filled


def fill_half(image: Image, known: Mask) -> Image:
    """Apply `push_pull` at half size; return a uint8 plate of (H/2)×(W/2)×3, for `enlarge`."""
    height, width = known.shape
    size = (max(2, (width + 1) // 2), max(2, (height + 1) // 2))
    weight: Field = known.astype(np.float32)
    small = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    masked: Image = image * known[..., None].astype(np.uint8)
    sums = cv2.resize(masked, size, interpolation=cv2.INTER_AREA)
    means = sums / np.maximum(small, 1e-3)[..., None]
    filled = push_pull(np.clip(means, 0, 255), small, 7)
    return np.clip(filled + 0.5, 0, 255).astype(np.uint8)


def enlarge(plate: Image, shape: tuple[int, ...]) -> Image:
    """Enlarge a half-size plate to `shape` (height, width), uint8."""
    return cv2.resize(plate, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
