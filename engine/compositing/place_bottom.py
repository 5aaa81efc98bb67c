"""Place trousers, shorts and skirts on the body."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import SIDES, Field, Point, Points
from engine.garment.garment_types import Garment
from engine.imaging.filters import smooth_curve, smoothstep
from engine.imaging.outlines import along, bounds, lengths, resample, run_at, runs
from engine.imaging.warp import Layer, Pins, bend
from engine.person.parsing import BOTTOM
from engine.person.person_analysis import Person

USUAL_WAIST_TH, WAIST_RANGE_TH = 0.86, (0.70, 0.98)
UNTUCKED_TH, WAIST_UNDER_TOP_TH = 0.93, 0.90
NATURAL_WAIST_TH = 0.68
HIPS_TH, CROTCH_BELOW_HIPS_TH, LEG_TOP_TH = 1.12, 0.235, 1.2
HIP_EASE, WAIST_EASE = 1.03, 1.02
LEG_WIDTH_SHARE = 0.84  # a worn leg is round, a laid one flat
LEG_RADII_SW = (0.27, 0.17, 0.115)  # at crotch, knee and ankle
LEG_RADIUS_SHARE = (1.04, 2.1)
LONG_INSEAM = 1.6  # inseam over rise
LONG_RANGE, SHORT_RANGE = (0.86, 1.03), (0.2, 1.04)  # of the way from crotch to ankle
LEG_ROWS, PELVIS_ROWS = 14, 6
LEAST_RUN = 0.04  # of the garment's width
FRAYED = 0.8  # a row this much narrower than the one above is a frayed or slanted hem
SKIRT_ROWS, SKIRT_LENGTH_TH = 12, (1.3, 2.75)
SEAM_OVERLAP = 0.012  # of the garment's width
LEG_STIFFNESS, SKIRT_STIFFNESS, PAD_PX = 3e-3, 1e-3, 14


@dataclass
class Waist:
    """`v` of the waist and its half widths in pixels."""

    v: float
    half: dict[str, float]


def layers(person: Person, garment: Garment) -> list[Layer]:
    """Warp the bottom: one strip for a skirt, one piece per leg otherwise."""
    waist = _waist(person)
    if garment.shape == "skirt":
        return [_skirt_layer(person, garment, waist)]
    return [_leg_layer(person, garment, waist, side, sign) for side, sign in SIDES]


def _waist(person: Person) -> Waist:
    """Where the old bottom begins; under an untucked top where it usually does."""
    frame, body = person.anatomy.frame, person.body
    u, v = frame.fields(person.shape)
    old = v[(person.labels == BOTTOM) & (np.abs(u) < 0.35)]
    top = float(np.percentile(old, 1)) if len(old) > 300 else USUAL_WAIST_TH
    at = float(np.clip(top, *WAIST_RANGE_TH)) - 0.01
    untucked = at > UNTUCKED_TH
    at = WAIST_UNDER_TOP_TH if untucked else at
    half = {}
    for side in "AB":
        wide = body.half(side, at)
        half[side] = (min(wide, body.half(side, HIPS_TH)) if untucked else wide) * frame.sw
    return Waist(at, half)


def _crotch(person: Person) -> Point:
    frame = person.anatomy.frame
    return frame.hips - frame.up * (CROTCH_BELOW_HIPS_TH * frame.th)


def _hips(person: Person) -> float:
    return sum(person.body.half(side, HIPS_TH) for side in "AB") * person.sw


# ----------------------------------------------------------------------- legs
def _leg_layer(person: Person, garment: Garment, waist: Waist, side: str, sign: int) -> Layer:
    pins = Pins()
    edge = _pin_pelvis(pins, person, garment, waist, side, sign)
    _pin_leg(pins, person, garment, waist, side, sign, edge)
    piece = garment.premultiplied() * _leg_half_mask(garment, sign)[..., None]
    return bend("leg" + side, piece, pins, person.shape, PAD_PX, LEG_STIFFNESS)


def _leg_half_mask(garment: Garment, sign: int) -> Field:
    """1 on one leg's side of the line from waist to crotch, overlapping a little."""
    height, width = garment.mask.shape
    waist, crotch = garment.middle("waist"), garment.points["crotch"]
    rows = np.arange(height, dtype=np.float32)
    line = np.interp(rows, [waist[1], crotch[1]], [waist[0], crotch[0]])
    beyond = (np.arange(width)[None] - line[:, None]) * sign
    overlap = SEAM_OVERLAP * bounds(garment.mask)[2]
    return smoothstep(-2 * overlap, -0.5 * overlap, beyond).astype(np.float32)


