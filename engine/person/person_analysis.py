"""Analyse a person photo, independently of any garment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from engine.arrays import Arrays, Field, Image, Mask, Points
from engine.compositing.shading import Folds, folds_of
from engine.imaging import codec
from engine.imaging.colour import lab_to_bgr, to_lab
from engine.imaging.filters import enlarge, fill_half, square
from engine.person import pose
from engine.person.anatomy import Anatomy
from engine.person.body import Body, measure
from engine.person.matting import person_alpha
from engine.person.parsing import BOTTOM, SKIN, TOP, Parsed, parse_person

MARGIN_SIDE_SW, MARGIN_TALL_SW = 0.8, 0.3
SKIN_TONE_SHARE = 0.12  # of the median tone in the skin plate, against blotches
SKIN_COLOURED = (30.0, 7.0, 9.0)  # Lab distance under which cloth counts as skin coloured
LEAST_SKIN_PX = 200
PARTS_OF_BODY = ("trunk", "neck", "tip", "armpit", "bumps", "arm", "leg")


@dataclass
class Person:
    """A person in the window of the working picture around them.

    `photo` H×W×3 uint8 BGR at the working size, `box` x, y, width, height of the window in it;
    `alpha` (uint8) and `labels` (int8, see parse) have the window's shape, and so have all
    coordinates of `anatomy` and `body`. Treat it as read-only: the cache shares it.
    """

    photo: Image
    box: tuple[int, int, int, int]
    alpha: Mask
    labels: Mask
    skin: Points
    anatomy: Anatomy
    body: Body

    @property
    def window(self) -> tuple[slice, slice]:
        """The rows and columns of the window in `photo`."""
        x, y, width, height = self.box
        return np.s_[y : y + height, x : x + width]

    @property
    def image(self) -> Image:
        """The window of the photo, H×W×3 uint8 BGR."""
        return self.photo[self.window]

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the window."""
        return self.alpha.shape[0], self.alpha.shape[1]

    @property
    def sw(self) -> float:
        """Shoulder width in pixels."""
        return self.anatomy.frame.sw

    def coverage(self) -> Field:
        """Return alpha as float32 0..1."""
        return self.alpha.astype(np.float32) * np.float32(1 / 255)

    # ------------------------------------------ plates under the old garment
    @cached_property
    def _background(self) -> Image:
        empty = cv2.dilate((self.alpha > 7).astype(np.uint8), square(9)) == 0
        return fill_half(self.image, empty)

    @cached_property
    def _far_background(self) -> Image:
        empty = cv2.dilate((self.alpha > 7).astype(np.uint8), square(33)) == 0
        return fill_half(self.image, empty)

    @cached_property
    def _skin(self) -> Image:
        middle = lab_to_bgr(self.skin)
        known: Mask = cv2.erode((self.labels == SKIN).astype(np.uint8), square(7)) > 0
        known &= self.alpha > 247
        known &= (np.abs(to_lab(self.image) - self.skin) < (60, 16, 18)).all(-1)
        if known.sum() <= LEAST_SKIN_PX:
            return np.broadcast_to(middle, (8, 8, 3)).astype(np.uint8)
        plate = cv2.GaussianBlur(fill_half(self.image, known), (0, 0), 1.5)
        mixed = plate * (1 - SKIN_TONE_SHARE) + middle * SKIN_TONE_SHARE
        return np.round(mixed).astype(np.uint8)

    @cached_property
    def _bottom(self) -> Image | None:
        known = cv2.erode((self.labels == BOTTOM).astype(np.uint8), square(9)) > 0
        return fill_half(self.image, known) if known.sum() > 500 else None

    def background_plate(self) -> Image:
        """Return the picture without the person, H×W×3 uint8."""
        return enlarge(self._background, self.shape)

    def far_background_plate(self) -> Image:
        """Return `background_plate` from pixels well away from the person only."""
        return enlarge(self._far_background, self.shape)

    def skin_plate(self) -> Image:
        """Return the skin continued under the clothes, H×W×3 uint8."""
        return enlarge(self._skin, self.shape)

    def bottom_plate(self) -> Image | None:
        """Return the bottom's cloth continued upwards, H×W×3 uint8; None without a bottom."""
        return None if self._bottom is None else enlarge(self._bottom, self.shape)

    @cached_property
    def top_folds(self) -> Folds:
        """The folds of the worn top."""
        return folds_of(self.image, self.labels == TOP, self.sw)

    @cached_property
    def bottom_folds(self) -> Folds:
        """The folds of the worn bottom."""
        return folds_of(self.image, self.labels == BOTTOM, self.sw)

    # ---------------------------------------------------------------- warnings
    def skin_coloured(self, label: int) -> bool:
        """Tell whether the worn top or bottom has the colour of the skin."""
        cloth = to_lab(self.image)[self.labels == label]
        if len(cloth) < LEAST_SKIN_PX:
            return False
        return bool((np.abs(np.median(cloth, 0) - self.skin) < SKIN_COLOURED).all())

    # ------------------------------------------------------------------- cache
    def packed(self) -> Arrays:
        """Return compact arrays from which `unpacked` makes the same person again."""
        body = self.body
        sides = {
            f"{name}_{side}": getattr(body, name)[side] for name in PARTS_OF_BODY for side in "AB"
        }
        return {
            "box": np.array(self.box),
            "alpha": self.alpha,
            "labels": self.labels,
            "skin": self.skin,
            "joints": self.anatomy.joints,
            "seen": self.anatomy.seen,
            **sides,
        }

    @classmethod
    def unpacked(cls, photo: Image, known: Arrays) -> Person:
        """Return a person from `packed` arrays. Raises KeyError or ValueError for others."""
        x, y, width, height = (int(v) for v in known["box"])
        if known["alpha"].shape != (height, width) or known["labels"].shape != (height, width):
            raise ValueError("the window has another shape")
        sides = {name: {side: known[f"{name}_{side}"] for side in "AB"} for name in PARTS_OF_BODY}
        return cls(
            photo, (x, y, width, height), known["alpha"], known["labels"], known["skin"],
            Anatomy(known["joints"], known["seen"], (height, width)),
            Body(**sides),
        )  # fmt: skip


