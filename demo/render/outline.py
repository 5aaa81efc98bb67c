"""Pattern pieces: outlines on the 900 x 1200 table, written like SVG paths."""

import re
from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
Side = Callable[[Points], Points]

W, H = 900, 1200
# The number of fractional bits: cv2 draws at a sixteenth of a pixel.
SUBPIXEL_BITS = 4


def path(text: str, steps: int = 40) -> Points:
    """Points along 'M x y L x y Q cx cy x y C ax ay bx by x y'."""
    runs: list[Points] = []
    for command, numbers in re.findall(r"([MLQC])([^MLQC]*)", text):
        p = np.array([float(n) for n in numbers.split()]).reshape(-1, 2)
        runs += [p] if command == "M" else _bend(command, runs[-1][-1], p, steps)
    return np.concatenate(runs)


def _bend(command: str, start: Points, p: Points, steps: int) -> list[Points]:
    t = np.linspace(0, 1, steps)[1:, None]
    if command == "L":
        corners = np.concatenate([start[None], p])
        return [a + (b - a) * t for a, b in pairwise(corners)]
    s = 1 - t
    if command == "Q":
        return [s**2 * start + 2 * t * s * p[0] + t**2 * p[1]]
    return [s**3 * start + 3 * t * s**2 * p[0] + 3 * t**2 * s * p[1] + t**3 * p[2]]


def moved(points: Points, right: float, down: float) -> Points:
    return points + np.array([right, down])


def as_drawn(points: Points) -> Points:
    return points


def mirror(points: Points) -> Points:
    return points * [-1, 1] + [W, 0]


# Every piece is drawn for the right half of the picture; the left one is its mirror image.
BOTH_SIDES: tuple[Side, Side] = (mirror, as_drawn)


def whole(text: str) -> Points:
    """A closed outline from its right half, top centre to bottom centre."""
    right = path(text)
    return np.concatenate([right, mirror(right)[::-1]])


def subpixel(points: Points, scale: float) -> npt.NDArray[np.int32]:
    return np.round(points * scale * 2**SUBPIXEL_BITS).astype(np.int32)


def stitches(points: Points, stitch: float, gap: float) -> list[Points]:
    """The line cut into stitches of that length, in table units."""
    reach = np.r_[0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]
    starts = np.arange(0, reach[-1] - stitch, stitch + gap)
    ends = np.stack([starts, starts + stitch], 1)
    return list(np.stack([np.interp(ends, reach, points[:, k]) for k in (0, 1)], -1))


def fill(points: Points, shape: tuple[int, int], scale: float) -> npt.NDArray[np.uint8]:
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [subpixel(points, scale)], (255,), cv2.LINE_AA, SUBPIXEL_BITS)
    return mask


def stroke(
    lines: list[Points], width: float, shape: tuple[int, int], scale: float
) -> npt.NDArray[np.uint8]:
    mask = np.zeros(shape, np.uint8)
    pixels = max(1, round(width * scale))
    drawn = [subpixel(line, scale) for line in lines]
    cv2.polylines(mask, drawn, False, (255,), pixels, cv2.LINE_AA, SUBPIXEL_BITS)
    return mask
