"""The whole try-on: place the garments, remove the old ones, compose, restore the photo's size."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from engine.arrays import SIDES, Field, Image
from engine.compositing import place_bottom as bottoms
from engine.compositing import place_top as tops
from engine.compositing import sleeves
from engine.compositing.compose import WarpedGarment, compose, coverage
from engine.compositing.remove_old_garment import NewOutfit, remove_old_garment
from engine.errors import Refusal
from engine.garment.garment_types import Garment
from engine.imaging import codec
from engine.imaging.filters import soften, square
from engine.person import pose
from engine.person.parsing import BOTTOM, TOP
from engine.person.person_analysis import Person

OUTFITS = ({"top"}, {"bottom"}, {"dress"}, {"top", "bottom"})
CHANGED = 2.0  # grey levels


def check_outfit(slots: Mapping[str, object]) -> None:
    """Raise Refusal `outfit_unsupported` for anything but top, bottom, both, or a dress."""
    if set(slots) not in OUTFITS:
        given = ", ".join(sorted(slots)) or "nothing"
        raise Refusal(
            "outfit_unsupported",
            f"An outfit is a top, a bottom, both, or one dress, not {given}.",
            "dress" if "dress" in slots else "top",
        )


def check_legs(person: Person, slots: Mapping[str, object]) -> None:
    """Raise Refusal `lower_body_not_visible` where legs are needed and not in the photo."""
    y = person.box[1]
    whole = person.photo.shape[0]
    joints = person.anatomy.joints + np.array([0, y])
    for slot in ("bottom", "dress"):
        if slot in slots:
            pose.check_lower_body(joints, person.anatomy.seen, whole, slot)


def dress(person: Person, garments: Mapping[str, Garment]) -> tuple[Field, tuple[str, ...]]:
    """Return the dressed window, H×W×3 float32, and warning codes."""
    worn, outfit = _place(person, garments)
    base = remove_old_garment(person, outfit, coverage(person, worn))
    result = compose(person, base, worn)
    return np.clip(result, 0, 255), _warnings(person, worn, outfit)


def _place(
    person: Person, garments: Mapping[str, Garment]
) -> tuple[list[WarpedGarment], NewOutfit]:
    worn, armpit_v, neck_u = [], None, 0.27
    for slot, garment in garments.items():
        if slot == "bottom":
            worn.append(WarpedGarment(garment, bottoms.layers(person, garment)))
            continue
        place = tops.plan(person, garment)
        worn.append(WarpedGarment(garment, _top_layers(person, garment, place)))
        frame = person.anatomy.frame
        neck_u = max(frame.across(place.neck[s]) * sign for s, sign in SIDES) / frame.sw
        armpit_v = place.reach[0] if garment.sleeved else None
    slots = set(garments)
    top, bottom = bool(slots & {"top", "dress"}), bool(slots & {"bottom", "dress"})
    return worn, NewOutfit(top, bottom, armpit_v, neck_u)


def _top_layers(person: Person, garment: Garment, place: tops.TopPlace) -> list[tops.Layer]:
    rgba = garment.premultiplied()
    if not garment.sleeved:
        return [tops.trunk_layer(person, garment, place, rgba)]
    trunk, pieces = sleeves.split(garment, rgba)
    trunk_layer = tops.trunk_layer(person, garment, place, trunk)
    return [trunk_layer, *sleeves.layers(person, garment, place, pieces)]


def _warnings(person: Person, worn: list[WarpedGarment], outfit: NewOutfit) -> tuple[str, ...]:
    found = [code for piece in worn for code in piece.garment.warnings]
    if any(layer.folded for piece in worn for layer in piece.layers):
        found.append("warp_folded")
    old = ([TOP] if outfit.top else []) + ([BOTTOM] if outfit.bottom else [])
    if any(person.skin_coloured(label) for label in old):
        found.append("old_garment_skin_coloured")
    return tuple(dict.fromkeys(found))


def into_photo(picture: Image, person: Person, result: Field) -> Image:
    """Put the changed pixels of the window into the photo at its own size.

    Unchanged pixels stay those of the photo, which are sharper. Photos over 2048 pixels come back
    at 2048.
    """
    picture = codec.limit_size(picture, codec.OUTPUT_SIDE_PX)
    whole = person.photo.astype(np.float32)
    whole[person.window] = result
    if picture.shape == person.photo.shape:
        return np.round(whole).astype(np.uint8)
    difference = np.abs(whole - person.photo).max(2) > CHANGED
    changed = soften(cv2.dilate(difference.astype(np.uint8), square(3)), 1.5)
    size = (picture.shape[1], picture.shape[0])
    larger = picture.shape[0] > person.photo.shape[0]
    way = cv2.INTER_CUBIC if larger else cv2.INTER_AREA
    scaled = np.clip(cv2.resize(whole, size, interpolation=way), 0, 255)
    share = np.clip(cv2.resize(changed, size, interpolation=cv2.INTER_LINEAR), 0, 1)[..., None]
    return np.round(picture + (scaled - picture) * share).astype(np.uint8)
