"""Measure the facts about a photo that the image rules of providers compare.

Import late: it needs OpenCV and mediapipe. Pure functions on bytes. Keys are those of
`providers.image_rules`; a fact that could not be measured is left out. `box` is x1, y1,
x2, y2 in shares of the picture.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from engine import VERSION, Refusal, mediapipe_graphs
from engine.analysis_cache import AnalysisCache
from engine.arrays import Image, Mask, Points
from engine.garment import garment_analysis
from engine.garment.garment_types import Garment
from engine.garment.segmentation import PLAIN_SPREAD, cut_out
from engine.imaging import codec
from engine.imaging.colour import to_lab
from engine.imaging.filters import square
from engine.imaging.outlines import largest
from engine.person import pose

Facts = dict[str, Any]

# Facts that follow from the refusals of `garment_analysis.analyse`.
FACTS_BY_REFUSAL: dict[str, Facts] = {
    "garment_has_person": {"worn": True},
    "garment_background_not_plain": {"worn": False, "plain": False},
    "garment_not_found": {"worn": False, "plain": True, "found": False},
    "garment_shape_unsupported": {
        "worn": False, "plain": True, "found": True, "shape_known": False
    },
}  # fmt: skip
SOUND_FACTS: Facts = {"worn": False, "plain": True, "found": True, "shape_known": True}
LEAST_OFF_GROUND = 16.0  # Lab distance of a second garment from the ground
LEAST_SECOND_GARMENT = 0.25  # of the first garment's area


def measure_person(data: bytes) -> Facts:
    """Count the persons and measure one: frontal, torso_seen, torso, share, whole, legs, box.

    `frontal` is the shoulder width in torso heights, 0 from behind, as the engine sees it, which
    analyses twice; `facing` counts the mirror image, too: without a head one analysis may err.
    `upright` is the cosine of the torso's lean; `legs` 2 down to the knees, 1 down to the
    thighs, 0 less. Raises Refusal image_unreadable.
    """
    photo = codec.fit(codec.decode(data, "person"))
    rgb = np.ascontiguousarray(photo[..., ::-1])
    found = mediapipe_graphs.run("pose", rgb)
    if not found:
        return {"persons": 0}
    height, width = photo.shape[:2]
    joints, seen = found["joints"] * (width, height), found["seen"]
    faces = pose.face_boxes(rgb)
    frame = pose.Frame.of(joints)
    facts = _posture_facts(joints, seen, len(faces), height)
    mask: Mask = cv2.resize(found["mask"], (width, height))
    if 0 < facts["frontal"] < pose.SIDE_VIEW_SW_PER_TH:
        softer = cv2.GaussianBlur(rgb, (0, 0), pose.SOFTER_PX)
        facts["frontal"] = max(facts["frontal"], _frontal_again(softer, len(faces)))
    facts["facing"] = facts["frontal"]
    if 0 < facts["frontal"] < pose.SIDE_VIEW_SW_PER_TH:
        mirror = np.ascontiguousarray(rgb[:, ::-1])
        facts["facing"] = max(facts["frontal"], _frontal_again(mirror, len(faces)))
    facts |= _box_facts(mask > 0.5)
    if frame.sw > 0 and frame.th > 0:
        facts["persons"] = _count_persons(joints, seen, mask, rgb, faces)
    facts["whole"] = bool(len(faces)) and _both_in_picture(joints, seen, height, pose.ANKLE)
    return facts


def _frontal_again(rgb: Image, faces: int) -> float:
    """`frontal` of a blurred or mirrored copy; 0 where nobody is found in it."""
    found = mediapipe_graphs.run("pose", rgb)
    if not found:
        return 0.0
    height, width = rgb.shape[:2]
    joints: Points = found["joints"] * (width, height)
    return float(_posture_facts(joints, found["seen"], faces, height)["frontal"])


def _posture_facts(joints: Points, seen: Points, faces: int, height: int) -> Facts:
    frame = pose.Frame.of(joints)
    out = float((joints[11, 1] + joints[12, 1]) / 2) < -5
    visible = 0.0 if out else round(float(seen[[11, 12, 23, 24]].min()), 2)
    frontal = frame.sw / max(1.0, frame.th)
    try:
        joints, seen = pose.check_posture(joints, seen, faces, height)
    except Refusal as refusal:
        if refusal.code == "not_frontal" and frontal >= pose.SIDE_VIEW_SW_PER_TH:
            frontal = 0.0
    return {
        "frontal": round(frontal, 2),
        "torso_seen": visible,
        "torso": round(frame.th / height, 3),
        "upright": round(-float(frame.up[1]), 2),
        "legs": 2 * _has_legs(joints, seen, height, "dress")
        or int(_has_legs(joints, seen, height, "bottom")),
    }


def _has_legs(joints: Points, seen: Points, height: int, slot: str) -> bool:
    try:
        pose.check_lower_body(joints, seen, height, slot)
    except Refusal:
        return False
    return True


def _count_persons(joints: Points, seen: Points, mask: Mask, rgb: Image, faces: Points) -> int:
    height, width = rgb.shape[:2]
    selfie = cv2.resize(mediapipe_graphs.run("selfie", rgb)["mask"], (width, height))
    try:
        pose.check_alone(pose.Pose(joints, seen, mask, selfie), faces)
    except Refusal:
        return max(2, len(faces))
    return 1


def _both_in_picture(joints: Points, seen: Points, height: int, pair: dict[str, int]) -> bool:
    both = list(pair.values())
    return bool(joints[both, 1].max() <= height and seen[both].min() >= pose.LEAST_SEEN)


def _box_facts(mask: Mask) -> Facts:
    """The box of a mask, and its `share` of the picture's height."""
    x, y, wide, tall = cv2.boundingRect(mask.astype(np.uint8))
    height, width = mask.shape
    if not wide:
        return {}
    box = (x / width, y / height, (x + wide) / width, (y + tall) / height)
    return {"box": [round(side, 3) for side in box], "share": round(tall / height, 3)}


