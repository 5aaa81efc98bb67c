"""The body under the clothes: trunk widths, shoulder line, armpits, limb thickness."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engine.arrays import SIDES, Field, Mask, Point, Points
from engine.imaging.filters import smooth_curve
from engine.person.anatomy import ARM_RADII_SW, LEG_RADII_SW, Anatomy
from engine.person.parsing import SKIN, TOP
from engine.person.pose import SHOULDER

STATIONS_TH = np.linspace(0.30, 1.25, 40)
USUAL_AT_TH = (0.30, 0.62, 1.0, 1.25)
LEAST_OF_USUAL, MOST_OF_USUAL = 0.8, 1.3
ARMPIT_BELOW_SHOULDER_SW = 0.36
SHOULDER_FRACTIONS = np.linspace(0.1, 1.0, 12)
MOST_BUMP_SW = 0.06
USUAL_ARM, USUAL_LEG = 0.88, 0.95  # of the default radii, where no bare limb is seen
LIMB_STATIONS = np.linspace(0.15, 0.9, 8)  # of each bone
LIMB_RANGE = (0.6, 1.3)  # of the default radii
LIMB_REACH_SW, SHORTEST_BONE_SW = 0.4, 0.1
LEAST_BARE = 4  # stations


@dataclass(frozen=True)
class Body:
    """Points in pixels by side "A" (image left) and "B".

    `trunk` is the half width in sw at STATIONS_TH; `bumps` how far the shoulder rises above the
    straight line from `neck` to `tip` at SHOULDER_FRACTIONS, in sw; `arm` and `leg` are radii in
    pixels at the points of `limb_points`.
    """

    trunk: dict[str, Points]
    neck: dict[str, Point]
    tip: dict[str, Point]
    armpit: dict[str, Point]
    bumps: dict[str, Points]
    arm: dict[str, Points]
    leg: dict[str, Points]

    def half(self, side: str, v: float) -> float:
        """Half width of the trunk in sw at v (th below the shoulders)."""
        return float(np.interp(v, STATIONS_TH, self.trunk[side]))


def measure(anatomy: Anatomy, inside: Mask, labels: Mask) -> Body:
    """Measure the body from the silhouette (`inside`, bool) and the labels."""
    trunk = {side: _trunk(anatomy, inside, labels, side, sign) for side, sign in SIDES}
    visible = ((labels == SKIN) | (labels == TOP)) & (anatomy.face == 0)
    lines = {side: _shoulder(anatomy, visible, side, sign) for side, sign in SIDES}
    return Body(
        trunk=trunk,
        neck={side: lines[side][0] for side in "AB"},
        tip={side: lines[side][1] for side in "AB"},
        bumps={side: lines[side][2] for side in "AB"},
        armpit={side: _armpit(anatomy, trunk[side], side, sign) for side, sign in SIDES},
        arm=limb_radii(anatomy, inside, labels, anatomy.arms, ARM_RADII_SW[:3], USUAL_ARM, 50),
        leg=limb_radii(anatomy, inside, labels, anatomy.legs, LEG_RADII_SW, USUAL_LEG, 70),
    )


def sample_at(mask: Mask, points: Points) -> Points:
    """Return the values of `mask` at (…, 2) pixel coordinates, clamped to the picture."""
    x = np.clip(np.round(points[..., 0]).astype(int), 0, mask.shape[1] - 1)
    y = np.clip(np.round(points[..., 1]).astype(int), 0, mask.shape[0] - 1)
    return mask[y, x]


def usual_trunk(anatomy: Anatomy, v: Points) -> Points:
    """Return the usual half widths of the trunk at levels `v`, in shoulder widths."""
    hip = anatomy.hip_width / anatomy.frame.sw
    usual = (0.52, 0.47, max(0.5 * hip + 0.19, 0.50), max(0.5 * hip + 0.21, 0.52))
    return np.interp(v, USUAL_AT_TH, usual)


def _trunk(anatomy: Anatomy, inside: Mask, labels: Mask, side: str, sign: int) -> Points:
    """Half widths: outwards from the axis until background, an arm or bare skin."""
    frame = anatomy.frame
    usual = usual_trunk(anatomy, STATIONS_TH)
    reach = np.arange(0.2, usual.max() * 1.45, 0.01)
    rows = frame.shoulders - frame.up * (STATIONS_TH[:, None] * frame.th)
    points = rows[:, None] + frame.right * (sign * reach[:, None] * frame.sw)
    outer = reach[None] > usual[:, None] * 0.75
    on_limb = (sample_at(anatomy.thin_arms, points) > 0) | (sample_at(labels, points) == SKIN)
    stop = ~(sample_at(inside, points) > 0) | (on_limb & outer)
    stop &= reach[None] < usual[:, None] * 1.45
    found = np.where(stop.any(1), reach[stop.argmax(1)], usual)
    found = np.clip(found, usual * LEAST_OF_USUAL, usual * MOST_OF_USUAL)
    steady = cv2.medianBlur(found.astype(np.float32).reshape(-1, 1), 5).ravel()
    return smooth_curve(steady, 2.5, mirror=True)


def _armpit(anatomy: Anatomy, trunk: Points, side: str, sign: int) -> Point:
    frame, joint = anatomy.frame, anatomy.joints[SHOULDER[side]]
    half = float(np.mean(np.interp((0.30, 0.34, 0.38), STATIONS_TH, trunk)))
    joint_u = frame.across(joint) * sign / frame.sw
    half = float(np.clip(half, joint_u - 0.10, joint_u + 0.04))
    drop = frame.below(joint) + ARMPIT_BELOW_SHOULDER_SW * frame.sw
    return frame.shoulders + frame.right * (sign * half * frame.sw) - frame.up * drop


def _shoulder(anatomy: Anatomy, visible: Mask, side: str, sign: int) -> tuple[Point, Point, Points]:
    """Neck point, shoulder tip and bumps, corrected by the silhouette that hair does not hide."""
    frame = anatomy.frame
    joint = anatomy.joints[SHOULDER[side]]
    tip = joint + frame.right * (sign * 0.055 * frame.sw) + frame.up * (0.035 * frame.sw)
    neck = frame.shoulders + frame.right * (sign * 0.235 * frame.sw) + frame.up * (0.17 * frame.sw)
    rise = _silhouette_rise(anatomy, visible, neck, tip)
    known = ~np.isnan(rise)
    start = end = 0.0
    if known.sum() >= 5:
        slope, offset = _robust_line(SHOULDER_FRACTIONS[known], rise[known])
        start = float(np.clip(offset, -0.08, 0.06))
        end = float(np.clip(slope + offset, -0.08, 0.09))
    line = start + (end - start) * SHOULDER_FRACTIONS
    bumps = np.where(known, rise, line) - line
    bumps = np.where(np.abs(bumps) < MOST_BUMP_SW, bumps, 0)
    lift = frame.up * frame.sw
    return neck + lift * start, tip + lift * end, smooth_curve(bumps, 1.2)


def _silhouette_rise(anatomy: Anatomy, visible: Mask, neck: Point, tip: Point) -> Points:
    """How far above the line from neck to tip the body begins, in sw; NaN where unknown."""
    frame = anatomy.frame
    height, width = visible.shape
    offsets = np.linspace(0.15, -0.15, 46)
    part = SHOULDER_FRACTIONS[:, None, None]
    points = neck * (1 - part) + tip * part + frame.up * (offsets[None, :, None] * frame.sw)
    x, y = np.round(points[..., 0]), np.round(points[..., 1])
    within = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    solid = sample_at(visible, points) & sample_at(visible, points + np.array([0, 5]))
    hit = within & (solid > 0)
    rise = np.where(hit.any(1), offsets[hit.argmax(1)], np.nan)
    rise[rise > 0.14] = np.nan
    return rise


def _robust_line(x: Points, y: Points) -> tuple[float, float]:
    slope, offset = np.polyfit(x, y, 1)
    near = np.abs(y - (slope * x + offset)) < 0.035
    if near.sum() >= 4:
        slope, offset = np.polyfit(x[near], y[near], 1)
    return float(slope), float(offset)


# ---------------------------------------------------------------------- limbs
def _bare_widths(
    labels: Mask, inside: Mask, bone: tuple[Point, Point], fractions: Points, reach: float
) -> Points:
    """Half widths in pixels where bare skin ends at the background on both sides; NaN elsewhere."""
    start, end = bone
    span = end - start
    length = float(np.linalg.norm(span))
    normal = np.array([-span[1], span[0]]) / max(length, 1e-6)
    steps = np.arange(2, reach, 1.0)
    middles = start + span * fractions[:, None]
    sides = []
    for sign in (-1, 1):
        points = middles[:, None] + normal * (sign * steps[:, None])
        over = sample_at(labels, points) != SKIN
        first = over.argmax(1)
        last = points[np.arange(len(fractions)), first]
        sound = over.any(1) & (sample_at(inside, last) == 0)
        sides.append(np.where(sound, steps[first], np.nan))
    return (sides[0] + sides[1]) / 2


def _thickness(
    anatomy: Anatomy, inside: Mask, labels: Mask, limb: Points, radii: Points, reach: float
) -> Points:
    """Half width over default radius at LIMB_STATIONS of both bones; NaN where not bare."""
    found = []
    for i in (0, 1):
        bone = (limb[i], limb[i + 1])
        widths = _bare_widths(labels, inside, bone, LIMB_STATIONS, reach)
        if np.linalg.norm(bone[1] - bone[0]) < SHORTEST_BONE_SW * anatomy.frame.sw:
            widths = np.full(len(LIMB_STATIONS), np.nan)
        found.append(widths / (radii[i] * (1 - LIMB_STATIONS) + radii[i + 1] * LIMB_STATIONS))
    return np.concatenate(found)


def limb_radii(
    anatomy: Anatomy, inside: Mask, labels: Mask, limbs: dict[str, Points],
    radii_sw: tuple[float, ...], usual: float, percentile: float,
) -> dict[str, Points]:  # fmt: skip
    """Radii in pixels at the points of `limb_points`, measured where skin is bare.

    A covered stretch continues the nearest bare one, so that no step shows where they meet.
    """
    sw = anatomy.frame.sw
    radii = np.asarray(radii_sw) * sw
    known = {
        side: _thickness(anatomy, inside, labels, limb, radii, LIMB_REACH_SW * sw)
        for side, limb in limbs.items()
    }
    both = np.concatenate(list(known.values()))
    both = both[~np.isnan(both)]
    middle = usual
    if len(both) >= LEAST_BARE:
        middle = float(np.clip(np.percentile(both, percentile), *LIMB_RANGE))
    return {side: _radii(ratios, radii, middle) for side, ratios in known.items()}


def _radii(ratios: Points, radii: Points, middle: float) -> Points:
    """Radii at both ends and all stations of a limb, from what is known of its thickness."""
    known = np.flatnonzero(~np.isnan(ratios))
    full = np.full(len(ratios), middle)
    if len(known) >= LEAST_BARE:
        near = np.clip(ratios[known], middle * 0.85, middle * 1.15)
        full = smooth_curve(np.interp(np.arange(len(ratios)), known, near), 1.0)
    full = np.concatenate([full[:1], full, full[-1:]])
    parts = np.concatenate([[0], LIMB_STATIONS, 1 + LIMB_STATIONS, [2]])
    return full * np.interp(parts, [0, 1, 2], radii)


def limb_points(limb: Points) -> Points:
    """Both ends and all stations along the two bones of a limb."""
    parts = np.concatenate([[0], LIMB_STATIONS, 1 + LIMB_STATIONS, [2]])
    return np.stack([np.interp(parts, [0, 1, 2], limb[:3, i]) for i in (0, 1)], -1)


def tube_shade(mask: Mask, mean_radius: float, strength: float) -> Field:
    """Light on a round limb: 1.05 along its axis, darker towards its edge."""
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    inward = np.clip(distance / (mean_radius * 0.95), 0, 1)
    return 1.05 - strength * (1 - inward) ** 1.7
