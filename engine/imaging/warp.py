"""Bend a piece of a garment onto the body: thin-plate splines, backward, on premultiplied RGBA."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from engine.arrays import Field, Point, Points
from engine.imaging.outlines import blank, fill

GRID_PX = 6  # the spline is evaluated this far apart and interpolated between
MOST_FOLDED = 0.03  # of the piece
STIFFEN = 12  # how much stiffer a folded piece is tried again
STIFFEST = 0.5
CHUNK = 20_000


@dataclass
class Layer:
    """A warped piece: `rgba` H×W×4 float32 premultiplied (colour 0..255, alpha 0..1), at (x, y)."""

    name: str
    x: int
    y: int
    rgba: Field
    folded: bool = False

    @property
    def window(self) -> tuple[slice, slice]:
        """The rows and columns that the layer covers."""
        height, width = self.rgba.shape[:2]
        return np.s_[self.y : self.y + height, self.x : self.x + width]

    @property
    def alpha(self) -> Field:
        """H×W float32 in 0..1."""
        return self.rgba[..., 3]


class Pins:
    """Pairs of points that belong together: on the body (target) and in the garment (source)."""

    def __init__(self) -> None:
        self.targets: list[Point] = []
        self.sources: list[Point] = []

    def add(self, target: Point, source: Point) -> None:
        """Add one pair, both (x, y) in pixels."""
        self.targets.append(np.asarray(target, float))
        self.sources.append(np.asarray(source, float))

    def add_between(
        self, targets: tuple[Point, Point], sources: tuple[Point, Point], parts: tuple[float, ...]
    ) -> None:
        """Pins along a straight line, at `parts` of it in both spaces."""
        for part in parts:
            self.add(
                targets[0] * (1 - part) + targets[1] * part,
                sources[0] * (1 - part) + sources[1] * part,
            )

    def arrays(self) -> tuple[Points, Points]:
        """Return targets and sources, N×2 each."""
        return np.array(self.targets), np.array(self.sources)


def spline(targets: Points, sources: Points, stiffness: float) -> Callable[[Points], Points]:
    """Return the smooth map (Bookstein 1989) from target to source points, N×2 pixels each."""
    centre = targets.mean(0)
    scale = max(1e-6, float(np.abs(targets - centre).max()))
    knots = (targets - centre) / scale
    n = len(knots)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _kernel(knots, knots) + stiffness * np.eye(n)
    system[:n, n:] = np.c_[np.ones(n), knots]
    system[n:, :n] = system[:n, n:].T
    values = np.zeros((n + 3, 2))
    values[:n] = sources
    weights = np.linalg.lstsq(system, values, rcond=None)[0]

    def apply(points: Points) -> Points:
        at = (points - centre) / scale
        return _kernel(at, knots) @ weights[:n] + np.c_[np.ones(len(at)), at] @ weights[n:]

    return apply


def _kernel(a: Points, b: Points) -> Points:
    """r² log r between every point of `a` and of `b`."""
    square = (a[:, :1] - b[:, 0]) ** 2 + (a[:, 1:] - b[:, 1]) ** 2
    return square * np.log(square + 1e-12) * 0.5


def bend(
    name: str, rgba: Field, pins: Pins, shape: tuple[int, int], pad: int, stiffness: float
) -> Layer:
    """Warp a premultiplied H×W×4 piece so that the sources of `pins` come to their targets.

    `shape` is the target's height and width, `pad` the pixels kept around the targets. A piece
    that folds over itself is made again stiffer and marked `folded`.
    """
    targets, sources = pins.arrays()
    low = np.maximum(0, np.floor(targets.min(0) - pad).astype(int))
    high = np.minimum([shape[1], shape[0]], np.ceil(targets.max(0) + pad).astype(int))
    if (high - low).min() < 4:
        return Layer(name, 0, 0, np.zeros((1, 1, 4), np.float32))
    folded = False
    while True:
        coarse = _coarse_map(targets, sources, low, high, stiffness)
        if stiffness >= STIFFEST or _folded_share(coarse, targets, low) <= MOST_FOLDED:
            break
        stiffness, folded = stiffness * STIFFEN, True
    source_map = _fine_map(coarse, (int(high[1] - low[1]), int(high[0] - low[0])))
    warped = cv2.remap(
        rgba, source_map[..., 0], source_map[..., 1], cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT, borderValue=(0, 0, 0, 0),
    )  # fmt: skip
    np.maximum(warped, 0, out=warped)
    return Layer(name, int(low[0]), int(low[1]), warped, folded)


def _coarse_map(
    targets: Points, sources: Points, low: Points, high: Points, stiffness: float
) -> Field:
    columns = np.arange(low[0], high[0] + GRID_PX, GRID_PX)
    rows = np.arange(low[1], high[1] + GRID_PX, GRID_PX)
    grid = np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2).astype(float)
    to_source = spline(targets, sources, stiffness)
    parts = [to_source(grid[i : i + CHUNK]) for i in range(0, len(grid), CHUNK)]
    return np.concatenate(parts).reshape(len(rows), len(columns), 2).astype(np.float32)


def _folded_share(coarse: Field, targets: Points, low: Points) -> float:
    """Share of the targets' hull where the map turns its orientation (Jacobian not positive)."""
    right = coarse[1:, 1:] - coarse[1:, :-1]
    down = coarse[1:, 1:] - coarse[:-1, 1:]
    turned = right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0] <= 0
    hull = cv2.convexHull(((targets - low) / GRID_PX).astype(np.float32))
    inside = blank(turned.shape)
    fill(inside, np.round(hull))
    return float((turned & (inside > 0)).sum() / max(1, int(inside.sum())))


def _fine_map(coarse: Field, shape: tuple[int, int]) -> Field:
    x = np.arange(shape[1], dtype=np.float32) / GRID_PX
    y = np.arange(shape[0], dtype=np.float32) / GRID_PX
    across, down = np.meshgrid(x, y)
    return cv2.remap(coarse, across, down, cv2.INTER_LINEAR)