def measure_garment(data: bytes, slot: str, cache: AnalysisCache | None = None) -> Facts:
    """Measure worn, plain, found, shape_known; of a found garment: garments, fills, cut_off, box.

    `fills` is the larger share of width and height. The analysis that a try-on needs goes to the
    cache, so nothing is done twice. Raises Refusal image_unreadable.
    """
    photo = codec.decode(data, slot)
    try:
        _analyse(data, photo, slot, cache)
    except Refusal as refusal:
        if refusal.code not in FACTS_BY_REFUSAL:
            return {}
        facts = FACTS_BY_REFUSAL[refusal.code]
    else:
        facts = SOUND_FACTS
    return {**facts, **(_flat_lay_facts(codec.fit(photo), slot) if facts.get("found") else {})}


def _analyse(data: bytes, photo: Image, slot: str, cache: AnalysisCache | None) -> Garment:
    def make() -> Garment:
        return garment_analysis.analyse(photo, slot)

    if cache is None:
        return make()
    key = cache.key(slot, VERSION, data)
    return cache.get_or_make(key, Garment.unpacked, make, lambda made: made.packed())


def _flat_lay_facts(photo: Image, slot: str) -> Facts:
    try:
        mask = largest((cut_out(photo, slot).alpha > 0.5).astype(np.uint8)) > 0
    except Refusal:
        return {}
    facts = _box_facts(mask)
    if not facts:
        return {}
    x1, y1, x2, y2 = facts["box"]
    share = facts.pop("share")
    return {
        **facts,
        "fills": round(max(x2 - x1, share), 3),
        "cut_off": bool(min(x1, y1) <= 0.002 or max(x2, y2) >= 0.998),
        "garments": 1 + _count_other_garments(photo, mask),
    }


def _count_other_garments(photo: Image, mask: Mask) -> int:
    """Pieces beside the garment that are large enough to be garments themselves."""
    lab = to_lab(cv2.medianBlur(photo, 5))
    ring = np.concatenate([lab[:6].reshape(-1, 3), lab[-6:].reshape(-1, 3)])
    ring = np.concatenate([ring, lab[:, :6].reshape(-1, 3), lab[:, -6:].reshape(-1, 3)])
    ground = np.median(ring, 0)
    off = np.abs(lab - ground).max(-1) > max(LEAST_OFF_GROUND, PLAIN_SPREAD)
    beside = off & (cv2.dilate(mask.astype(np.uint8), square(31)) == 0)
    opened = cv2.morphologyEx(beside.astype(np.uint8), cv2.MORPH_OPEN, square(9))
    _, _, stats, _ = cv2.connectedComponentsWithStats(opened)
    return int((stats[1:, 4] >= LEAST_SECOND_GARMENT * max(1, int(mask.sum()))).sum())