def _pin_pelvis(
    pins: Pins, person: Person, garment: Garment, waist: Waist, side: str, sign: int
) -> Point:
    """Pin one half from waist to crotch; return the outer edge at the crotch's level."""
    frame, body = person.anatomy.frame, person.body
    crotch = _crotch(person)
    top = frame.at(0, waist.v) + frame.right * ((waist.half["B"] - waist.half["A"]) / 2)
    corner = garment.points["waist" + side]
    middle, low = garment.middle("waist"), garment.points["crotch"]
    edge = top
    for part in np.linspace(0, 1, PELVIS_ROWS):
        row = corner[1] * (1 - part) + low[1] * part
        columns = np.flatnonzero(garment.mask[int(row)])
        outer = float(columns[0] if sign < 0 else columns[-1])
        inner = middle[0] * (1 - part) + low[0] * part
        v = waist.v + (frame.below(crotch) / frame.th - waist.v) * part
        wide = waist.half[side] * (1 - part) + body.half(side, LEG_TOP_TH) * frame.sw * part
        centre = top * (1 - part) + crotch * part
        edge = frame.at(0, v) + frame.right * (sign * wide * WAIST_EASE)
        ends = (np.array([inner, row]), np.array([outer, row]))
        pins.add_between((centre, edge), ends, (-0.12, 0, 0.33, 0.66, 1))
    return edge


@dataclass
class _LegAxis:
    start: Point
    dense: Points
    at: Points
    total: float

    def frame(self, distance: float, outward: Point) -> tuple[Point, Point]:
        before, here, after = along(
            self.dense, self.at, np.array([max(0, distance - 6), distance, distance + 6])
        )
        tangent = (after - before) / (np.linalg.norm(after - before) + 1e-6)
        normal = np.array([-tangent[1], tangent[0]])
        return here, normal if normal @ outward >= 0 else -normal


def _leg_axis(person: Person, side: str, sign: int) -> _LegAxis:
    frame = person.anatomy.frame
    crotch = _crotch(person)
    hip = frame.at(sign * person.body.half(side, LEG_TOP_TH), LEG_TOP_TH)
    start = (crotch + hip) / 2
    _, knee, ankle, _ = person.anatomy.legs[side]
    chain = np.array([start, knee, ankle, ankle + (ankle - knee) * 0.08])
    dense = smooth_curve(resample(chain, 200), 10)
    total = float(np.linalg.norm(knee - start) + np.linalg.norm(ankle - knee))
    return _LegAxis(start, dense, lengths(dense), total)


def _scale(person: Person, garment: Garment) -> float:
    """Pixels per garment pixel, from the width at the hips."""
    waist, crotch = garment.middle("waist"), garment.points["crotch"]
    columns = np.flatnonzero(garment.mask[int(waist[1] + 0.55 * (crotch[1] - waist[1]))])
    return _hips(person) * HIP_EASE / max(1, int(columns[-1] - columns[0]))


def _length_share(person: Person, garment: Garment) -> float:
    """How much of the way from crotch to ankle the legs reach."""
    legs = person.anatomy.legs
    knee = (legs["A"][1] + legs["B"][1]) / 2
    ankle = (legs["A"][2] + legs["B"][2]) / 2
    crotch = _crotch(person)
    there = float(np.linalg.norm(knee - crotch) + np.linalg.norm(ankle - knee))
    _, y, _, height = bounds(garment.mask)
    low = garment.points["crotch"][1]
    inseam, rise = y + height - 1 - low, low - garment.middle("waist")[1]
    natural = inseam * _scale(person, garment) * 1.02 / max(1.0, there)
    long = inseam / max(1.0, rise) > LONG_INSEAM
    return float(np.clip(natural, *(LONG_RANGE if long else SHORT_RANGE)))


def _leg_edges(garment: Garment, row: float, sign: int) -> tuple[float, float] | None:
    """Outer and inner column of one trouser leg in a row."""
    middle = float(garment.points["crotch"][0])
    least = LEAST_RUN * bounds(garment.mask)[2]
    found = [run for run in runs(garment.mask[int(row)]) if run[1] - run[0] + 1 > least]
    leg_runs = [run for run in found if ((run[0] + run[1]) / 2 - middle) * sign > 0]
    if not leg_runs:
        return None
    left, right = (float(v) for v in max(leg_runs, key=lambda run: run[1] - run[0]))
    if len(found) == 1:  # the legs touch
        left, right = (left, middle) if sign < 0 else (middle, right)
    return (left, right) if sign < 0 else (right, left)


