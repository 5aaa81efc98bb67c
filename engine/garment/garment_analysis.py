"""Everything that is known of a garment photo, whoever is to wear it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from engine.arrays import Field, Image, Mask, Point, Points
from engine.garment.segmentation import LOW_CONTRAST, cut_out
from engine.imaging import codec
from engine.imaging.filters import disc, enlarge, fill_half, square
from engine.imaging.outlines import blank, bounds, fill, largest, outline

# As small as providers accept them, and as a parse may cut them out.
LEAST_PX = (150, 150)
MARGIN_PX = 12


@dataclass
class Sleeve:
    """A sleeve's outline in the garment's pixels, each path from the shoulder to the cuff."""

    outer: Points
    inner: Points
    cuff: Points


@dataclass
class Garment:
    """A garment cut out of its photo; coordinates are pixels of the crop around it.

    `image` H×W×3 uint8 BGR with the ground's tint taken off its rim; `alpha` H×W uint8, open at
    the neck; `mask` is the filled outline, which geometry uses: a white print is no hole.
    `points` names landmarks: armpit, hem, shoulder, neck (tops), waist (bottoms), each with the
    side "A" or "B" appended, and crotch. Treat it as read-only: the memory shares it.
    """

    slot: str
    image: Image
    alpha: Mask
    mask: Mask
    contour: Points
    contrast: float
    points: dict[str, Point] = field(default_factory=dict)
    axis: float = 0.0  # x of the middle
    sleeves: dict[str, Sleeve] = field(default_factory=dict)
    shape: str = ""  # "top", "dress", "trousers", "shorts" or "skirt"
    high_neck: bool = False
    warnings: tuple[str, ...] = ()
    cut_off: bool = False  # by the left or right edge of its photo; not kept in the memory

    @property
    def sleeved(self) -> bool:
        return bool(self.sleeves)

    @property
    def chest(self) -> float:
        """Pixels from armpit to armpit."""
        return float(self.points["armpitB"][0] - self.points["armpitA"][0])

    def pair(self, name: str) -> tuple[Point, Point]:
        return self.points[name + "A"], self.points[name + "B"]

    def middle(self, name: str) -> Point:
        a, b = self.pair(name)
        return (a + b) / 2

    def premultiplied(self) -> Field:
        """H×W×4 float32: colour times alpha, and alpha 0..1."""
        alpha = self.alpha.astype(np.float32) * np.float32(1 / 255)
        return np.dstack([self.image * alpha[..., None], alpha])

    # ------------------------------------------------------------------ memory
    def packed(self) -> dict[str, Any]:
        """Compact arrays from which `unpacked` makes the same garment again."""
        paths = {
            f"sleeve_{side}_{name}": getattr(sleeve, name)
            for side, sleeve in self.sleeves.items()
            for name in ("outer", "inner", "cuff")
        }
        return {
            "image": self.image,
            "alpha": self.alpha,
            "contour": self.contour,
            "numbers": np.array([self.contrast, self.axis, self.high_neck]),
            "words": np.array([self.slot, self.shape, *self.warnings]),
            "names": np.array(list(self.points)),
            "points": np.array(list(self.points.values())),
            **paths,
        }

    @classmethod
    def unpacked(cls, known: dict[str, Any]) -> Garment:
        """Raises KeyError or ValueError where `known` is not what `packed` made."""
        words = [str(word) for word in known["words"]]
        contrast, axis, high_neck = (float(v) for v in known["numbers"])
        sleeves = {
            side: Sleeve(*(known[f"sleeve_{side}_{name}"] for name in ("outer", "inner", "cuff")))
            for side in "AB"
            if f"sleeve_{side}_outer" in known
        }
        names = [str(name) for name in known["names"]]
        return cls(
            words[0],
            known["image"],
            known["alpha"],
            filled(known["contour"], known["alpha"].shape),
            known["contour"],
            contrast,
            dict(zip(names, known["points"], strict=True)),
            axis,
            sleeves,
            words[1],
            bool(high_neck),
            tuple(words[2:]),
        )


def filled(contour: Points, shape: tuple[int, ...]) -> Mask:
    mask = blank(shape)
    fill(mask, contour)
    return mask


def analyse(picture: Image, slot: str) -> Garment:
    """Cut out and measure the garment of a decoded photo of any size.

    Raises Refusal: image_too_small, garment_background_not_plain, garment_not_found,
    garment_has_person, garment_shape_unsupported.
    """
    from engine.garment import landmarks_bottom, landmarks_top, neckline, worn_check

    codec.check_size(picture, slot, LEAST_PX)
    photo = codec.fit(picture)
    worn_check.check_nobody(photo, slot)
    garment = _cropped(photo, slot)
    if slot == "bottom":
        landmarks_bottom.find(garment)
    else:
        landmarks_top.find(garment)
        neckline.open_neck(garment)
    _clean_rim(garment)
    return garment


def _cropped(photo: Image, slot: str) -> Garment:
    cutout = cut_out(photo, slot)
    mask = largest((cutout.alpha > 0.5).astype(np.uint8))
    alpha = cutout.alpha * cv2.dilate(mask, square(5))
    x, y, width, height = bounds(mask)
    x0, y0 = max(0, x - MARGIN_PX), max(0, y - MARGIN_PX)
    box = np.s_[y0 : y + height + MARGIN_PX, x0 : x + width + MARGIN_PX]
    contour = outline(np.ascontiguousarray(mask[box]))
    compact = np.round(alpha[box] * 255).astype(np.uint8)
    image = np.ascontiguousarray(photo[box])
    warnings = ("garment_low_contrast",) if cutout.contrast < LOW_CONTRAST else ()
    solid = filled(contour, compact.shape)
    cut_off = x <= 1 or x + width >= photo.shape[1] - 1
    return Garment(
        slot, image, compact, solid, contour, cutout.contrast, warnings=warnings, cut_off=cut_off
    )


def _clean_rim(garment: Garment) -> None:
    """Replace the outermost pixels, which the ground has tinted, by colours from inside."""
    reach = 3 if garment.contrast > 15 else 1
    solid = (garment.alpha > 127).astype(np.uint8)
    inner = cv2.erode(solid, disc(2 * reach + 1)) > 0
    plate = enlarge(fill_half(garment.image, inner), garment.mask.shape)
    garment.image = np.where(inner[..., None], garment.image, plate)
