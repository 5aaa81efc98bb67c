"""Landmarks of tops and dresses by their outline: hem, armpits, shoulders, neck, sleeves."""

from __future__ import annotations

import numpy as np

from engine.arrays import SIDES, Mask, Point, Points
from engine.errors import Refusal
from engine.garment.garment_types import Garment, Sleeve
from engine.imaging.outlines import both_ways, bounds, run_at, shorter_way

# The armpit is the sharpest concave turn at these two scales (of the trunk's width).
TURN_SCALES = ((0.07, 1.0), (0.13, 1.1))
LEAST_TURN_DEG = 38
LEAST_SLEEVE = 0.06  # of the width, how far the contour goes on outwards after an armpit
PLATEAU = 0.955  # sleeveless: the armpit is where this share of the chest's width is reached
LEAST_ARMHOLE = 0.42  # of the width
NECK_LEVEL = 0.012  # of the height: what still counts as highest


def find_landmarks(garment: Garment) -> None:
    """Set `axis`, `shape`, `points` and `sleeves` of a top or dress.

    Raises Refusal `garment_shape_unsupported`.
    """
    garment.shape = garment.slot
    mask = garment.mask
    box = bounds(mask)
    first, last = _row_ends(mask)
    garment.axis = _axis(mask, box, first, last)
    wide = _trunk_width(garment, box, 0.35, 0.75, 30) or float(box[2])
    for side, sign in SIDES:
        garment.points["hem" + side] = hem_corner(garment, box, sign)
    armpits = {side: _armpit(garment, box, wide, side, sign) for side, sign in SIDES}
    sleeved = all(point is not None for point in armpits.values())
    if not sleeved and (any(p is not None for p in armpits.values()) or garment.cut_off):
        garment.warnings = (*garment.warnings, "sleeve_unclear")
    for side, sign in SIDES:
        point = armpits[side]
        if sleeved and point is not None:
            _set_sleeved(garment, side, sign, point)
        else:
            _set_sleeveless(garment, box, wide, side, sign)
    for side, sign in SIDES:
        if not sleeved:
            garment.points["shoulder" + side] = _strap(garment, box, side, sign)
        garment.points["neck" + side] = _neck(garment, box, side, sign)
    _check(garment)
    if sleeved:
        garment.sleeves = {side: _sleeve(garment, side) for side in "AB"}


def _check(garment: Garment) -> None:
    pit, hem = garment.middle("armpit"), garment.middle("hem")
    if garment.chest < 20 or hem[1] - pit[1] < 0.1 * garment.chest:
        raise Refusal(
            "garment_shape_unsupported",
            f"The outline of the {garment.slot} has no trunk between armpits and hem: "
            "photograph it flat, upright and unfolded.",
            garment.slot,
        )


def _row_ends(mask: Mask) -> tuple[Points, Points]:
    """First and last column of every row; empty rows give -1."""
    full = mask.any(1)
    first = np.where(full, mask.argmax(1), -1)
    last = np.where(full, mask.shape[1] - 1 - mask[:, ::-1].argmax(1), -1)
    return first, last


def _axis(mask: Mask, box: tuple[int, int, int, int], first: Points, last: Points) -> float:
    _, y, _, height = box
    rows = np.arange(int(y + 0.6 * height), int(y + 0.95 * height))
    rows = rows[first[rows] >= 0]
    return float(
        0.5 * np.median((first[rows] + last[rows]) / 2) + 0.5 * np.flatnonzero(mask.any(0)).mean()
    )


def _trunk_width(
    garment: Garment, box: tuple[int, int, int, int], start: float, end: float, percentile: float
) -> float | None:
    """Width of the run around the axis between two heights."""
    _, y, _, height = box
    found = []
    for row in range(int(y + start * height), int(y + end * height)):
        if garment.mask[row, int(garment.axis)]:
            run = run_at(garment.mask[row], garment.axis)
            if run:
                found.append(run[1] - run[0])
    return float(np.percentile(found, percentile)) if found else None


