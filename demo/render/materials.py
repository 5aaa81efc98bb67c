"""What every point of the mannequin is made of: skin, jersey, twill, rubber, hair."""

from dataclasses import dataclass

import numpy as np

from demo.render.face import Face
from demo.render.head import CHIN, HEAD
from demo.render.looks import Look
from demo.render.mannequin import Parts
from demo.render.studio import F, Field, Rgb, blur, cloud, linear, mix, smoothstep, white_noise

PHOTO_HEIGHT = 1024
SOLE, LACE = (236, 234, 230), (245, 245, 245)


@dataclass
class Finish:
    """Per point: linear colour, strength and sharpness of the gloss, how far light seeps in."""

    colour: Field
    gloss: Field
    sharpness: Field
    seep: Field
    bump: Field


def line_at(distance: Field, width: float) -> Field:
    """A soft line along the zeros of a distance."""
    return np.exp(-((distance / F(width)) ** 2))


class Grain:
    """A picture's noise, drawn once (rows x columns); points look it up by their pixel."""

    def __init__(self, shape: tuple[int, int], seed: int) -> None:
        rng, k = np.random.default_rng(seed), shape[0] / PHOTO_HEIGHT
        self.mottle = cloud(rng, shape, 9 * k)
        self.fine = white_noise(rng, shape)
        folds = cloud(rng, shape, 15 * k, (0.55, 1.7), 2)
        folds = folds + F(0.7) * cloud(rng, shape, 26 * k, (1.5, 0.6), 2)
        self.fold_y, self.fold_x = (g * F(k) for g in np.gradient(blur(folds, 1.5 * k)))
        self.strands = cloud(rng, shape, 1.3 * k, (40, 0.6), 2)


@dataclass
class Painter:
    """Paints N hit points; at: their pixels' rows and columns; normal: 3 x N; px: body heights."""

    look: Look
    grain: Grain
    at: tuple[np.ndarray, np.ndarray]
    parts: Parts
    normal: Field
    px: float

    def finish(self) -> Finish:
        finish = self._skin()
        self._face(finish)
        self._clothes(finish)
        self._shoes(finish)
        self._hair(finish)
        return finish

    def _skin(self) -> Finish:
        p, y, n = self.parts, self.parts.folded[1], self.parts.x.size
        grain = 1 + F(0.018) * self.grain.mottle[self.at] + F(0.010) * self.grain.fine[self.at]
        colour = linear(self.look.skin) * grain[:, None]
        knees, elbows = line_at(y - F(0.288), 0.030), line_at(y - F(0.625), 0.024)
        warm = F(0.5) * knees + F(0.8) * (p.hand < p.arm) + F(0.4) * elbows * (p.arm < p.torso)
        rosy = colour * np.array([1.02, 0.88, 0.86], F)
        colour = mix(colour, rosy, np.clip(warm, 0, 1) * F(0.6))
        flat = np.zeros((2, n), F)
        return Finish(colour, np.full(n, 0.13, F), np.full(n, 22, F), np.ones(n, F), flat)

    def _face(self, finish: Finish) -> None:
        _, y, z = self.parts.folded
        hx, hy = self.parts.x / F(HEAD), (y - F(CHIN)) / F(HEAD)
        face = (self.parts.head < 0.004) & (hy > -0.02) & (z > 0.15 * HEAD)
        i = np.flatnonzero(face)
        if i.size:
            front = np.clip(self.normal[2, i] * F(2.5), 0, 1)
            painted = Face(self.look, hx[i], hy[i], front, self.px / HEAD).paint(finish.colour[i])
            finish.colour[i] = painted

    def _clothes(self, finish: Finish) -> None:
        y, p = self.parts.folded[1], self.parts
        top, shorts = (smoothstep(0, 0.0014, depth) for depth in (p.top, p.shorts))
        shorts = shorts * (1 - top)
        self._wear(finish, top, self._cloth(self.look.top, p.top), np.where(y < 0.66, 1, 0.55))
        twill = self._cloth(self.look.shorts, p.shorts) * self._shorts_seams()[:, None]
        self._wear(finish, shorts, twill, np.full_like(y, 0.8))
        cloth = np.maximum(top, shorts)
        finish.gloss *= 1 - F(0.85) * cloth
        finish.sharpness *= 1 - F(0.6) * cloth
        finish.seep *= 1 - cloth

    def _wear(self, finish: Finish, mask: Field, cloth: Field, folds: Field) -> None:
        finish.colour = mix(finish.colour, cloth, mask)
        relief = np.stack([self.grain.fold_x[self.at], self.grain.fold_y[self.at]])
        finish.bump += mask * folds.astype(F) * relief * F(1.1)

    def _cloth(self, colour: Rgb, depth: Field) -> Field:
        """Plain cloth with a stitched band along every edge."""
        grain = 1 + F(0.016) * self.grain.fine[self.at] + F(0.012) * self.grain.mottle[self.at]
        band = F(0.22) * line_at(depth - F(0.0085), 0.0011) + F(0.30) * line_at(depth, 0.0012)
        return linear(colour) * (grain * (1 - band))[:, None]

    def _shorts_seams(self) -> Field:
        q, y = self.parts.folded, self.parts.folded[1]
        middle = F(0.45) * line_at(self.parts.x, 0.0011) * (y > 0.475)
        slanted = line_at(q[0] - F(0.083) + F(0.12) * (F(0.545) - y), 0.0012)
        return (1 - middle) * (1 - F(0.25) * slanted * (y > 0.49) * (y < 0.57))

    def _shoes(self, finish: Finish) -> None:
        x, y, z = self.parts.folded
        mask = smoothstep(0.0005, -0.0005, self.parts.shoe - self.parts.body)
        leather = np.broadcast_to(linear(self.look.shoes), finish.colour.shape)
        leather = mix(leather, linear(SOLE)[None], smoothstep(0.0125, 0.0110, y))
        rows, tongue = np.abs(np.sin(z * 330)) > 0.55, np.abs(x - F(0.0735)) < 0.010
        lace = rows & tongue & (z > 0) & (z < 0.050) & (self.normal[1] > 0.25)
        leather = mix(leather, linear(LACE)[None], lace * F(0.8))
        leather = leather * (1 - F(0.5) * line_at(y - F(0.012), 0.0012))[:, None]
        finish.colour = mix(finish.colour, leather, mask)
        finish.gloss = finish.gloss * (1 - mask) + F(0.10) * mask
        finish.seep *= 1 - mask

    def _hair(self, finish: Finish) -> None:
        strand = self.grain.strands[self.at]
        grown = self.parts.hair - self.parts.body + F(0.0006) * strand
        mask = smoothstep(0.0012, -0.0012, grown)
        tone = np.clip(1 + F(0.30) * strand, 0.4, 1.9)
        finish.colour = mix(finish.colour, linear(self.look.hair_colour) * tone[:, None], mask)
        finish.bump[0] += mask * F(0.05) * strand
        shine = F(0.10 if self.look.hair == "crop" else 0.17) * np.clip(1 + F(0.8) * strand, 0, 3)
        finish.gloss = finish.gloss * (1 - mask) + shine * mask
        finish.sharpness = finish.sharpness * (1 - mask) + 14 * mask
        finish.seep *= 1 - mask
