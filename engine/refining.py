"""Refine a try-on image: mild noise, dim light, softness. It invents no detail."""

from __future__ import annotations

import cv2
import numpy as np

from engine.arrays import Field, Image
from engine.imaging.filters import Guide

DENOISE, RELIGHT, SHARPEN = 0.5, 0.5, 0.6
MID_GREY, GAMMA = 0.52, (0.7, 1.45)
DETAIL = 1.15
BASE_RADIUS, BASE_EPS = 0.03, 0.02  # of the long side
TINT_SHARE, TINT_MOST = 0.35, 6
SHARPEN_SIGMA_PX, DEAD_ZONE = 1.4, 1.5  # grey levels: grain stays as it is


def refine_image(image: Image) -> Image:
    """Denoise, relight and sharpen an H×W×3 uint8 BGR image."""
    return sharpen(relight(denoise(image)))


def denoise(image: Image) -> Image:
    """Remove mild noise from an H×W×3 uint8 BGR image."""
    strength = 3 + 4 * DENOISE
    quiet = cv2.fastNlMeansDenoisingColored(image, None, strength, strength, 5, 15)
    return cv2.addWeighted(image, 1 - DENOISE, quiet, DENOISE, 0)


def relight(image: Image) -> Image:
    """Bring dim or glaring light of an H×W×3 uint8 BGR image to a medium one."""
    lab = cv2.cvtColor(image, cv2.COLOR_BGR2LAB).astype(np.float32)
    light = lab[..., 0]
    bright = _stretch_levels(light) * 255
    lab[..., 0] = light * (1 - RELIGHT) + bright * RELIGHT
    for channel in (1, 2):
        tint = float(np.clip(np.median(lab[..., channel]) - 128, -TINT_MOST, TINT_MOST))
        lab[..., channel] -= RELIGHT * TINT_SHARE * tint
    return cv2.cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv2.COLOR_LAB2BGR)


def _stretch_levels(light: Field) -> Field:
    low, high = np.percentile(light, 0.5), np.percentile(light, 99.5)
    if high - low < 1:
        return light / 255  # one flat tone has no levels to stretch
    spread = np.clip((light - low) / (high - low), 0, 1).astype(np.float32)
    radius = max(8, int(BASE_RADIUS * max(light.shape)))
    base = np.clip(Guide(spread, radius, BASE_EPS).smooth(spread), 0, 1)
    middle = float(np.clip(np.median(base), 0.05, 0.95))
    gamma = float(np.clip(np.log(MID_GREY) / np.log(middle), *GAMMA))
    return np.clip(base**gamma + (spread - base) * DETAIL, 0, 1)


def sharpen(image: Image) -> Image:
    """Sharpen edges of an H×W×3 uint8 BGR image, and leave its grain."""
    off = image.astype(np.float32) - cv2.GaussianBlur(image, (0, 0), SHARPEN_SIGMA_PX)
    off = np.sign(off) * np.maximum(np.abs(off) - DEAD_ZONE, 0)
    return np.clip(image + SHARPEN * off, 0, 255).astype(np.uint8)
