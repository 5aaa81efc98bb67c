"""Separate the sleeves from the trunk and warp each along its arm."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engine.arrays import SIDES, Field, Point, Points
from engine.compositing.place_top import TopPlace, seam_distance
from engine.garment.garment_types import Garment
from engine.imaging.filters import smooth_curve, smoothstep, soften, square
from engine.imaging.outlines import along, blank, fill, lengths, resample, tube
from engine.imaging.warp import Layer, Pins, bend
from engine.person.body import sample_at
from engine.person.parsing import HAIR, SKIN
from engine.person.person_analysis import Person

SLEEVE_ROWS = 14
SLEEVE_STIFFNESS, SLEEVE_PAD_PX = 5e-3, 14
LENGTH_GAIN = 1.1
OVERLAP = 0.02  # of the chest, how far sleeve and trunk overlap at the seam
WIDTH_SHARE = 0.43  # of the flat width: half of it, less what hangs in folds
RADIUS_SHARE = (1.08, 1.75)  # limits of the half width, in arm radii
LONG_CHESTS, LONG_BODY, LONG_ARM = 1.02, 0.62, 0.86
DRESS_BODY_CHESTS = 2.0
SKIN_LEFT_SW = 0.016  # so much wider than the silhouette


@dataclass
class ArmAxis:
    """An arm's axis from half an upper arm above the shoulder to just past the wrist."""

    dense: Points
    at: Points  # distance from the shoulder joint of each of `dense`, pixels
    upper: float  # length of the upper arm
    total: float  # shoulder to wrist
    outward: Point  # roughly away from the trunk

    def frame(self, distance: float) -> tuple[Point, Point]:
        """Return the axis point at `distance` and the unit normal that points outwards."""
        before, here, after = along(
            self.dense, self.at, np.array([distance - 8, distance, distance + 8])
        )
        tangent = (after - before) / (np.linalg.norm(after - before) + 1e-6)
        normal = np.array([-tangent[1], tangent[0]])
        return here, normal if normal @ self.outward >= 0 else -normal

    def project(self, point: Point) -> tuple[float, float]:
        """Return the nearest axis point's distance along the axis, and the offset outwards."""
        steps = np.arange(self.at[0], self.at[-1], 3.0)
        spots = along(self.dense, self.at, steps)
        distance = float(steps[np.argmin(((spots - point) ** 2).sum(1))])
        here, normal = self.frame(distance)
        return distance, float((point - here) @ normal)


def split(garment: Garment, rgba: Field) -> tuple[Field, dict[str, Field]]:
    """Return the trunk without sleeves, and each sleeve, as premultiplied H×W×4 float32."""
    keep = np.ones(garment.mask.shape, np.float32)
    sleeves = {}
    overlap = OVERLAP * garment.chest
    for side, sign in SIDES:
        sleeve = garment.sleeves[side]
        path = np.vstack([sleeve.outer, sleeve.cuff, sleeve.inner[::-1]])
        shape = blank(garment.mask.shape)
        fill(shape, path)
        shape = cv2.dilate(shape, square(5))
        beyond = seam_distance(garment, side, sign)
        sleeve_alpha = soften(shape, 1) * smoothstep(-2 * overlap, -0.5 * overlap, beyond)
        sleeves[side] = rgba * sleeve_alpha[..., None]
        keep *= 1 - shape * smoothstep(0.2 * overlap, 1.2 * overlap, beyond)
    return rgba * keep[..., None].astype(np.float32), sleeves


def layers(
    person: Person, garment: Garment, place: TopPlace, pieces: dict[str, Field]
) -> list[Layer]:
    """Warp both sleeves."""
    arms = {side: _arm_axis(person, place, side, sign) for side, sign in SIDES}
    long = any(_is_long(garment, place, side, arms[side]) for side in "AB")
    return [
        _sleeve_layer(person, garment, place, side, arms[side], pieces[side], long) for side in "AB"
    ]


def _arm_axis(person: Person, place: TopPlace, side: str, sign: int) -> ArmAxis:
    shoulder, elbow, wrist, _ = person.anatomy.arms[side]
    frame = person.anatomy.frame
    upper = float(np.linalg.norm(elbow - shoulder))
    start, end = shoulder - (elbow - shoulder) * 0.5, wrist + (wrist - elbow) * 0.15
    dense = resample(np.array([start, shoulder, elbow, wrist, end]), 260)
    at = lengths(dense) - 0.5 * upper
    outward = place.tip[side] - place.armpit[side] + frame.right * (sign * 0.3 * frame.sw)
    total = upper + float(np.linalg.norm(wrist - elbow))
    return ArmAxis(smooth_curve(dense, 9), at, upper, total, outward)


def _outer_length(garment: Garment, side: str) -> float:
    return float(lengths(garment.sleeves[side].outer)[-1])


