"""Light: the old garment's folds transferred to the new one, rims, contact shadows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engine.arrays import Field, Image, Mask
from engine.imaging.colour import to_lab
from engine.imaging.filters import blur_within, disc, soften, square
from engine.imaging.outlines import bounds

FOLD_FINE_PX, FOLD_COARSE_SW = 1.6, 0.22
FOLD_LEAST, FOLD_MOST = -0.32, 0.16  # log luminance
FOLD_SCALE = 127 / 0.32  # int8 steps per unit of log luminance
FOLD_SHARE = 0.75
HARD_EDGE = 0.55
LEAST_CLOTH_PX = 500
RIM_NEAR, RIM_NEAR_SW = 0.26, 0.03
RIM_WIDE, RIM_WIDE_SW = 0.11, 0.10
SHADOW_SW, SHADOW_DROP_SW, SHADOW_DEPTH = 0.03, 0.02, 0.28


@dataclass(frozen=True)
class Folds:
    """`steps` H×W int8 log luminance in 1/FOLD_SCALE; `plainness` 0 (a print) .. 1 (plain)."""

    steps: Mask
    plainness: float

    def relief(self) -> Field:
        """Log-luminance relief, H×W float32, weighted by how far it can be trusted."""
        return self.steps.astype(np.float32) * np.float32(FOLD_SHARE * self.plainness / FOLD_SCALE)


def folds_of(image: Image, cloth: Mask, sw: float) -> Folds:
    """Return the folds seen on `cloth` (bool) of an H×W×3 uint8 image; `sw` in pixels."""
    steps = np.zeros(cloth.shape, np.int8)
    mask = cv2.erode(cloth.astype(np.uint8), square(5))
    if np.count_nonzero(mask) < LEAST_CLOTH_PX:
        return Folds(steps, 0.0)
    x, y, width, height = bounds(mask)
    box = np.s_[max(0, y - 14) : y + height + 14, max(0, x - 14) : x + width + 14]
    band, plainness = _band(image[box], mask[box], sw)
    steps[box] = np.round(np.clip(band, FOLD_LEAST, FOLD_MOST) * FOLD_SCALE).astype(np.int8)
    return Folds(steps, plainness)


def _band(image: Image, mask: Mask, sw: float) -> tuple[Field, float]:
    """Luminance between fine grain and broad shape, and the plainness of the cloth."""
    weight, within = mask.astype(np.float32), mask > 0
    log = np.log(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.float32) + 6)
    fine = blur_within(log, weight, FOLD_FINE_PX)
    band = (fine - blur_within(log, weight, FOLD_COARSE_SW * sw)) * (soften(weight, 3) > 0.2)
    slope = np.hypot(cv2.Sobel(log, cv2.CV_32F, 1, 0), cv2.Sobel(log, cv2.CV_32F, 0, 1))
    hard = (slope > HARD_EDGE) & within
    hard_share = float(hard.sum() / within.sum())
    busy = float(np.abs(log - blur_within(log, weight, 2))[within].mean())
    plainness = _plainness(_chroma_spread(image, within), busy, hard_share)
    if hard_share > 0.006:  # a print's edges would shine through the new garment
        weight *= 1 - cv2.dilate(hard.astype(np.uint8), disc(13))
    kept = soften(np.clip(band, FOLD_LEAST, FOLD_MOST) * weight, 1)
    return kept * soften(mask, 4), plainness


def _chroma_spread(image: Image, within: Mask) -> float:
    chroma = to_lab(image)[within][:, 1:]
    return float(np.percentile(np.linalg.norm(chroma - np.median(chroma, 0), axis=1), 85))


def _plainness(chroma: float, busy: float, hard_share: float) -> float:
    one = np.clip(1 - (chroma - 6) / 14, 0, 1)
    two = np.clip(1 - (busy - 0.03) / 0.05, 0, 1)
    three = np.clip(1 - (hard_share - 0.015) / 0.06, 0, 1)
    return float(one * two * three)


def rim(alpha: Field, colour: Image, sw: float) -> Field:
    """Return H×W factors below 1 that darken the garment's edge, weaker on light cloth."""
    solid = (alpha > 0.5).astype(np.uint8)
    if not solid.any():
        return np.ones_like(alpha)
    inward = cv2.distanceTransform(solid, cv2.DIST_L2, 5)
    grey = cv2.cvtColor(np.clip(colour, 0, 255).astype(np.uint8), cv2.COLOR_BGR2GRAY)
    light = float(np.median(grey[solid > 0]))
    weight = np.float32(np.interp(light, [40, 230], [1.0, 0.5]))
    near = np.exp(inward * np.float32(-1 / (RIM_NEAR_SW * sw)))
    wide = np.exp(inward * np.float32(-1 / (RIM_WIDE_SW * sw)))
    return 1 - weight * (np.float32(RIM_NEAR) * near + np.float32(RIM_WIDE) * wide)


def contact_shadow(alpha: Field, sw: float) -> Field:
    """Return how much the layer darkens what lies under and just below it, 0..SHADOW_DEPTH."""
    blurred = soften(alpha, SHADOW_SW * sw)
    drop = np.array([[1, 0, 0], [0, 1, SHADOW_DROP_SW * sw]], np.float32)
    moved = cv2.warpAffine(blurred, drop, (alpha.shape[1], alpha.shape[0]))
    return SHADOW_DEPTH * moved * (1 - alpha)
