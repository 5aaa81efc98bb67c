"""Outlines and simple shapes drawn as masks."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from engine.arrays import Mask, Point, Points

Shape = tuple[int, int]
FRACTION_BITS = 4  # sub-pixel bits of OpenCV's drawing, so that edges do not scallop


def _fixed(points: Points) -> Points:
    return np.round(np.asarray(points, float) * (1 << FRACTION_BITS)).astype(np.int32)


def blank(shape: tuple[int, ...]) -> Mask:
    """Return an empty mask of a picture's height and width."""
    return np.zeros(shape[:2], np.uint8)


def fill(mask: Mask, points: Points) -> None:
    """Fill a polygon in `mask`, in place."""
    cv2.fillPoly(mask, [np.asarray(points).astype(np.int32)], [1])


def ellipse(shape: Shape, centre: Point, wide: float, tall: float) -> Mask:
    """Return a filled upright ellipse; `wide` and `tall` are whole axes in pixels."""
    mask = blank(shape)
    box = ([float(centre[0]), float(centre[1])], [float(wide), float(tall)], 0.0)
    cv2.ellipse(mask, box, [1], -1)
    return mask


def polygon(shape: Shape, points: Points | Sequence[Point]) -> Mask:
    """Return a filled polygon as an H×W uint8 mask."""
    mask = blank(shape)
    fill(mask, np.round(np.asarray(points, float)))
    return mask


def tube(shape: Shape, points: Sequence[Point], radii: Sequence[float]) -> Mask:
    """Return the union of discs that roll along `points` while their radius changes (pixels)."""
    mask = blank(shape)
    for start, end, r0, r1 in zip(points[:-1], points[1:], radii[:-1], radii[1:], strict=True):
        _cone(mask, np.asarray(start, float), np.asarray(end, float), max(1.0, r0), max(1.0, r1))
    return mask


def _cone(mask: Mask, start: Point, end: Point, r0: float, r1: float) -> None:
    one = 1 << FRACTION_BITS
    for centre, radius in ((start, r0), (end, r1)):
        size = round(radius * one)
        cv2.circle(mask, _fixed(centre).tolist(), size, [1], -1, cv2.LINE_8, FRACTION_BITS)
    along = end - start
    length = float(np.hypot(*along))
    if length <= abs(r0 - r1) + 1e-6:
        return
    along = along / length
    lean = (r0 - r1) / length
    rise = np.sqrt(1 - lean * lean)
    sides = [along * lean + np.array([-along[1], along[0]]) * rise * s for s in (1, -1)]
    quad = [start + sides[0] * r0, end + sides[0] * r1, end + sides[1] * r1, start + sides[1] * r0]
    cv2.fillConvexPoly(mask, _fixed(np.array(quad)), [1], cv2.LINE_8, FRACTION_BITS)


def largest(mask: Mask, *, connectivity: int = 8) -> Mask:
    """Return only the largest connected piece of `mask` (uint8); empty stays empty."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=connectivity)
    if count < 2:
        return mask
    return (labels == 1 + int(np.argmax(stats[1:, 4]))).astype(np.uint8)


def pieces_over(mask: Mask, share: float) -> Mask:
    """Return the pieces of `mask` larger than `share` of its largest."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return mask
    keep = stats[:, 4] > share * stats[1:, 4].max()
    keep[0] = False
    return keep[labels].astype(np.uint8)


def outline(mask: Mask) -> Points:
    """Return the longest outer contour as N×2 float32."""
    found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return max(found, key=cv2.contourArea)[:, 0].astype(np.float32)


def lengths(points: Points) -> Points:
    """Return the distance along a polyline at each of its points, starting with 0."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def resample(points: Points, count: int) -> Points:
    """Return `count` points at equal distances along a polyline."""
    at = lengths(points)
    return along(points, at, np.linspace(0, at[-1], count))


def along(points: Points, at: Points, distance: Points | float) -> Points:
    """Return a polyline's points at the given distances; `at` is what `lengths` returns."""
    x = np.interp(distance, at, points[:, 0])
    y = np.interp(distance, at, points[:, 1])
    return np.stack([x, y], -1)


def nearest(contour: Points, point: Point) -> int:
    """Return the index of the contour's point nearest to `point`."""
    return int(np.argmin(((contour - point) ** 2).sum(1)))


def both_ways(contour: Points, start: Point, end: Point) -> tuple[Points, Points]:
    """Return the two paths along a closed contour from near `start` to near `end`."""
    n, i, j = len(contour), nearest(contour, start), nearest(contour, end)
    forth = contour[np.arange(i, i + ((j - i) % n) + 1) % n]
    back = contour[np.arange(i, i - ((i - j) % n) - 1, -1) % n]
    return forth, back


def shorter_way(contour: Points, start: Point, end: Point) -> Points:
    """Return the shorter path along a closed contour from near `start` to near `end`."""
    forth, back = both_ways(contour, start, end)
    return forth if len(forth) < len(back) else back


def runs(row: Mask) -> list[tuple[int, int]]:
    """Return the first and last column of every run of non-zero pixels of one row."""
    step = np.diff(np.concatenate([[0], (row > 0).astype(np.int8), [0]]))
    return list(zip(np.flatnonzero(step == 1), np.flatnonzero(step == -1) - 1, strict=True))


def run_at(row: Mask, x: float) -> tuple[int, int] | None:
    """Return the run that contains column `x`, or else the nearest one; None for an empty row."""
    found = runs(row)
    if not found:
        return None
    gap = [0 if a <= x <= b else min(abs(a - x), abs(b - x)) for a, b in found]
    return found[int(np.argmin(gap))]


def bounds(mask: Mask) -> tuple[int, int, int, int]:
    """Return x, y, width, height of the non-zero pixels."""
    x, y, width, height = cv2.boundingRect(mask)
    return int(x), int(y), int(width), int(height)
