"""Cut the worn top, bottom or dress out of a person photo."""

from __future__ import annotations

import cv2
import numpy as np

from engine.arrays import Field, Image, Mask
from engine.imaging.codec import on_plain_ground
from engine.imaging.colour import Mixture, to_lab
from engine.imaging.filters import disc, guided_colour
from engine.imaging.outlines import pieces_over
from engine.person.parsing import BOTTOM, TOP
from engine.person.person_analysis import Person

LEAST_SHARE = 0.004  # of the picture
PIECE_SHARE = 0.04  # of the largest piece
MARGIN_PX = 12
# How much less likely the bottom's colours may be under the top's model in a one-piece dress.
ONE_PIECE_GAP = 2.0


def worn_part_alpha(person: Person, part: str) -> Field | None:
    """Return the alpha of the worn part in the window, H×W float32; None where it is absent."""
    one_piece = is_one_piece(person)
    if (part == "dress") != one_piece:
        return None
    labels = {"top": (TOP,), "bottom": (BOTTOM,), "dress": (TOP, BOTTOM)}[part]
    mask: Mask = np.isin(person.labels, labels).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disc(9))
    mask = pieces_over(mask, PIECE_SHARE)
    if cv2.countNonZero(mask) < LEAST_SHARE * person.photo.shape[0] * person.photo.shape[1]:
        return None
    fine = guided_colour(person.image, mask.astype(np.float32), 5, 2e-4)
    return np.clip((fine - 0.1) / 0.8, 0, 1) * person.coverage()


def is_one_piece(person: Person) -> bool:
    """Tell whether top and bottom are one dress: the same colours on both sides of the waist."""
    lab = to_lab(person.image)
    _, v = person.anatomy.frame.fields(person.shape)
    cloth = (person.labels == TOP) | (person.labels == BOTTOM)
    above, below = lab[cloth & (v > 0.3) & (v < 0.75)], lab[cloth & (v > 1.05) & (v < 1.5)]
    if len(above) < 400 or len(below) < 400:
        return False
    return max(_gap(above, below), _gap(below, above)) < ONE_PIECE_GAP


def _gap(known: Mask, other: Mask) -> float:
    model = Mixture.fitted(known, 3)
    usual = np.percentile(model.log_likelihood(known), 25)
    return float(usual - np.percentile(model.log_likelihood(other), 25))


def cut_out_part(
    picture: Image, person: Person, alpha: Field
) -> tuple[Image, Image, tuple[int, ...]]:
    """Return the part at the photo's size: BGRA, BGR on a light ground, and x1, y1, x2, y2."""
    whole = np.zeros(person.photo.shape[:2], np.float32)
    whole[person.window] = alpha
    size = (picture.shape[1], picture.shape[0])
    if size != (whole.shape[1], whole.shape[0]):
        whole = np.clip(cv2.resize(whole, size, interpolation=cv2.INTER_LINEAR), 0, 1)
    x, y, width, height = cv2.boundingRect((whole > 0.5).astype(np.uint8))
    x0, y0 = max(0, x - MARGIN_PX), max(0, y - MARGIN_PX)
    x1, y1 = min(size[0], x + width + MARGIN_PX), min(size[1], y + height + MARGIN_PX)
    box = np.s_[y0:y1, x0:x1]
    colour, share = picture[box], whole[box]
    cutout = np.dstack([colour, np.round(share * 255).astype(np.uint8)])
    return cutout, on_plain_ground(colour, share), (x0, y0, x1, y1)
