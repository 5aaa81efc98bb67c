"""The painted face, in head heights: hx across from the middle, hy above the chin."""

from dataclasses import dataclass

import numpy as np

from demo.render.looks import Look
from demo.render.studio import F, Field, linear, mix

INK = (38, 26, 24)
SCLERA = (206, 198, 193)
MOUTH_Y = 0.226
EYE_X, EYE_Y, EYE_HALF = 0.155, 0.508, 0.073


@dataclass
class Face:
    """Paints N points of the face; front: 1 where they face the camera; px: one pixel."""

    look: Look
    hx: Field
    hy: Field
    front: Field
    px: float

    def __post_init__(self) -> None:
        self.ax = np.abs(self.hx)

    def paint(self, colour: Field) -> Field:
        colour = self._nostrils(self._lips(self._blush(colour)))
        return self._brows(self._lids(self._eyes(colour)))

    def _inside(self, distance: Field, width: float = 1.5) -> Field:
        """1 inside a drawn shape (negative distance), antialiased over so many pixels."""
        return np.clip(F(0.5) - distance / F(self.px * width), 0, 1) * self.front

    def _glow(self, x: float, y: float, wide: float, high: float) -> Field:
        across, up = (self.ax - F(x)) / F(wide), (self.hy - F(y)) / F(high)
        return np.exp(-(across**2) - up**2) * self.front

    def _blush(self, colour: Field) -> Field:
        rosy = colour * np.array([1.10, 0.86, 0.84], F)
        colour = mix(colour, rosy, self._glow(0.20, 0.37, 0.075, 0.06) * F(self.look.blush))
        return mix(colour, colour * F(0.86), self._glow(0.155, 0.548, 0.10, 0.032) * F(0.8))

    def _lips(self, colour: Field) -> Field:
        half = 0.104 if self.look.male else 0.098
        u = np.clip(self.ax / F(half), 0, 1)
        # The corners lifted a little are the hint of a smile.
        hy = self.hy - F(0.010) * u**2 * (self.ax < half * 1.3)
        bow = F(0.026) - F(0.006) * np.exp(-((self.ax / F(0.014)) ** 2))
        above = hy - (F(MOUTH_Y) + bow * (1 - u ** F(1.6)))
        below = (F(MOUTH_Y) - F(0.040) * (1 - u ** F(2.2))) - hy
        lips = self._inside(np.maximum(np.maximum(above, below), self.ax - F(half)), 2)
        colour = mix(colour, linear(self.look.lips), lips * F(0.60 if self.look.male else 0.85))
        wave = hy - F(MOUTH_Y) - F(0.003) * np.cos(self.ax * 60)
        line = np.maximum(np.abs(wave) - F(0.0045), self.ax - F(half * 0.97))
        return mix(colour, colour * F(0.30), self._inside(line, 2) * F(0.75))

    def _nostrils(self, colour: Field) -> Field:
        hole = np.hypot((self.ax - F(0.040)) / F(1.5), self.hy - F(0.338)) - F(0.011)
        return mix(colour, colour * F(0.35), self._inside(hole, 2) * F(0.8))

    def _lid_lines(self) -> tuple[Field, Field, Field]:
        v = np.clip(np.abs(self.ax - F(EYE_X + 0.004)) / F(EYE_HALF), 0, 1)
        upper = F(EYE_Y) + F(0.027) * (1 - v ** F(2.2))
        return v, upper, F(EYE_Y) - F(0.017) * (1 - v ** F(2.6))

    def _eyes(self, colour: Field) -> Field:
        _, upper, lower = self._lid_lines()
        opening = np.maximum(self.hy - upper, lower - self.hy)
        sides = np.abs(self.ax - F(EYE_X + 0.004)) - F(EYE_HALF)
        eye = self._inside(np.maximum(opening, sides))
        away = np.hypot(self.ax - F(EYE_X), self.hy - F(EYE_Y + 0.005))
        colour = mix(colour, self._sclera(), eye)
        colour = mix(colour, linear(self.look.iris), eye * self._inside(away - F(0.035)))
        colour = mix(colour, linear(INK) * F(0.6), eye * self._inside(away - F(0.016)))
        lid_shadow = np.clip((self.hy - F(EYE_Y + 0.006)) / F(0.02), 0, 1)
        colour = mix(colour, colour * F(0.45), eye * lid_shadow * F(0.8))
        spot_x = self.ax - F(EYE_X) + np.sign(self.hx) * F(0.011)
        spot = np.hypot(spot_x, self.hy - F(EYE_Y + 0.015)) - F(0.0085)
        return mix(colour, np.ones(3, F), eye * self._inside(spot) * F(0.9))

    def _sclera(self) -> Field:
        """The white of an eye is never brighter than the face around it by much."""
        return linear(SCLERA) * F(0.55) + linear(self.look.skin) * F(0.40)

    def _lids(self, colour: Field) -> Field:
        v, upper, lower = self._lid_lines()
        skin, thick = linear(self.look.skin), (0.0060 if self.look.male else 0.0085)
        heavier_outside = F(thick) * (F(0.55) + F(0.9) * v * (self.ax > EYE_X))
        lash = np.abs(self.hy - upper - F(0.003)) - heavier_outside
        lash = np.maximum(lash, np.abs(self.ax - F(EYE_X + 0.007)) - F(EYE_HALF * 1.02))
        colour = mix(colour, linear(INK), self._inside(lash, 1.6) * F(0.92))
        beside = np.abs(self.ax - F(EYE_X))
        rim = np.maximum(np.abs(self.hy - lower + F(0.002)) - F(0.0028), beside - F(EYE_HALF * 0.9))
        colour = mix(colour, skin * F(0.45), self._inside(rim, 1.6) * F(0.45))
        crease = np.maximum(np.abs(self.hy - upper - F(0.021)) - F(0.0032), beside - F(EYE_HALF))
        return mix(colour, skin * F(0.55), self._inside(crease, 2) * F(0.45))

    def _brows(self, colour: Field) -> Field:
        along = (self.ax - F(0.060)) / F(0.185)
        arch = F(0.606) + F(0.030) * np.sin(np.clip(along, 0, 1) * F(2.3)) - F(0.012) * along
        thinner_outside = np.clip(F(1.15) - F(0.85) * along, 0.2, 1)
        half = F(0.0165 if self.look.male else 0.0125) * thinner_outside
        ends = np.maximum(-along, along - 1) * F(0.185)
        brow = self._inside(np.maximum(np.abs(self.hy - arch) - half, ends), 3)
        return mix(colour, linear(self.look.hair_colour) * F(0.8), brow * F(0.82))
