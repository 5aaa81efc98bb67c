"""Blend the warped garments over the bare person, from back to front."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engine.arrays import Field, Mask
from engine.compositing.remove_old_garment import BarePerson
from engine.compositing.shading import SHADOW_DROP_SW, SHADOW_SW, Folds, contact_shadow, rim
from engine.garment.garment_types import Garment
from engine.imaging.filters import soften, square
from engine.imaging.outlines import blank, bounds
from engine.imaging.warp import Layer
from engine.person.parsing import HAIR, SHOE, SKIN, TOP
from engine.person.person_analysis import Person

ORDER = {"bottom": 0, "dress": 1, "top": 2}
SHOE_BELOW_ANKLE_SW, SHOE_BESIDE_SW = 0.07, 0.6
ARM_AXIS_SW = 0.07


@dataclass
class WarpedGarment:
    """A garment with its warped pieces, the trunk first."""

    garment: Garment
    layers: list[Layer]


def coverage(person: Person, worn: list[WarpedGarment]) -> Field:
    """Return the alpha of all pieces together, H×W float32."""
    cover = np.zeros(person.shape, np.float32)
    for layer in (layer for piece in worn for layer in piece.layers):
        np.maximum(cover[layer.window], layer.alpha, out=cover[layer.window])
    return cover


def compose(person: Person, base: BarePerson, worn: list[WarpedGarment]) -> Field:
    """Return the dressed person, H×W×3 float32."""
    out, photo = base.image, person.image
    slots = {piece.garment.slot for piece in worn}
    top_off = bool(slots & {"top", "dress"})
    for piece in sorted(worn, key=lambda piece: ORDER[piece.garment.slot]):
        kept_top = None
        if piece.garment.slot == "bottom" and not top_off:
            kept_top = _soft(person, person.labels == TOP, 1.2)
        for layer in piece.layers:
            _blend_layer(
                person, base, out, layer, _fold_relief(person, piece.garment.slot), kept_top
            )
        _put_back(out, photo, _soft(person, _hands_in_front(person, piece), 1.0))
        if piece.garment.slot == "bottom":
            _put_back(out, photo, _soft(person, _shoes_below_hems(person), 1.0))
    if top_off:
        _put_back(out, photo, _hair_and_face(person))
    return out


def _soft(person: Person, mask: Mask, sigma: float) -> Field:
    return soften(mask, sigma) * person.coverage()


def _put_back(out: Field, photo: Mask, share: Field) -> None:
    """Blend the photo over `out`, in place, where `share` is not 0."""
    x, y, width, height = bounds((share > 0).astype(np.uint8))
    box = np.s_[y : y + height, x : x + width]
    out[box] += (photo[box] - out[box]) * share[box][..., None]


def _fold_relief(person: Person, slot: str) -> Field:
    """Log-luminance folds of what the garment replaces."""
    if slot == "bottom":
        return person.bottom_folds.relief()
    if slot == "top":
        return person.top_folds.relief()
    top, bottom = person.top_folds, person.bottom_folds
    plainness = min(top.plainness, bottom.plainness)
    stronger = np.abs(top.steps.astype(np.int16)) > np.abs(bottom.steps.astype(np.int16))
    return Folds(np.where(stronger, top.steps, bottom.steps), plainness).relief()


def _blend_layer(
    person: Person,
    base: BarePerson,
    out: Field,
    layer: Layer,
    relief: Field,
    kept_top: Field | None,
) -> None:
    """Lay one piece on `out`, in place: its shadow, then its lit cloth."""
    window, alpha = layer.window, np.minimum(layer.alpha, 1)
    _cast_shadow(person, base, out, layer, alpha)
    colour = layer.rgba[..., :3] / np.maximum(layer.rgba[..., 3:], 1e-3)
    shade = np.exp(relief[window]) * rim(alpha, colour, person.sw)
    if kept_top is not None:
        alpha = alpha * (1 - kept_top[window])
    lit = np.clip(colour * shade[..., None], 0, 255)
    out[window] += (lit - out[window]) * alpha[..., None]


def _cast_shadow(person: Person, base: BarePerson, out: Field, layer: Layer, alpha: Field) -> None:
    """Darken the body around the layer."""
    pad = int((3 * SHADOW_SW + SHADOW_DROP_SW) * person.sw) + 2
    height, width = person.shape
    y0, x0 = max(0, layer.y - pad), max(0, layer.x - pad)
    y1 = min(height, layer.y + alpha.shape[0] + pad)
    x1 = min(width, layer.x + alpha.shape[1] + pad)
    wide = np.zeros((y1 - y0, x1 - x0), np.float32)
    y, x = layer.y - y0, layer.x - x0
    wide[y : y + alpha.shape[0], x : x + alpha.shape[1]] = alpha
    shadow = contact_shadow(wide, person.sw) * np.minimum(base.alpha[y0:y1, x0:x1], 1)
    out[y0:y1, x0:x1] *= (1 - shadow)[..., None]


# ---------------------------------------------------------- what stays on top
def _hands_in_front(person: Person, worn: WarpedGarment) -> Mask:
    """Bare forearms and hands in front of the garment, joined to the arm's axis."""
    anatomy = person.anatomy
    skin = (person.labels == SKIN) & ((anatomy.forearms > 0) | (anatomy.hands > 0))
    for layer in worn.layers:
        if layer.name.startswith("sleeve"):
            skin[layer.window] &= ~((layer.alpha > 0.5) & (anatomy.hands[layer.window] == 0))
    solid = cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_OPEN, square(5))
    axis = blank(person.shape)
    for _, elbow, wrist, tips in anatomy.arms.values():
        chain = np.array([elbow, wrist, wrist * 0.4 + tips * 0.6]).astype(np.int32)
        cv2.polylines(axis, [chain], False, [1], max(3, int(ARM_AXIS_SW * person.sw)))
    count, pieces = cv2.connectedComponents(solid)
    keep = np.zeros(count, np.uint8)
    keep[pieces[(axis > 0) & (solid > 0)]] = 1
    keep[0] = 0
    return keep[pieces]


def _shoes_below_hems(person: Person) -> Mask:
    """Shoes below the trouser hems."""
    rows = np.arange(person.shape[0])[:, None]
    columns = np.arange(person.shape[1])[None]
    ankles = [leg[2] for leg in person.anatomy.legs.values()]
    near = [np.abs(columns - ankle[0]) < SHOE_BESIDE_SW * person.sw for ankle in ankles]
    level = np.minimum.reduce(
        [np.where(mask, ankle[1], 1e9) for mask, ankle in zip(near, ankles, strict=True)]
    )
    return (person.labels == SHOE) & (level + SHOE_BELOW_ANKLE_SW * person.sw < rows)


def _hair_and_face(person: Person) -> Field:
    """Hair and face over collars."""
    hair = cv2.morphologyEx((person.labels == HAIR).astype(np.uint8), cv2.MORPH_OPEN, square(3))
    face = (person.anatomy.face > 0) & (person.labels != TOP)
    return np.maximum(_soft(person, hair, 1.2), _soft(person, face, 1.5))