def analyse(picture: Image) -> Person:
    """Find, cut out, label and measure the person of a decoded photo of any size.

    Raises Refusal: image_too_small and the codes of `pose.find`.
    """
    codec.check_size(picture, "person")
    photo = codec.fit(picture)
    found = pose.find(photo)
    alpha = person_alpha(photo, found)
    box = _window(alpha, pose.Frame.of(found.joints).sw)
    x, y, width, height = box
    crop = np.s_[y : y + height, x : x + width]
    anatomy = Anatomy(found.moved(-x, -y), found.seen, (height, width))
    alpha = np.ascontiguousarray(alpha[crop])
    image = np.ascontiguousarray(photo[crop])
    parsed: Parsed = parse_person(image, alpha, anatomy, photo.shape[0] * photo.shape[1])
    body = measure(anatomy, alpha > 0.5, parsed.labels)
    compact = np.round(alpha * 255).astype(np.uint8)
    return Person(photo, box, compact, parsed.labels, parsed.skin, anatomy, body)


def _window(alpha: Field, sw: float) -> tuple[int, int, int, int]:
    """The person with a margin that sleeves, skirts and shadows fit into."""
    x, y, width, height = cv2.boundingRect((alpha > 0.02).astype(np.uint8))
    side, tall = int(MARGIN_SIDE_SW * sw), int(MARGIN_TALL_SW * sw)
    x0, y0 = max(0, x - side), max(0, y - tall)
    x1 = min(alpha.shape[1], x + width + side)
    y1 = min(alpha.shape[0], y + height + tall)
    return x0, y0, x1 - x0, y1 - y0