def hem_corner(garment: Garment, box: tuple[int, int, int, int], sign: int) -> Point:
    """Return the lowest, outermost corner of the run around the axis."""
    _, y, _, height = box
    bottom = y + height - 1
    best, corner = -np.inf, (garment.axis, bottom)
    for row in range(bottom, int(y + 0.5 * height), -1):
        run = run_at(garment.mask[row], garment.axis)
        if run is None or not run[0] - 5 <= garment.axis <= run[1] + 5:
            continue
        edge = run[0] if sign < 0 else run[1]
        value = (edge - garment.axis) * sign * 0.6 - (bottom - row)
        if value > best:
            best, corner = value, (edge, row)
    return np.array(corner, float)


# --------------------------------------------------------------------- armpit
def _side_path(garment: Garment, box: tuple[int, int, int, int], side: str, sign: int) -> Points:
    """The contour from the hem corner up to the top centre, on the given side."""
    contour = garment.contour
    top = np.argmin(np.abs(contour[:, 0] - garment.axis) * 0.5 + (contour[:, 1] - box[1]))
    paths = both_ways(contour, garment.points["hem" + side], contour[top])
    return max(paths, key=lambda path: float(((path[:, 0] - garment.axis) * sign).mean()))


def _armpit(
    garment: Garment, box: tuple[int, int, int, int], wide: float, side: str, sign: int
) -> Point | None:
    path = _side_path(garment, box, side, sign)
    best, point = float(LEAST_TURN_DEG), None
    for scale, weight in TURN_SCALES:
        reach = max(5, int(scale * wide))
        index = np.arange(reach, len(path) - reach)
        if len(index) < 5:
            continue
        turn = _concavity(garment.mask, path, index, reach) * weight
        turn = turn * _may_be_armpit(garment, box, wide, path, index, sign)
        i = int(np.argmax(turn))
        if turn[i] > best:
            best, point = float(turn[i]), path[index[i]].astype(float)
    return point


def _concavity(mask: Mask, path: Points, index: Points, reach: int) -> Points:
    """Degrees by which the path turns around the outside of the garment; 0 where convex."""
    back, forth = path[index - reach] - path[index], path[index + reach] - path[index]
    norms = np.linalg.norm(back, axis=1) * np.linalg.norm(forth, axis=1) + 1e-6
    angle = np.degrees(np.arccos(np.clip((back * forth).sum(1) / norms, -1, 1)))
    bisector = back + forth
    bisector = bisector / (np.linalg.norm(bisector, axis=1, keepdims=True) + 1e-6)
    probe = (path[index] + bisector * 4).astype(int)
    x = np.clip(probe[:, 0], 0, mask.shape[1] - 1)
    y = np.clip(probe[:, 1], 0, mask.shape[0] - 1)
    return (180 - angle) * (mask[y, x] == 0)


def _may_be_armpit(
    garment: Garment, box: tuple[int, int, int, int], wide: float, path: Points, index: Points,
    sign: int,
) -> Mask:  # fmt: skip
    """Where a sleeve could begin: below the shoulder, and the contour goes further out later."""
    _, y, _, height = box
    outward = (path[:, 0] - garment.axis) * sign
    later = _argmax_from_here(outward)[index]
    here = path[index]
    lowest = y + (0.85 if garment.slot == "top" else 0.5) * height
    return (
        (outward[later] - outward[index] > LEAST_SLEEVE * wide)
        & (outward[index] > 0.2 * wide)
        & (here[:, 1] > y + 0.12 * wide)
        & (here[:, 1] < lowest)
        & (path[later, 1] - y > 0.2 * wide)
    )


def _argmax_from_here(values: Points) -> Points:
    """For every index, where the largest of the values from there on stands (first of equals)."""
    back = values[::-1]
    is_best = back >= np.maximum.accumulate(back)
    best = np.maximum.accumulate(np.where(is_best, np.arange(len(back)), 0))
    return (len(values) - 1 - best)[::-1]


