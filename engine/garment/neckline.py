"""Open the front neckline: a flat-lay shows the inside of the back above it.

Curves y = depth · (1 - |s|^power) between the neck points are scored by the colour step across
them, and by being unlike the front above and like it below; what lies above the best one is cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engine.arrays import Field, Points
from engine.garment.garment_types import Garment
from engine.imaging.colour import to_lab
from engine.imaging.filters import soften

STEPS = np.linspace(-0.92, 0.92, 61)
INSETS = (0.0, 0.04, 0.08)  # of the neck's width
POWERS = (1.0, 1.35, 1.8, 2.4, 3.2)
DEPTHS = np.linspace(0.06, 0.42, 28)  # of the chest's width
DROP = 0.012  # of the chest's width: the seam below the highest points
FRONT_COLOURS = 7
FRONT_WEIGHTS = np.array([0.8, 1.2, 1.2], np.float32)
STEP_WEIGHTS = np.array([1.0, 1.2, 1.2], np.float32)
LEAST_SCORE, LEAST_LEAD = 5.5, 1.35  # under these the curve is a guess
SHALLOW, SHALLOW_POWER = 0.10, 1.8
OPEN_DIP = 0.16  # of the chest's width: the opening is transparent already


@dataclass(frozen=True)
class Curve:
    """`depth` in pixels, `inset` in neck widths; `lead` is the score over the median score."""

    score: float
    power: float
    depth: float
    inset: float
    lead: float


def open_neck(garment: Garment) -> None:
    """Cut the inside back out of `alpha`, or set `high_neck`, or leave an open neck alone."""
    left, right = garment.pair("neck")
    wide = float(right[0] - left[0])
    if wide < 4 or _dip(garment, left, right) > OPEN_DIP * garment.chest:
        return
    curve = find_curve(garment)
    rise = float(garment.middle("shoulder")[1] - garment.middle("neck")[1])
    unclear = curve is None or curve.score < 9 or curve.lead < 1.6
    if wide < 0.46 * garment.chest and rise > 0.24 * garment.chest and unclear:
        garment.high_neck = True
        return
    if curve is None:
        curve = Curve(0, SHALLOW_POWER, SHALLOW * garment.chest, 0, 0)
    if curve.score < LEAST_SCORE or curve.lead < LEAST_LEAD:
        depth = min(curve.depth, SHALLOW * garment.chest)
        curve = Curve(curve.score, SHALLOW_POWER, depth, 0, curve.lead)
        garment.warnings = (*garment.warnings, "neckline_uncertain")
    _cut(garment, curve)


def _tops(garment: Garment) -> Points:
    """The highest row of every column; the height where a column is empty."""
    mask = garment.mask
    return np.where(mask.any(0), mask.argmax(0), mask.shape[0])


def _dip(garment: Garment, left: Points, right: Points) -> float:
    wide = right[0] - left[0]
    columns = np.linspace(left[0] + 0.15 * wide, right[0] - 0.15 * wide, 15).astype(int)
    return float(_tops(garment)[columns].mean() - (left[1] + right[1]) / 2)


def find_curve(garment: Garment) -> Curve | None:
    """Return the best neckline, or None where the neck is too narrow or nothing fits."""
    left, right = garment.pair("neck")
    wide, chest = float(right[0] - left[0]), garment.chest
    if wide < 0.15 * chest:
        return None
    centres = _front_colours(garment, int((left[1] + right[1]) / 2 + 0.5 * chest))
    if centres is None:
        return None
    # Only the box that a curve can reach is looked at.
    reach = max(4, int(0.016 * chest))
    top = max(0, int(min(left[1], right[1])) - 3 * reach)
    low = min(garment.mask.shape[0], int(max(left[1], right[1]) + 0.46 * chest) + 3 * reach)
    x0, x1 = max(0, int(left[0]) - 2), min(garment.mask.shape[1], int(right[0]) + 3)
    crop = cv2.GaussianBlur(garment.image[top:low, x0:x1], (0, 0), 1.2)
    lab = to_lab(crop)
    scores, params = _score_all(garment, lab, _unlike(lab, centres), (x0, top), reach)
    if not len(scores):
        return None
    i = int(np.argmax(scores))
    lead = float(scores[i] / max(1e-3, float(np.median(scores))))
    inset, power, depth = params[i]
    return Curve(float(scores[i]), float(power), float(depth * chest), float(inset), lead)


def _front_colours(garment: Garment, below: int) -> Points | None:
    """The main colours of the front, well below the neck."""
    x0, x1 = int(garment.points["armpitA"][0]), int(garment.points["armpitB"][0])
    zone = np.s_[below:, max(0, x0) : x1]
    found = to_lab(garment.image[zone])[garment.mask[zone] > 0]
    if len(found) < 500:
        return None
    found = found[np.random.RandomState(0).choice(len(found), 2000)]
    cv2.setRNGSeed(1)
    stop = (3, 15, 0.5)
    return cv2.kmeans(found, FRONT_COLOURS, None, stop, 2, cv2.KMEANS_PP_CENTERS)[2]  # type: ignore[call-overload]


def _unlike(lab: Field, centres: Points) -> Field:
    """Weighted distance of every pixel from the nearest of the front's colours."""
    best: Field = np.full(lab.shape[:2], np.inf, np.float32)
    for centre in centres:
        off = (lab - centre) * FRONT_WEIGHTS
        np.minimum(best, np.einsum("ijk,ijk->ij", off, off), out=best)
    return np.sqrt(best)


