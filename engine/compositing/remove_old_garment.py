"""Take the old garment off where the new one does not cover it: skin, background, waistband."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from engine.arrays import Field, Mask, Points
from engine.imaging.filters import blur_within, disc, smoothstep, soften, square
from engine.imaging.outlines import polygon, tube
from engine.person.body import limb_points, tube_shade
from engine.person.parsing import BOTTOM, HAIR, SHOE, SKIN, TOP
from engine.person.person_analysis import Person

ARM_SHADE, LEG_SHADE = 0.32, 0.22
GRAIN = 2.2  # grey levels, so that synthetic skin is not smoother than the photo
LOST_CLOTH = 22  # grey levels from the background that betray cloth outside the matte
OLD_FOLDS = 0.35
WAIST_TH = (0.80, 0.90)


@dataclass
class BarePerson:
    """The person without the old garment: `image` H×W×3 float32, `alpha` H×W float32."""

    image: Field
    alpha: Field


@dataclass(frozen=True)
class NewOutfit:
    """The new garments: which slots they replace, a top's armpit level (v) and neck edge (|u|)."""

    top: bool
    bottom: bool
    sleeved_armpit_v: float | None = None
    neck_u: float = 0.27


def remove_old_garment(person: Person, outfit: NewOutfit, cover: Field) -> BarePerson:
    """Replace the old garment by skin and background; `cover` is the new alpha, H×W float32."""
    image, alpha = person.image.astype(np.float32), person.coverage()
    old = _old_cloth(person, outfit)
    lost = _lost_cloth(person, old, cover)
    need = _needed(person, old, lost, cover)
    if need.sum() < 50:
        return BarePerson(image, alpha)
    shape = _body_shape(person, outfit)
    solid = _within_person(person, outfit, shape.mask)
    background = person.background_plate().astype(np.float32)
    skin = person.skin_plate().astype(np.float32)
    skin *= (shape.shade * _old_folds(person, old, outfit))[..., None]
    skin += _grain(person.shape)[..., None]
    body = soften(solid, 1.3)
    fill = background + (skin - background) * body[..., None]
    if outfit.top and not outfit.bottom:
        fill = _raise_waist(person, fill, shape.trunk)
    if outfit.sleeved_armpit_v is not None:
        above = _above_shoulders(person, outfit, cover, shape.arms)
        need |= above
        outer = above & ~_near_neck(person, outfit)
        fill[outer] = background[outer]
        body = soften(np.where(outer, 0, solid), 1.3)
    share = soften(cv2.dilate(need.astype(np.uint8), square(3)), 1.0)
    image += (fill - image) * share[..., None]
    return BarePerson(image, alpha * (1 - share) + body * share)


# ---------------------------------------------------------------------- where
def _old_cloth(person: Person, outfit: NewOutfit) -> Mask:
    labels = person.labels
    old = np.zeros(person.shape, bool)
    if outfit.top:
        old |= labels == TOP
    if outfit.bottom:
        bottom = labels == BOTTOM
        closed = cv2.morphologyEx(bottom.astype(np.uint8), cv2.MORPH_CLOSE, disc(23)) > 0
        inside, v = person.alpha > 127, person.anatomy.frame.fields(person.shape)[1]
        hands = person.anatomy.hands > 0
        old |= bottom | (closed & inside & ~hands & (labels != SHOE) & (v > 1.0))
        old |= (v > 1.25) & inside & ((labels == TOP) | (labels == HAIR))
    return old


def _lost_cloth(person: Person, old: Mask, cover: Field) -> Mask:
    """Bits of the old garment that the matte missed: unlike the background, beside the cloth."""
    ring = (cv2.dilate(old.astype(np.uint8), square(31)) > 0) & (person.alpha < 128)
    ring &= cover < 0.9
    if not ring.any():
        return ring
    off = cv2.absdiff(person.image, person.far_background_plate()).max(2)
    return ring & (off > LOST_CLOTH)


def _needed(person: Person, old: Mask, lost: Mask, cover: Field) -> Mask:
    edge = (cv2.dilate(old.astype(np.uint8), square(7)) > 0) & (person.alpha < 250)
    need = (edge | old) & (cover < 0.995) & (person.alpha > 5)
    skin = person.labels == SKIN
    firm = cv2.erode(skin.astype(np.uint8), square(5)) > 0
    need &= ~(skin & ~old & firm)
    return need | (cv2.dilate(lost.astype(np.uint8), square(5)) > 0)


# ----------------------------------------------------------------------- body
@dataclass
class _Shape:
    mask: Mask
    shade: Field
    trunk: Mask
    arms: Mask


def _body_shape(person: Person, outfit: NewOutfit) -> _Shape:
    """The bare body's outline and its light."""
    shape = person.shape
    mask, trunk, arms = (np.zeros(shape, np.uint8) for _ in range(3))
    shade = np.ones(shape, np.float32)
    if outfit.top:
        trunk = polygon(shape, _trunk_outline(person))
        mask |= trunk
        for side, arm in person.anatomy.arms.items():
            arms |= _add_limb(mask, shade, arm, person.body.arm[side], ARM_SHADE, None)
    if outfit.bottom:
        for side, leg in person.anatomy.legs.items():
            _add_limb(mask, shade, leg, person.body.leg[side], LEG_SHADE, arms)
    return _Shape(mask, shade, trunk, arms)


