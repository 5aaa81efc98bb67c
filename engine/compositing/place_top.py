"""Place the trunk of a top or dress on the body."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.arrays import SIDES, Field, Point, Points
from engine.garment.garment_types import Garment
from engine.imaging.outlines import resample, run_at, shorter_way
from engine.imaging.warp import Layer, Pins, bend
from engine.person.body import SHOULDER_FRACTIONS
from engine.person.parsing import TOP
from engine.person.person_analysis import Person

EASE_SLEEVED, EASE_SLEEVELESS = 1.04, 1.02
LENGTH_GAIN = 1.14  # a worn garment loses width, not length
MOST_BOXY = 1.20  # how much a boxy top may grow to reach the waist
WAIST_TH = 0.90
HEM_TOP_TH, HEM_CROPPED_TH, HEM_DRESS_TH = (0.88, 1.45), (0.60, 1.45), (1.3, 2.75)
CROPPED = 0.30  # chest widths from armpit to hem
OLD_TOP_REACH_TH = 0.30  # stretch to cover an old top that is longer by up to this
ARMHOLE_SW = (0.42, 0.62)
LIFT_SW = 0.022  # cloth lies above the shoulder's skin
NECK_SW, HIGH_NECK_SW = 0.225, 0.19
TRUNK_ROWS = 11
TRUNK_COLUMNS = (0, 0.25, 0.5, 0.75, 1)
MOST_WIDE = 1.40  # a top's half width per body half width
TRUNK_STIFFNESS, TRUNK_PAD_PX = 1e-3, 20


@dataclass
class TopPlace:
    """Where a top or dress comes to lie; points in the window's pixels, `scale` pixels/pixel."""

    scale: float
    half: dict[str, float]  # half chest, pixels
    armpit: dict[str, Point]
    rows: tuple[float, float]  # garment rows of armpits and hem
    reach: tuple[float, float]  # v of armpits and hem
    neck: dict[str, Point] = field(default_factory=dict)
    tip: dict[str, Point] = field(default_factory=dict)


def plan(person: Person, garment: Garment) -> TopPlace:
    """Scale, armpits, hem, neck and shoulder tips."""
    place = _scale(person, garment)
    _set_hem(person, garment, place)
    for side, sign in SIDES:
        _set_shoulder(person, garment, place, side, sign)
    return place


def _scale(person: Person, garment: Garment) -> TopPlace:
    frame, body = person.anatomy.frame, person.body
    ease = EASE_SLEEVED if garment.sleeved else EASE_SLEEVELESS
    half = {s: frame.across(body.armpit[s]) * sign * ease for s, sign in SIDES}
    scale = (half["A"] + half["B"]) / garment.chest
    if garment.slot == "top":
        length = float((garment.middle("hem") - garment.middle("armpit"))[1])
        wanted = (WAIST_TH * frame.th - 0.36 * frame.sw) / (length * LENGTH_GAIN)
        boxy = length / garment.chest > 0.42
        grow = float(np.clip(wanted / scale, 1, MOST_BOXY)) if boxy else 1.0
        scale *= grow
        half = {side: value * (1 + (grow - 1) * 0.5) for side, value in half.items()}
    armpit = {}
    for side, sign in SIDES:
        spot = body.armpit[side] + frame.right * (sign * (ease - 1) * 0.5 * frame.sw)
        gap = garment.points["armpit" + side] - garment.points["shoulder" + side]
        low, high = (limit * frame.sw for limit in ARMHOLE_SW)
        depth = float(np.clip(np.linalg.norm(gap) * scale, low, high))
        present = float((body.tip[side] - spot) @ frame.up)
        armpit[side] = spot - frame.up * (max(0.0, depth - present) * 0.7)
    return TopPlace(scale, half, armpit, (0, 0), (0, 0))


def _set_hem(person: Person, garment: Garment, place: TopPlace) -> None:
    frame = person.anatomy.frame
    first = float(garment.middle("armpit")[1])
    last = float(min(point[1] for point in garment.pair("hem"))) - 2
    v_armpit = frame.below((place.armpit["A"] + place.armpit["B"]) / 2) / frame.th
    natural = v_armpit + (last - first) * place.scale * LENGTH_GAIN / frame.th
    if garment.slot == "dress":
        low, high = HEM_DRESS_TH
    else:
        cropped = (last - first) / garment.chest < CROPPED
        low, high = HEM_CROPPED_TH if cropped else HEM_TOP_TH
    v_hem = float(np.clip(natural, low, high))
    if garment.slot == "top":
        v_hem = _over_old_top(person, v_hem)
    place.rows, place.reach = (first, last), (v_armpit, v_hem)