def _top_of(garment: Garment, x: float) -> float:
    """The highest row of the garment in column `x`."""
    column = garment.mask[:, int(np.clip(x, 0, garment.mask.shape[1] - 1))]
    return float(column.argmax()) if column.any() else float(garment.points["hemA"][1])


def _set_sleeved(garment: Garment, side: str, sign: int, armpit: Point) -> None:
    garment.points["armpit" + side] = armpit
    x = garment.axis + sign * abs(armpit[0] - garment.axis) * 0.93
    garment.points["shoulder" + side] = np.array([x, _top_of(garment, x)])


def _set_sleeveless(
    garment: Garment, box: tuple[int, int, int, int], wide: float, side: str, sign: int
) -> None:
    """The armpit is the first row from the top that has nearly the chest's width."""
    _, y, _, height = box
    chest = wide
    if garment.slot == "dress":  # a flared skirt would count as the chest
        waist = _trunk_width(garment, box, 0.2, 0.5, 5)
        chest = min(wide, 1.12 * (waist + 1)) if waist else wide
    first, last = _row_ends(garment.mask)
    rows = np.arange(y, int(min(y + 0.6 * height, y + 0.75 * chest)))
    rows = rows[first[rows] >= 0]
    edge = (first if sign < 0 else last)[rows]
    outward = (edge - garment.axis) * sign
    i = int(np.argmax(outward >= PLATEAU * outward.max()))
    i = max(i, min(len(rows) - 1, int(LEAST_ARMHOLE * chest)))
    garment.points["armpit" + side] = np.array([edge[i], rows[i]], float)


# ---------------------------------------------------------- shoulder and neck
def _strap(garment: Garment, box: tuple[int, int, int, int], side: str, sign: int) -> Point:
    """The outermost of the highest contour points on one side of a sleeveless garment."""
    contour = garment.contour
    level = garment.middle("armpit")[1]
    outward = (contour[:, 0] - garment.axis) * sign
    candidates = contour[(outward > 0) & (contour[:, 1] < level)]
    if len(candidates) == 0:
        candidates = contour[outward > 0]
    high = candidates[candidates[:, 1] < candidates[:, 1].min() + 0.05 * box[3]]
    return high[np.argmax((high[:, 0] - garment.axis) * sign)].astype(float)


def _neck(garment: Garment, box: tuple[int, int, int, int], side: str, sign: int) -> Point:
    """The outermost of the highest points between the axis and the shoulder."""
    half = abs(garment.points["shoulder" + side][0] - garment.axis)
    steps = np.arange(int(half * 0.12), max(int(half * 0.12) + 2, int(half)))
    tops = np.array([_top_of(garment, garment.axis + sign * step) for step in steps])
    i = int(np.flatnonzero(tops <= tops.min() + NECK_LEVEL * box[3])[-1])
    return np.array([garment.axis + sign * steps[i], tops[i]])


# --------------------------------------------------------------------- sleeve
def _sleeve(garment: Garment, side: str) -> Sleeve:
    """Split the contour between shoulder and armpit into outer edge, cuff and inner edge."""
    shoulder, armpit = garment.points["shoulder" + side], garment.points["armpit" + side]
    path = shorter_way(garment.contour, shoulder, armpit)
    middle = (shoulder + armpit) / 2
    far = np.argsort(-((path - middle) ** 2).sum(1))[: max(5, len(path) // 12)]
    axis = path[far].mean(0) - middle
    axis = axis / (np.linalg.norm(axis) + 1e-6)
    normal = np.array([-axis[1], axis[0]])
    along, across = (path - middle) @ axis, (path - middle) @ normal
    across = across * np.sign((shoulder - middle) @ normal)
    end = np.flatnonzero(along > 0.80 * along.max())
    outer = int(end[np.argmax(across[end] + 0.35 * along[end])])
    inner = int(end[np.argmax(-across[end] + 0.35 * along[end])])
    if inner <= outer:
        inner = min(len(path) - 2, outer + 1)
    return Sleeve(path[: outer + 1], path[inner:][::-1], path[outer : inner + 1])
