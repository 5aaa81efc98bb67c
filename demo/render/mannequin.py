"""The studio mannequin: limbs, head and clothes as one signed distance field."""

from dataclasses import dataclass

import numpy as np

from demo.render.fields import smooth_min
from demo.render.head import hair, head
from demo.render.limbs import arm, hand, leg, shoe, torso
from demo.render.looks import Look
from demo.render.studio import F, Field, smoothstep

ARMHOLE_Y = [0.722, 0.735, 0.755, 0.78, 0.81, 0.9]
ARMHOLE_X = [0.2, 0.090, 0.0770, 0.0745, 0.0745, 0.07]


@dataclass
class Parts:
    """Distances of N points to all that the painter tells apart; `surface` is their union.

    folded: the points in the unposed half body (3 x N); x: across, before mirroring;
    top, shorts: how deep inside the clothes, negative outside.
    """

    surface: Field
    folded: Field
    x: Field
    top: Field
    shorts: Field
    shoe: Field
    hair: Field
    body: Field
    head: Field
    torso: Field
    arm: Field
    hand: Field


class Mannequin:
    def __init__(self, look: Look) -> None:
        self.look = look
        self.torso, self.arm, self.hand = torso(look), arm(look), hand(look)
        self.leg, self.shoe = leg(look), shoe(look)
        self.head, self.hair = head(look), hair(look.hair)

    def distance(self, p: Field) -> Field:
        return self.parts(p).surface

    def parts(self, p: Field) -> Parts:
        q, x = self._folded(p)
        chest = self.torso(_without_crease(q))
        arm_, hand_, head_ = self.arm(q), self.hand(q), self.head(q)
        top, shorts = self._top(q, chest, arm_), self._shorts(q, arm_)
        legs = smooth_min(chest, self.leg(q), 0.022)
        body = np.minimum(smooth_min(legs, arm_, 0.020), legs)
        body = self._dressed(body, q, top, shorts)
        body = smooth_min(smooth_min(body, hand_, 0.008), head_, 0.008)
        shoes, locks = np.maximum(self.shoe(q), -q[1]), self.hair(q)
        surface = np.minimum(np.minimum(body, shoes), locks)
        clothes = (top, shorts, shoes, locks)
        return Parts(surface, q, x, *clothes, body, head_, chest, arm_, hand_)

    def _folded(self, p: Field) -> tuple[Field, Field]:
        """Undo the relaxed pose (weight on one leg, tilted head), then mirror."""
        x, y, z = p
        sway, tilt = F(self.look.sway), F(self.look.tilt)
        x = x - sway * (smoothstep(0.05, 0.52, y) - smoothstep(0.55, 0.80, y) * F(0.9))
        x = x + tilt * smoothstep(0.84, 0.90, y) * (y - F(0.86))
        y = y - F(0.8) * sway * x * smoothstep(0.5, 0.75, y)
        return np.stack([np.abs(x), y, z]), x

    def _top(self, q: Field, chest: Field, arm_: Field) -> Field:
        x, y, z = q
        curve = (x / F(0.048)) ** 3
        front, back = F(0.742) + curve * F(0.060), F(0.775) + curve * F(0.045)
        neck = np.where(z > -0.018, front, back)
        wide = F(self.look.wide * (1.14 if self.look.male else 1))
        armhole = np.interp(y, ARMHOLE_Y, ARMHOLE_X).astype(F) * wide
        inside = np.minimum(np.minimum(neck - y, armhole - x), y - F(self.look.top_hem))
        return np.minimum(inside, (arm_ - chest) + F(0.004))

    def _shorts(self, q: Field, arm_: Field) -> Field:
        x, y, _ = q
        hem = y - F(self.look.shorts_hem) - F(0.10) * (x - F(0.05))
        inside = np.minimum(F(0.60) - y, hem)
        return np.minimum(np.minimum(inside, arm_ - F(0.004)), F(0.125) - x)

    def _dressed(self, body: Field, q: Field, top: Field, shorts: Field) -> Field:
        """The skin pushed out to the cloth; the shorts flare towards their hem."""
        flare = F(0.0025) + F(0.0075) * smoothstep(0.46, self.look.shorts_hem, q[1])
        jersey = F(0.0048) * smoothstep(0, 0.004, top)
        return body - np.maximum(jersey, flare * smoothstep(0, 0.004, shorts))


def _without_crease(q: Field) -> Field:
    """Mirrored halves meet at an edge: round it, or a crease runs down the middle."""
    soft = q.copy()
    soft[0] = np.sqrt(q[0] * q[0] + F(2.5e-5))
    return soft