def _pin_leg(
    pins: Pins, person: Person, garment: Garment, waist: Waist, side: str, sign: int, edge: Point
) -> None:
    frame = person.anatomy.frame
    axis = _leg_axis(person, side, sign)
    crotch = _crotch(person)
    end = axis.total * _length_share(person, garment)
    scale = _scale(person, garment) * LEG_WIDTH_SHARE
    _, y, _, height = bounds(garment.mask)
    first = float(garment.points["crotch"][1])
    last: tuple[float, float] | None = None
    for part in np.linspace(0, 1, LEG_ROWS)[1:]:
        row = first + (y + height - 1 - first) * part * 0.985
        edges = _leg_edges(garment, row, sign)
        if (
            last
            and part > 0.8
            and (not edges or abs(edges[0] - edges[1]) < FRAYED * abs(last[0] - last[1]))
        ):
            edges = last
        if not edges:
            continue
        last = edges
        distance = float(part * end)
        spot, normal = axis.frame(distance, frame.right * sign)
        radii = np.array(LEG_RADII_SW) * frame.sw
        radius = float(np.interp(distance / axis.total, [0, 0.5, 1], radii))
        low, high = (2 * radius * share for share in LEG_RADIUS_SHARE)
        half = float(np.clip(abs(edges[1] - edges[0]) * scale, low, high)) / 2
        # Near the crotch the leg still is part of the pelvis.
        blend = float(smoothstep(0, 0.22, part))
        moved = spot - axis.start
        outer = (edge + moved) * (1 - blend) + (spot + normal * half) * blend
        inner = (crotch + moved * 0.6) * (1 - blend) + (spot - normal * half) * blend
        ends = (np.array([edges[0], row]), np.array([edges[1], row]))
        pins.add_between((outer, inner), ends, (0, 0.5, 1))


# ---------------------------------------------------------------------- skirt
def _skirt_layer(person: Person, garment: Garment, waist: Waist) -> Layer:
    """One strip from waist to hem, along the middle of the legs."""
    frame, body = person.anatomy.frame, person.body
    left, right = garment.pair("waist")
    first = float(garment.middle("waist")[1])
    last = float(min(point[1] for point in garment.pair("hem"))) - 2
    middle = float(left[0] + right[0]) / 2
    scale = (waist.half["A"] + waist.half["B"]) * WAIST_EASE / max(1.0, float(right[0] - left[0]))
    longest = min(SKIRT_LENGTH_TH[1], _ankle_v(person))
    # Its length follows the natural waist, which is what its waistband was cut for.
    slim = sum(body.half(side, NATURAL_WAIST_TH) for side in "AB") * frame.sw
    length = scale * min(1.0, slim / (waist.half["A"] + waist.half["B"]))
    v_hem = waist.v + (last - first) * length / frame.th
    v_hem = float(np.clip(v_hem, SKIRT_LENGTH_TH[0], max(SKIRT_LENGTH_TH[0], longest)))
    pins = Pins()
    for part in np.linspace(0, 1, SKIRT_ROWS):
        row = first + (last - first) * part
        run = run_at(garment.mask[int(row)], middle)
        ends = (float(run[0]), float(run[1])) if run else (float(left[0]), float(right[0]))
        v = waist.v + (v_hem - waist.v) * part
        wide = {}
        for (side, _), x in zip(SIDES, ends, strict=True):
            least = body.half(side, min(v, LEG_TOP_TH)) * frame.sw * HIP_EASE
            wide[side] = max(abs(x - middle) * scale, least if v < 1.3 else 0)
        wide = dict(waist.half) if part == 0 else wide
        centre = _centre(person, v)
        for column in (0, 0.25, 0.5, 0.75, 1):
            across = -wide["A"] * (1 - column) + wide["B"] * column
            source = np.array([ends[0] * (1 - column) + ends[1] * column, row])
            pins.add(centre + frame.right * across, source)
    return bend("skirt", garment.premultiplied(), pins, person.shape, 20, SKIRT_STIFFNESS)


def _ankle_v(person: Person) -> float:
    frame, legs = person.anatomy.frame, person.anatomy.legs
    return min(frame.below(legs[side][2]) for side in "AB") / frame.th


def _centre(person: Person, v: float) -> Point:
    """The middle of the body at v, leaning with the legs below the hips."""
    frame, legs = person.anatomy.frame, person.anatomy.legs
    knee = (legs["A"][1] + legs["B"][1]) / 2
    levels = [0.0, 1.0, frame.below(knee) / frame.th]
    across = [0.0, 0.0, frame.across(knee) * 0.8]
    return frame.at(0, v) + frame.right * float(np.interp(v, levels, across))