def _add_limb(
    mask: Mask, shade: Field, limb: Points, radii: Points, strength: float, behind: Mask | None
) -> Mask:
    """Add a limb to `mask` and `shade` in place; where `behind` covers it its light is kept."""
    tube_mask = tube((mask.shape[0], mask.shape[1]), list(limb_points(limb)), list(radii))
    mask |= tube_mask
    lit = tube_mask > 0 if behind is None else (tube_mask > 0) & (behind == 0)
    shade[lit] = tube_shade(tube_mask, float(np.mean(radii)), strength)[lit]
    return tube_mask


def _trunk_outline(person: Person) -> Points:
    frame, body = person.anatomy.frame, person.body
    down = np.linspace(0.42, 1.2, 9)
    left = [frame.at(-body.half("A", v), v) for v in down]
    right = [frame.at(body.half("B", v), v) for v in down[::-1]]
    first = [body.neck["A"], body.tip["A"], body.armpit["A"]]
    last = [body.armpit["B"], body.tip["B"], body.neck["B"], person.anatomy.head]
    return np.array([*first, *left, *right, *last])


def _within_person(person: Person, outfit: NewOutfit, mask: Mask) -> Mask:
    """The bare body never reaches beyond the dressed one; chest and neck always belong to it."""
    sure = cv2.morphologyEx((person.alpha > 153).astype(np.uint8), cv2.MORPH_OPEN, disc(9))
    solid = (mask > 0) & (soften(sure, 2.5) > 0.62)
    if outfit.top:
        u, v = person.anatomy.frame.fields(person.shape)
        solid |= (v < 0.26) & (np.abs(u) < 0.46) & (person.alpha > 127)
    return solid.astype(np.uint8)


def _old_folds(person: Person, old: Mask, outfit: NewOutfit) -> Field:
    """A weak trace of the old garment's folds, as factors around 1."""
    plainness = (person.top_folds if outfit.top else person.bottom_folds).plainness
    if plainness == 0:
        return np.ones(person.shape, np.float32)
    grey = cv2.cvtColor(person.image, cv2.COLOR_BGR2GRAY).astype(np.float32) + 4
    log, weight = np.log(grey), old.astype(np.float32)
    band = blur_within(log, weight, 4) - blur_within(log, weight, max(20.0, 0.25 * person.sw))
    return np.exp(np.clip(band, -0.25, 0.2) * np.float32(OLD_FOLDS * plainness))


@lru_cache(maxsize=1)
def _grain_tile() -> Field:
    noise = np.random.RandomState(3).randn(256, 256).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 0.8, borderType=cv2.BORDER_REFLECT) * GRAIN


def _grain(shape: tuple[int, int]) -> Field:
    tile = _grain_tile()
    times = (shape[0] // tile.shape[0] + 1, shape[1] // tile.shape[1] + 1)
    return np.tile(tile, times)[: shape[0], : shape[1]]


# -------------------------------------------------------------- special places
def _raise_waist(person: Person, fill: Field, trunk: Mask) -> Field:
    """Continue the bottom's cloth between the new hem and the waist."""
    plate = person.bottom_plate()
    if plate is None:
        return fill
    u, v = person.anatomy.frame.fields(person.shape)
    old = v[(person.labels == BOTTOM) & (np.abs(u) < 0.3)]
    top = float(np.percentile(old, 2)) if len(old) else WAIST_TH[1]
    waist = float(np.clip(top, *WAIST_TH))
    zone = smoothstep(waist - 0.006, waist + 0.006, v) * trunk
    share = soften(zone, 1.2)[..., None]
    return fill + (plate - fill) * share


def _near_neck(person: Person, outfit: NewOutfit) -> Mask:
    u, _ = person.anatomy.frame.fields(person.shape)
    return np.abs(u) < max(0.28, outfit.neck_u)


def _above_shoulders(person: Person, outfit: NewOutfit, cover: Field, arms: Mask) -> Mask:
    """Person pixels above the new shoulder line: padding of the old garment."""
    frame = person.anatomy.frame
    u, v = frame.fields(person.shape)
    reach = int(0.2 * frame.sw) | 1
    solid = cover > 0.5
    near = cv2.dilate(solid.astype(np.uint8), square(reach)) > 0
    below = np.maximum.accumulate(solid[::-1], 0)[::-1]
    beside = (np.abs(u) > max(0.27, outfit.neck_u + 0.015)) & (np.abs(u) < 0.85)
    rows = np.arange(person.shape[0])[:, None]
    upper = (v < (outfit.sleeved_armpit_v or 0)) & (v > -0.5)
    body = (person.alpha > 5) & (person.labels != HAIR) & (person.anatomy.face == 0)
    place = (rows < frame.shoulders[1]) | (arms > 0)
    return upper & beside & ~solid & near & below & body & place
