"""Landmarks of trousers, shorts and skirts, by their outline."""

from __future__ import annotations

import numpy as np

from engine.errors import Refusal
from engine.garment.garment_types import Garment
from engine.garment.landmarks_top import hem_corner
from engine.imaging.outlines import bounds, runs

LEAST_LEG = 0.05  # of the width: narrower runs are threads
LEGS_SHARE = 0.25  # of the height that must show two legs
SHORTS_LONGEST = 1.25  # height over width
SLIM_TROUSERS = 1.9  # height over width of trousers whose legs touch
USUAL_CROTCH = 0.36  # of the height


def find_landmarks(garment: Garment) -> None:
    """Set `shape` and the points waistA, waistB, and crotch (with legs) or hemA, hemB (a skirt).

    Raises Refusal `garment_shape_unsupported`.
    """
    mask = garment.mask
    x, y, width, height = bounds(mask)
    row = y + int(0.02 * height)
    columns = np.flatnonzero(mask[row])
    if len(columns) == 0 or height < 0.3 * width:
        raise Refusal(
            "garment_shape_unsupported",
            f"The bottom is {width} pixels wide and {height} high, which is neither trousers, "
            "shorts nor a skirt: photograph it flat, upright and unfolded.",
            "bottom",
        )
    garment.points["waistA"] = np.array([columns[0], row], float)
    garment.points["waistB"] = np.array([columns[-1], row], float)
    garment.axis = (columns[0] + columns[-1]) / 2
    _find_legs(garment, (x, y, width, height))


def _find_legs(garment: Garment, box: tuple[int, int, int, int]) -> None:
    _, y, width, height = box
    split = [
        row
        for row in range(y + int(0.2 * height), y + height - 1)
        if len(_legs(garment, row, LEAST_LEG * width)) >= 2
    ]
    if len(split) > LEGS_SHARE * height:
        left, right = _legs(garment, split[0], LEAST_LEG * width)[:2]
        garment.points["crotch"] = np.array([(left[1] + right[0]) / 2, split[0]], float)
        garment.shape = "shorts" if height < SHORTS_LONGEST * width else "trousers"
    elif height / width >= SLIM_TROUSERS:
        garment.points["crotch"] = np.array([garment.axis, y + USUAL_CROTCH * height])
        garment.shape = "trousers"
    else:
        garment.shape = "skirt"
        garment.points["hemA"] = hem_corner(garment, box, -1)
        garment.points["hemB"] = hem_corner(garment, box, 1)


def _legs(garment: Garment, row: int, least: float) -> list[tuple[int, int]]:
    return [run for run in runs(garment.mask[row]) if run[1] - run[0] + 1 > least]
