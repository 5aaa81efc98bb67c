"""The analysis of a garment: its cut-out, landmarks and sleeves."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.arrays import Arrays, Field, Image, Mask, Point, Points
from engine.imaging.outlines import polygon


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
    side "A" or "B" appended, and crotch. Treat it as read-only: the cache shares it.
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
    cut_off: bool = False  # by the left or right edge of its photo; not in the cache

    @property
    def sleeved(self) -> bool:
        """Whether its outline showed two sleeves."""
        return bool(self.sleeves)

    @property
    def chest(self) -> float:
        """Pixels from armpit to armpit."""
        return float(self.points["armpitB"][0] - self.points["armpitA"][0])

    def pair(self, name: str) -> tuple[Point, Point]:
        """Return the landmarks of this name on side A and side B, in pixels."""
        return self.points[name + "A"], self.points[name + "B"]

    def middle(self, name: str) -> Point:
        """Return the point halfway between both sides' landmarks of this name, in pixels."""
        a, b = self.pair(name)
        return (a + b) / 2

    def premultiplied(self) -> Field:
        """H×W×4 float32: colour times alpha, and alpha 0..1."""
        alpha = self.alpha.astype(np.float32) * np.float32(1 / 255)
        return np.dstack([self.image * alpha[..., None], alpha])

    # ------------------------------------------------------------------- cache
    def packed(self) -> Arrays:
        """Return compact arrays from which `unpacked` makes the same garment again."""
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
            "texts": np.array([self.slot, self.shape, *self.warnings]),
            "names": np.array(list(self.points)),
            "points": np.array(list(self.points.values())),
            **paths,
        }

    @classmethod
    def unpacked(cls, known: Arrays) -> Garment:
        """Return a garment from `packed` arrays. Raises KeyError or ValueError for others."""
        texts = [str(text) for text in known["texts"]]
        height, width = known["alpha"].shape
        contrast, axis, high_neck = (float(v) for v in known["numbers"])
        sleeves = {
            side: Sleeve(*(known[f"sleeve_{side}_{name}"] for name in ("outer", "inner", "cuff")))
            for side in "AB"
            if f"sleeve_{side}_outer" in known
        }
        names = [str(name) for name in known["names"]]
        return cls(
            texts[0],
            known["image"],
            known["alpha"],
            polygon((height, width), known["contour"]),
            known["contour"],
            contrast,
            dict(zip(names, known["points"], strict=True)),
            axis,
            sleeves,
            texts[1],
            bool(high_neck),
            tuple(texts[2:]),
        )
