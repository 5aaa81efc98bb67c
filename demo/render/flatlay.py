"""The flat-lay table: panels laid from back to front, then lit from the upper left."""

import cv2
import numpy as np

from demo.render.outline import H, Points, W, fill, stitches, stroke
from demo.render.studio import F, Field, Photo, Rgb, blur, develop, linear, mix, white_noise

PAPER = (236, 237, 238)
BUTTONHOLE = (60, 55, 50)
LIGHT = np.array([-0.46, -0.58, 0.67], F)
NOISE_CELLS = 96
SMALL_STITCH = (4.5, 2.5)


class Sheet:
    """The photo being built: colour, height, folds and shadows as maps of one size.

    Coordinates are in table units (900 x 1200); `detail` is pixels per unit.
    """

    def __init__(self, seed: int, detail: float = 2, down: float = 0, shadow: float = 1) -> None:
        self.detail, self.down, self.shadow = detail, down, shadow
        self.rng = np.random.default_rng(seed)
        self.shape = (round(H * detail), round(W * detail))
        rows, columns = np.mgrid[: self.shape[0], : self.shape[1]].astype(F)
        self.x, self.y = (columns + F(0.5)) / F(detail), (rows + F(0.5)) / F(detail) - F(down)
        self.colour = np.zeros((*self.shape, 3), F)
        self.height, self.alpha = self.blank(), self.blank()
        # Soft folds run on past the outline, so that a hem does not end them like a cliff.
        self.folds = self.blank()
        self.shade = np.ones(self.shape, F)
        self.phase = self.rng.uniform(0, 6.28, 4)
        self.weave = white_noise(self.rng, self.shape)
        self.cloud = self.noise(70)

    def blank(self) -> Field:
        return np.zeros(self.shape, F)

    def soften(self, image: Field, units: float) -> Field:
        return blur(image, units * self.detail)

    def step(self, signed: Field) -> Field:
        """1 where the signed distance (units) is positive, with an antialiased edge."""
        return np.clip(signed * F(self.detail * 0.7) + F(0.5), 0, 1)

    def away(self, x: float, y: float) -> Field:
        """The distance of every pixel from a point."""
        return np.hypot(self.x - F(x), self.y - F(y))

    def noise(
        self,
        scale: float,
        stretch: tuple[float, float] = (1, 1),
        angle: float = 0,
        octaves: int = 3,
    ) -> Field:
        """Unit-deviation smooth noise, drawn out by stretch (down, across), turned by degrees."""
        cos, sin = F(np.cos(np.radians(angle))), F(np.sin(np.radians(angle)))
        u, v = cos * self.x + sin * self.y, -sin * self.x + cos * self.y
        out = self.blank()
        for octave in range(octaves):
            cell = scale / 2**octave
            layer = self._octave(u / F(cell * stretch[1]), v / F(cell * stretch[0]))
            out += layer * F(0.5**octave)
        return self.soften(out / out.std(), 0.035 * scale)

    def _octave(self, u: Field, v: Field) -> Field:
        grid = np.pad(white_noise(self.rng, (NOISE_CELLS, NOISE_CELLS)), 6, mode="wrap")
        grid = blur(grid, 1.0)[6:-6, 6:-6]
        u, v = np.mod(u, NOISE_CELLS), np.mod(v, NOISE_CELLS)
        wrap = cv2.BORDER_WRAP
        return cv2.remap(grid / grid.std(), u, v, cv2.INTER_CUBIC, borderMode=wrap)

    def hand_laid(self, points: Points, amount: float = 2.2) -> Points:
        """Outlines of laid cloth are never quite straight or symmetrical."""
        (x, y), a = points.T, self.phase
        dx = np.sin(y / 90 + a[0]) + 0.6 * np.sin(y / 37 + x / 130 + a[1])
        dy = np.sin(x / 80 + a[2]) + 0.6 * np.sin(x / 41 + y / 150 + a[3])
        return points + amount * np.stack([dx, 0.4 * dy], 1) + [0, self.down]

    def mask(self, outline: Points, soft: float = 0.5) -> Field:
        drawn = fill(self.hand_laid(outline), self.shape, self.detail)
        return self.soften(drawn.astype(F) / 255, soft)

    def line(self, points: Points, width: float, dash: tuple[float, float] | None = None) -> Field:
        laid = self.hand_laid(points)
        runs = stitches(laid, *dash) if dash else [laid]
        return stroke(runs, width, self.shape, self.detail).astype(F) / 255

    def shifted(self, image: Field, right: float, down: float) -> Field:
        pixels = (round(down * self.detail), round(right * self.detail))
        return np.roll(image, pixels, (0, 1))

    def panel(
        self,
        outline: Points,
        colour: Rgb | Field,
        *,
        folds: Field | float = 0.0,
        thick: float = 5.0,
        edge: float = 7.0,
        cast: float = 0.35,
        dark: float = 1.0,
    ) -> Field:
        """Lay a panel over what is there and return its mask.

        colour: one 8-bit sRGB colour, or a whole map in linear light. folds: a height map.
        thick, edge: the height of its border and how wide it rounds. cast: its shadow below.
        """
        mask = self.mask(outline)
        self._cast_shadow(mask, cast)
        solid = (mask > 0.5).astype(np.uint8)
        inside = cv2.distanceTransform(solid, cv2.DIST_L2, 5) / F(self.detail)
        over = np.maximum(mask, 1 - self.alpha)
        self.folds = self.folds * (1 - over) + folds * over
        self.colour = mix(self.colour, self._cloth(colour) * F(dark), mask)
        rounded = F(thick) * (1 - np.exp(-inside / F(edge)))
        self.height = self.height * (1 - mask) + (self.height * F(0.35) + rounded) * mask
        worn_edge = F(0.90) + F(0.10) * np.clip(inside / 14, 0, 1)
        self.shade = self.shade * (1 - mask) + mask * worn_edge
        self.alpha = np.maximum(self.alpha, mask)
        return mask

    def _cast_shadow(self, mask: Field, cast: float) -> None:
        shadow = self.soften(self.shifted(mask, 4, 5), 5)
        self.shade *= 1 - F(cast) * shadow * (1 - mask) * self.alpha

    def _cloth(self, colour: Rgb | Field) -> Field:
        base = colour if isinstance(colour, np.ndarray) else linear(colour)
        grain = 1 + F(0.07) * self.soften(self.weave, 0.5) + F(0.02) * self.cloud
        return base * grain[..., None]

    def seam(
        self, points: Points, depth: float = 1.6, width: float = 2.2, dark: float = 0.2
    ) -> None:
        """Press a groove."""
        groove = self.soften(self.line(points, width), 0.8) * self.alpha
        self.height -= F(depth) * groove
        self.shade *= 1 - F(dark) * groove

    def stitch(
        self,
        points: Points,
        thread: Rgb,
        dash: tuple[float, float] = (6, 3.2),
        width: float = 1.3,
        strength: float = 0.75,
    ) -> None:
        """Sew a line: the thread stands up, the cloth around it is pulled down."""
        sewn = self.line(points, width, dash) * self.alpha * F(strength)
        self.colour = mix(self.colour, linear(thread), sewn)
        pulled = self.soften(self.line(points, width * 1.2), 1)
        self.height += F(0.5) * sewn - F(0.9) * pulled * self.alpha

    def topstitch(self, points: Points, thread: Rgb, strength: float = 0.5) -> None:
        self.stitch(points, thread, SMALL_STITCH, 1.0, strength)

    def paint(self, mask: Field, colour: Rgb | Field, strength: float = 1.0) -> None:
        """Print a colour onto the cloth; it keeps the cloth's relief."""
        ink = colour if isinstance(colour, np.ndarray) else linear(colour)
        self.colour = mix(self.colour, ink, mask * self.alpha * F(strength))

    def rib(self, mask: Field, phase: Field, relief: float) -> None:
        """Knit ribs along the phase: raised, and darker in the grooves."""
        wave = np.sin(phase)
        self.height += mask * F(relief) * wave
        self.shade *= 1 - F(0.07) * mask * (1 - wave)

    def button(self, x: float, y: float, radius: float, colour: Rgb) -> None:
        away = self.away(x, y)
        disc = self.step(F(radius) - away)
        shadow = self.away(x + 1.5, y + 2) / F(radius * 1.15)
        self.shade *= 1 - F(0.35) * np.exp(-(shadow**4)) * (1 - disc)
        self.paint(disc, colour)
        rim = np.exp(-(((away - F(radius * 0.8)) / F(1.2)) ** 2))
        self.height += disc * (F(2.2) + F(1.4) * rim)
        off = radius * 0.27
        for right, down in ((-off, -off), (off, -off), (-off, off), (off, off)):
            hole = self.step(F(1.1) - self.away(x + right, y + down))
            self.paint(hole, BUTTONHOLE, 0.7)

    def finish(self) -> Photo:
        """Light the cloth, lay it on paper, develop: 900 x 1200 BGR uint8."""
        cloth, paper = self._lit_cloth(), self._paper()
        light = mix(paper, cloth, self.alpha)
        light = cv2.resize(light, (W, H), interpolation=cv2.INTER_AREA)
        return develop(light, int(self.rng.integers(1 << 30)), knee=0.93, grain=0.006)

    def _lit_cloth(self) -> Field:
        relief = self.height + self.folds
        gy, gx = np.gradient(self.soften(relief, 0.9))
        normal = np.stack([-gx * F(self.detail), -gy * F(self.detail), np.ones_like(gx)], -1)
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        facing = np.clip(normal @ LIGHT, 0, None) / LIGHT[2]
        hollow = np.clip((self.soften(relief, 14) - relief) / 14, 0, 1)
        light = (F(0.40) + F(0.60) * facing) * (1 - F(0.22) * hollow) * self.shade
        sheen = F(0.012) * np.clip(normal[..., 2:], 0, 1)
        return self.colour * np.clip(light, 0.18, 1.35)[..., None] + sheen

    def _paper(self) -> Field:
        contact = self.soften(self.shifted(self.alpha, 4, 6), 5)
        drop = self.soften(self.shifted(self.alpha, 14, 20), 22)
        off_x, off_y = self.x / W - F(0.4), (self.y + F(self.down)) / H - F(0.35)
        pool = F(1.02) - F(0.10) * (off_x**2 + off_y**2)
        dark = F(self.shadow) * (F(0.20) * contact + F(0.15) * drop)
        return linear(PAPER) * (pool * (1 - dark))[..., None]
