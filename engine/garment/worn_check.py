"""Recognise garment photos with a person: the engine can only use flat ones."""

from __future__ import annotations

import numpy as np

from engine import mediapipe_graphs
from engine.arrays import Field, Image, Mask, Point, Points
from engine.errors import Refusal
from engine.imaging.colour import could_be_skin, to_lab
from engine.person.pose import NOSE, WRIST, face_boxes

# Either alone is found in prints, folds and skin-coloured cloth; together they are a person.
LEAST_SEEN = 0.9
LEAST_TORSO = 0.15  # of the picture's height, upright: prints show smaller or fallen figures
LEAST_FACE = 0.05  # of the picture's height
LEAST_SKIN = 0.4  # of a face or of the spot around a joint
SPOT = 0.008  # of the picture's height, around a joint
UNLIKE_CLOTH = 15  # Lab distance


def check_nobody(photo: Image, slot: str) -> None:
    """Raise Refusal `garment_has_person` where a pose comes with a face or with bare limbs."""
    rgb = np.ascontiguousarray(photo[..., ::-1])
    joints = _clear_pose(rgb)
    if joints is None:
        return
    skin = could_be_skin(photo)
    if _has_face(rgb, skin) or _bare_spots(photo, skin, joints) >= 2:
        raise Refusal(
            "garment_has_person",
            f"A person wears the {slot} in its photo: use a photo of the {slot} alone, laid flat "
            "on a plain ground, or cut it out of the photo first.",
            slot,
        )


def _clear_pose(rgb: Image) -> Points | None:
    found = mediapipe_graphs.run("pose", rgb)
    if not found or found["seen"][[11, 12, 23, 24]].min() < LEAST_SEEN:
        return None
    height, width = rgb.shape[:2]
    joints: Points = found["joints"] * (width, height)
    torso = (joints[23] + joints[24] - joints[11] - joints[12])[1] / 2
    return joints if torso > LEAST_TORSO * height else None


def _has_face(rgb: Image, skin: Mask) -> bool:
    for x, y, wide, tall, _ in face_boxes(rgb):
        part = skin[max(0, int(y)) : int(y + tall), max(0, int(x)) : int(x + wide)]
        if tall >= LEAST_FACE * rgb.shape[0] and part.size and part.mean() > LEAST_SKIN:
            return True
    return False


def _bare_spots(photo: Image, skin: Mask, joints: Points) -> int:
    """How many of nose and wrists show skin that has not the colour of the cloth."""
    lab = to_lab(photo)
    reach = max(3, int(SPOT * photo.shape[0]))
    chest = (joints[11] + joints[12] + joints[23] + joints[24]) / 4
    cloth = _spot(lab, chest, 3 * reach)
    if cloth is None:
        return 0
    middle = np.median(cloth.reshape(-1, 3), 0)
    count = 0
    for number in (NOSE, WRIST["A"], WRIST["B"]):
        here = _spot(skin, joints[number], reach)
        if here is None or here.mean() < LEAST_SKIN:
            continue
        colour = _spot(lab, joints[number], reach)
        assert colour is not None
        off = np.median(colour.reshape(-1, 3), 0) - middle
        count += bool(np.linalg.norm(off) > UNLIKE_CLOTH)
    return count


def _spot(field: Field, point: Point, reach: int) -> Field | None:
    """The square around a point; None outside the picture."""
    x, y = int(point[0]), int(point[1])
    if not (0 <= x < field.shape[1] and 0 <= y < field.shape[0]):
        return None
    return field[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