def _over_old_top(person: Person, v_hem: float) -> float:
    """A little longer where that hides the old top's hem."""
    u, v = person.anatomy.frame.fields(person.shape)
    old = v[(person.labels == TOP) & (np.abs(u) < 0.45)]
    longest = float(np.percentile(old, 99)) if len(old) > 200 else 0.0
    return longest + 0.015 if 0 < longest - v_hem < OLD_TOP_REACH_TH else v_hem


def on_shoulder(person: Person, side: str, sign: int, across: float) -> Point:
    """Return the shoulder line's point `across` pixels from the axis, with its bumps."""
    frame, body = person.anatomy.frame, person.body
    neck, tip = body.neck[side], body.tip[side]
    start, end = frame.across(neck) * sign, frame.across(tip) * sign
    part = (across - start) / (end - start + 1e-6)
    bump = np.interp(part, SHOULDER_FRACTIONS, body.bumps[side], left=0)
    return neck * (1 - part) + tip * part + frame.up * (float(bump) * frame.sw)


def _set_shoulder(person: Person, garment: Garment, place: TopPlace, side: str, sign: int) -> None:
    frame = person.anatomy.frame
    middle = float(garment.middle("armpit")[0])
    unit = place.half[side] / abs(garment.points["armpit" + side][0] - middle)
    inner = max(abs(garment.points["neck" + side][0] - middle) * unit, NECK_SW * frame.sw)
    if garment.high_neck:
        inner = HIGH_NECK_SW * frame.sw
    outer = abs(garment.points["shoulder" + side][0] - middle) * unit
    tip = frame.across(person.body.tip[side]) * sign
    if garment.sleeved:
        outer = max(outer, tip * 0.94)
    outer = min(outer, tip * 1.02)
    inner = min(inner, outer - 0.03 * frame.sw)
    lift = frame.up * (LIFT_SW * frame.sw)
    place.neck[side] = on_shoulder(person, side, sign, inner) + lift
    place.tip[side] = on_shoulder(person, side, sign, outer) + lift


# ----------------------------------------------------------------------- pins
def trunk_layer(person: Person, garment: Garment, place: TopPlace, rgba: Field) -> Layer:
    """Warp the trunk; `rgba` is the garment premultiplied, without its sleeves."""
    pins = Pins()
    for side, sign in SIDES:
        _pin_shoulder(pins, person, garment, place, side, sign)
        _pin_armhole(pins, person, garment, place, side)
    _pin_neckline(pins, garment, place)
    _pin_trunk(pins, person, garment, place)
    return bend("trunk", rgba, pins, person.shape, TRUNK_PAD_PX, TRUNK_STIFFNESS)


def _off_line(point: Point, start: Point, end: Point) -> tuple[float, Point]:
    """How far along a line a point is (0..1), and what is left beside the line."""
    span = end - start
    part = float((point - start) @ span / (span @ span + 1e-9))
    return part, point - start - span * part


def _pin_shoulder(
    pins: Pins, person: Person, garment: Garment, place: TopPlace, side: str, sign: int
) -> None:
    frame = person.anatomy.frame
    neck, shoulder = garment.points["neck" + side], garment.points["shoulder" + side]
    pins.add(place.neck[side], neck)
    pins.add(place.tip[side], shoulder)
    path = shorter_way(garment.contour, neck, shoulder)
    if len(path) <= 8:
        return
    for point in resample(path, 6)[1:-1]:
        part, beside = _off_line(point, neck, shoulder)
        spot = place.neck[side] * (1 - part) + place.tip[side] * part
        if part > 0.1:
            spot = on_shoulder(person, side, sign, frame.across(spot) * sign)
            spot = spot + frame.up * (LIFT_SW * frame.sw)
        # The flat-lay's own shoulder curve counts little beside the body's.
        wave = frame.right * beside[0] - frame.up * beside[1]
        pins.add(spot + wave * (place.scale * 0.15), point)


