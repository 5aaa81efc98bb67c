"""Tell a worn garment from a flat one: the engine can only use flat ones."""

from __future__ import annotations

import numpy as np

from .arrays import Image
from .colour import could_be_skin
from .errors import Refusal
from .pose import face_boxes

LEAST_FACE = 0.06  # of the picture's height
LEAST_SKIN = 0.4  # of the face


def check_nobody(photo: Image, slot: str) -> None:
    """Raise Refusal `garment_has_person` where a large, skin-coloured face is in the photo."""
    faces = face_boxes(np.ascontiguousarray(photo[..., ::-1]))
    height, width = photo.shape[:2]
    for x, y, wide, tall, _ in faces:
        x0, y0, x1, y1 = max(0, int(x)), max(0, int(y)), int(x + wide), int(y + tall)
        part = photo[y0:y1, x0:x1]
        if tall < LEAST_FACE * height or part.size == 0:
            continue
        if could_be_skin(part).mean() > LEAST_SKIN:
            raise Refusal(
                "garment_has_person",
                f"A face was found in the {slot} photo: use a photo of the {slot} alone, "
                "laid flat on a plain ground, or cut it out of the photo first.",
                slot,
            )