def _score_all(
    garment: Garment, lab: Field, unlike: Field, origin: tuple[int, int], reach: int
) -> tuple[Points, Points]:
    """Scores of all sound curves, and their (inset, power, depth in chest widths)."""
    left, right = garment.pair("neck")
    wide, chest = float(right[0] - left[0]), garment.chest
    grid = np.meshgrid(INSETS, POWERS, DEPTHS, indexing="ij")
    params = np.stack([axis.ravel() for axis in grid], -1)
    inset, power, depth = (params[:, i : i + 1] for i in range(3))
    x = (left[0] + right[0]) / 2 + STEPS * (wide / 2 - inset * wide)
    y = (left[1] + right[1]) / 2 + (right[1] - left[1]) / 2 * STEPS + DROP * chest
    y = y + depth * chest * (1 - np.abs(STEPS) ** power)
    columns, rows = x.astype(int), y.astype(int)
    tops, height = _tops(garment), garment.mask.shape[0]
    sound = ((rows - reach > 0) & (rows + reach < height)).all(1)
    rows = np.clip(rows, reach, height - 1 - reach)
    solid = (garment.mask[rows, columns] > 0) & (garment.mask[rows - reach, columns] > 0)
    middle = np.abs(STEPS) < 0.55
    clear = (rows - reach - tops[columns])[:, middle].mean(1)
    sound &= (solid.mean(1) >= 0.6) & (clear >= 0.02 * chest)
    if not sound.any():
        return np.zeros(0), params
    x_in, y_in = columns[sound] - origin[0], rows[sound] - origin[1]
    top_in = tops[columns[sound]] - origin[1]
    score = _score(lab, unlike, x_in, y_in, top_in, solid[sound], reach)
    score = score * (1 - 0.6 * np.maximum(0, depth[sound, 0] - 0.30))
    return score, params[sound]


def _score(
    lab: Field, unlike: Field, x: Points, y: Points, top: Points, solid: Points, reach: int
) -> Points:
    """Score K curves of 61 pixels each: the colour step, and front colours below but not above."""
    height, width = unlike.shape
    x = np.clip(x, 0, width - 1)

    def row(values: Points) -> Points:
        return np.clip(values.astype(int), 0, height - 1)

    above, below = row(y - reach), row(y + reach)
    upper, lower = lab[above, x], lab[below, x]
    step = np.linalg.norm((upper - lower) * STEP_WEIGHTS, axis=-1) * solid
    score = np.minimum(step, 22).mean(1) * 0.25 + np.percentile(step, 22, axis=1) * 1.3
    high, low = unlike[above, x], unlike[below, x]
    score += 0.9 * (np.minimum(high, 20).mean(1) - np.minimum(low, 20).mean(1))
    between = [unlike[row(top * (1 - f) + (y - reach) * f), x] for f in (0.3, 0.5, 0.7, 0.9)]
    score += 0.5 * np.minimum(np.mean(between, axis=0), 16).mean(1)
    # The inside of the back lies in shade.
    return score + 0.12 * np.clip((lower - upper)[..., 0].mean(1), -10, 15)


def _cut(garment: Garment, curve: Curve) -> None:
    left, right = garment.pair("neck")
    height, width = garment.mask.shape
    half = (right[0] - left[0]) * (0.5 - curve.inset)
    s = (np.arange(width) - (left[0] + right[0]) / 2) / half
    edge = (left[1] + right[1]) / 2 + (right[1] - left[1]) / 2 * s + DROP * garment.chest
    edge = edge + curve.depth * (1 - np.abs(np.clip(s, -1, 1)) ** curve.power)
    above = (np.arange(height)[:, None] < edge[None]) & (np.abs(s) <= 1)[None]
    keep = 1 - soften(above, 1.5)
    garment.alpha = np.round(garment.alpha * keep).astype(np.uint8)