def _pin_armhole(pins: Pins, person: Person, garment: Garment, place: TopPlace, side: str) -> None:
    frame = person.anatomy.frame
    shoulder, armpit = garment.points["shoulder" + side], garment.points["armpit" + side]
    ends = (place.tip[side], place.armpit[side])
    if garment.sleeved:
        pins.add_between(ends, (shoulder, armpit), (0.33, 0.66, 1.0))
        return
    path = shorter_way(garment.contour, shoulder, armpit)
    for point in resample(path, 7)[1:]:
        part, beside = _off_line(point, shoulder, armpit)
        wave = frame.right * beside[0] - frame.up * beside[1]
        pins.add(ends[0] * (1 - part) + ends[1] * part + wave * place.scale, point)


def _pin_neckline(pins: Pins, garment: Garment, place: TopPlace) -> None:
    """A grid from neck to armpits, at the same fractions in both spaces or it would swirl."""
    for part in (0.25, 0.5, 0.75):
        high = place.neck["A"] * (1 - part) + place.neck["B"] * part
        low = place.armpit["A"] * (1 - part) + place.armpit["B"] * part
        necks, pits = garment.pair("neck"), garment.pair("armpit")
        source_high = necks[0] * (1 - part) + necks[1] * part
        source_low = pits[0] * (1 - part) + pits[1] * part
        pins.add_between((high, low), (source_high, source_low), (0, 0.33, 0.66))


def _garment_row(garment: Garment, place: TopPlace, part: float) -> tuple[float, float, float]:
    """Row, left and right end of the trunk at `part` of the way from armpits to hem."""
    row = place.rows[0] + (place.rows[1] - place.rows[0]) * part
    pits, hems = garment.pair("armpit"), garment.pair("hem")
    usual = [float(pits[i][0] * (1 - part) + hems[i][0] * part) for i in (0, 1)]
    if part == 0:
        return row, float(pits[0][0]), float(pits[1][0])
    middle = float(garment.middle("armpit")[0])
    run = run_at(garment.mask[int(min(row, garment.mask.shape[0] - 1))], middle)
    left, right = (float(run[0]), float(run[1])) if run else (usual[0], usual[1])
    if garment.sleeved:
        if part < 0.12:  # the run still includes the sleeves
            left, right = usual
        left = max(left, usual[0] - 0.25 * garment.chest)
        right = min(right, usual[1] + 0.25 * garment.chest)
    return row, left, right


def _half_width(
    person: Person, garment: Garment, place: TopPlace, side: str, v: float, natural: float
) -> float:
    """How far the trunk reaches from the axis at v, in pixels."""
    body = person.body.half(side, min(v, 1.25)) * person.sw
    wide = max(natural, body * (1.03 if v < 1.15 else 1.03 * 0.98))
    return min(wide, body * MOST_WIDE) if garment.slot == "top" else wide


def _pin_trunk(pins: Pins, person: Person, garment: Garment, place: TopPlace) -> None:
    frame = person.anatomy.frame
    middle = float(garment.middle("armpit")[0])
    for part in np.linspace(0, 1, TRUNK_ROWS):
        row, left, right = _garment_row(garment, place, float(part))
        v = place.reach[0] + (place.reach[1] - place.reach[0]) * float(part)
        wide = dict(place.half)
        if part > 0:
            for side, edge in (("A", left), ("B", right)):
                natural = abs(edge - middle) * place.scale
                wide[side] = _half_width(person, garment, place, side, v, natural)
        for column in TRUNK_COLUMNS:
            across = -wide["A"] * (1 - column) + wide["B"] * column
            target = frame.shoulders + frame.right * across - frame.up * (v * frame.th)
            pins.add(target, np.array([left * (1 - column) + right * column, row]))


def seam_distance(garment: Garment, side: str, sign: int) -> Points:
    """Signed pixels of every garment pixel beyond the armhole seam (positive in the sleeve)."""
    shoulder, armpit = garment.points["shoulder" + side], garment.points["armpit" + side]
    span = armpit - shoulder
    normal = np.array([-span[1], span[0]]) / (np.linalg.norm(span) + 1e-6)
    if normal[0] * sign < 0:
        normal = -normal
    height, width = garment.mask.shape
    y = (np.arange(height, dtype=np.float32) - np.float32(shoulder[1])) * np.float32(normal[1])
    x = (np.arange(width, dtype=np.float32) - np.float32(shoulder[0])) * np.float32(normal[0])
    return y[:, None] + x[None]