def _is_long(garment: Garment, place: TopPlace, side: str, arm: ArmAxis) -> bool:
    """Whether the sleeve ends at the wrist."""
    outer = _outer_length(garment, side)
    trunk = DRESS_BODY_CHESTS * garment.chest
    if garment.slot == "top":
        trunk = float((garment.points["hem" + side] - garment.points["shoulder" + side])[1])
    by_cut = outer / garment.chest > LONG_CHESTS and outer / max(1.0, trunk) > LONG_BODY
    return by_cut or outer * place.scale * LENGTH_GAIN / max(1.0, arm.total) > LONG_ARM


def _sleeve_layer(
    person: Person,
    garment: Garment,
    place: TopPlace,
    side: str,
    arm: ArmAxis,
    piece: Field,
    long: bool,
) -> Layer:
    """The outer edge runs from the shoulder tip, the inner from the armpit, to one common end.

    Different starts are what lets a sleeve that was laid out sideways hang down without a swirl.
    """
    sleeve = garment.sleeves[side]
    outer, inner = resample(sleeve.outer, SLEEVE_ROWS), resample(sleeve.inner, SLEEVE_ROWS)
    widths = np.linalg.norm(outer - inner, axis=1) * place.scale
    start_out, beside_out = arm.project(place.tip[side])
    start_in, beside_in = arm.project(place.armpit[side])
    start_out = min(start_out, 0.1 * arm.upper)
    start_in = float(np.clip(start_in, 0.15 * arm.upper, 0.62 * arm.upper))
    gain = place.scale * LENGTH_GAIN
    end_out = start_out + _outer_length(garment, side) * gain
    end_in = start_in + float(lengths(sleeve.inner)[-1]) * gain
    end = arm.total if long else 0.5 * (end_out + end_in)
    end = max(end, start_in + 0.07 * person.sw)
    covered = _had_sleeve(person, side)
    pins = Pins()
    for i, part in enumerate(np.linspace(0, 1, SLEEVE_ROWS)):
        at_out = start_out + (end - start_out) * float(part)
        at_in = start_in + (end - start_in) * float(part)
        far = _outer_offset(person, arm, at_out, start_out, beside_out, widths[i], covered)
        near = _inner_offset(person, arm, at_in, start_in, beside_in, widths[i])
        spot_out, normal_out = arm.frame(at_out)
        spot_in, normal_in = arm.frame(at_in)
        targets = (spot_out + normal_out * far, spot_in + normal_in * near)
        if i == 0:
            targets = (place.tip[side], place.armpit[side])
        pins.add_between(targets, (outer[i], inner[i]), (0, 0.5, 1))
    name = "sleeve" + side
    return bend(name, piece, pins, person.shape, SLEEVE_PAD_PX, SLEEVE_STIFFNESS)


def _half_width(person: Person, arm: ArmAxis, distance: float, width: float) -> float:
    radii = person.anatomy.arm_radii[:3]
    radius = float(np.interp(distance / max(1.0, arm.total), [0, 0.5, 1], radii))
    low, high = (radius * share for share in RADIUS_SHARE)
    return float(np.clip(width * WIDTH_SHARE, low, high))


def _outer_offset(
    person: Person, arm: ArmAxis, distance: float, start: float, beside: float, width: float,
    covered: bool,
) -> float:  # fmt: skip
    sw, upper = person.sw, arm.upper
    blend = float(np.sqrt(smoothstep(0, 0.34 * upper, distance - start)))
    cap = np.interp(distance, [0, 0.15 * upper, 0.55 * upper], [0.165, 0.20, 0.30]) * sw
    half = min(_half_width(person, arm, distance, width), float(cap))
    offset = beside * (1 - blend) + half * blend
    edge = _silhouette(person, arm, distance)
    # Under an old sleeve the silhouette is that sleeve's; only the shoulder's can be trusted.
    if 0 < edge < 0.26 * sw and (not covered or distance < 0.35 * upper):
        offset = max(offset, edge + SKIN_LEFT_SW * sw)
    return offset


def _inner_offset(
    person: Person, arm: ArmAxis, distance: float, start: float, beside: float, width: float
) -> float:
    blend = float(smoothstep(0, 0.40 * arm.upper, distance - start))
    return beside * (1 - blend) - _half_width(person, arm, distance, width) * blend


def _silhouette(person: Person, arm: ArmAxis, distance: float) -> float:
    """Pixels from the arm's axis outwards to the person's edge; 0 where it is not seen."""
    here, normal = arm.frame(distance)
    steps = np.arange(0.05, 0.34, 0.006) * person.sw
    points = here + normal * steps[:, None]
    solid = (sample_at(person.alpha, points) > 127) & (sample_at(person.labels, points) != HAIR)
    return 0.0 if solid.all() else float(steps[np.argmin(solid)])


def _had_sleeve(person: Person, side: str) -> bool:
    """Whether the upper arm is covered by the old garment."""
    shoulder, elbow = person.anatomy.arms[side][:2]
    ends = [shoulder * 0.7 + elbow * 0.3, shoulder * 0.3 + elbow * 0.7]
    zone = tube(person.shape, ends, person.anatomy.arm_radii[:2]) > 0
    return bool((person.labels[zone] == SKIN).sum() < 0.4 * zone.sum())
