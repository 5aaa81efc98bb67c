"""The sleeveless dress on the flat-lay table, in a printed cloth."""

from dataclasses import dataclass

import cv2
import numpy as np

from demo.render.flatlay import Sheet
from demo.render.folds import drapes, pulls, soft_folds
from demo.render.outline import BOTH_SIDES, H, W, moved, path, whole
from demo.render.studio import F, Field, Rgb, linear, tint


@dataclass(frozen=True)
class Flowers:
    """A scattered flower print: the ground, three petals, leaf and heart."""

    ground: Rgb
    petals: tuple[Rgb, Rgb, Rgb]
    leaf: Rgb
    heart: Rgb

    def print_on(self, sheet: Sheet) -> Field:
        cloth = np.empty((*sheet.shape, 3), F)
        cloth[:] = linear(self.ground)
        for row, y in enumerate(range(20, H, 62)):
            for x in range(40 * (row % 2), W, 80):
                at = np.array([x, y]) + sheet.rng.uniform(-15, 15, 2)
                self._draw(cloth, sheet, at)
        return sheet.soften(cloth, 0.5)

    def _draw(self, cloth: Field, sheet: Sheet, at: np.ndarray) -> None:
        rng, size = sheet.rng, sheet.rng.uniform(8, 13)
        turn, petal = rng.uniform(0, 2 * np.pi), self.petals[rng.integers(0, 3)]
        shapes = [(a, 1.5, (0.75, 0.26), self.leaf) for a in (turn + 0.5, turn + 2.6)]
        shapes += [(turn + k * 0.4 * np.pi, 0.62, (0.52, 0.40), petal) for k in range(5)]
        shapes += [(0, 0, (0.30, 0.30), self.heart)]
        for angle, out, axes, ink in shapes:
            away = np.array([np.cos(angle), np.sin(angle)]) * out * size
            centre = _pixels((at + away) * sheet.detail)
            _ellipse(cloth, centre, _pixels(np.array(axes) * size * sheet.detail), angle, ink)


def _pixels(v: np.ndarray) -> tuple[int, int]:
    return int(v[0]), int(v[1])


def _ellipse(
    cloth: Field, centre: tuple[int, int], axes: tuple[int, int], angle: float, ink: Rgb
) -> None:
    colour = linear(ink).tolist()
    cv2.ellipse(cloth, centre, axes, np.degrees(angle), 0, 360, colour, -1, cv2.LINE_AA)


NECK = "M366 88 C360 160 392 218 450 218 C508 218 540 160 534 88"
ARMHOLE = "M600 106 C592 180 596 240 622 290"


def dress(sheet: Sheet, flowers: Flowers) -> None:
    cloth = flowers.print_on(sheet)
    bodice = soft_folds(sheet, 0.8)
    for x, angle in ((590, 200), (310, -20)):
        bodice = bodice + pulls(sheet, x, 505, angle, 130, 5)
    drape = drapes(sheet, 500, 1110, 9, 8, 1.3) + soft_folds(sheet, 0.5)
    _lay(sheet, cloth, bodice, drape, flowers.ground)
    _face_hem(sheet, flowers.ground)
    _sew(sheet, tint(flowers.ground, 0.3))


def _lay(sheet: Sheet, cloth: Field, bodice: Field, drape: Field, ground: Rgb) -> None:
    """Back of the neck, skirt, bodice, then the waistband over their join."""
    back = whole("M450 118 Q504 116 536 87 L562 110 L562 230 L450 270")
    sheet.panel(back, tint(ground, -0.26), thick=2, cast=0, dark=0.8)
    skirt = whole("M450 496 Q540 500 584 496 C634 690 704 900 776 1090 Q620 1140 450 1136")
    sheet.panel(skirt, cloth, folds=drape, cast=0.1)
    neck, side = "M450 218 C508 218 540 160 534 88 L600 106", "C592 180 596 240 622 290"
    body = whole(f"{neck} {side} C604 380 590 440 588 508 Q520 520 450 518")
    sheet.panel(body, cloth, folds=bodice, cast=0.30)
    band = whole("M450 492 Q530 494 590 484 L591 512 Q530 522 450 522")
    sheet.panel(band, ground, folds=bodice * F(0.4), thick=4, edge=4, cast=0.35)


def _face_hem(sheet: Sheet, ground: Rgb) -> None:
    """A plain band: a pale petal on the edge would be cut away with the paper."""
    left, right = "M90 1064 L110 1064 Q280 1118 450 1116", "Q620 1118 790 1064 L810 1064"
    band = path(f"{left} {right} L810 1150 L90 1150 L90 1064")
    sheet.paint(sheet.mask(band), ground)


def _sew(sheet: Sheet, thread: Rgb) -> None:
    neck, hem = path(NECK), path("M128 1072 Q280 1118 450 1116 Q620 1118 772 1072")
    sheet.seam(moved(neck, 0, 9), 1.6, 2.2, 0.25)
    sheet.topstitch(moved(neck, 0, 14), thread, 0.6)
    for side in BOTH_SIDES:
        sheet.seam(side(moved(path(ARMHOLE), -9, 0)), 1.6, 2.2, 0.25)
        bust_dart = path("M520 490 C524 420 532 370 546 330")
        sheet.seam(side(bust_dart), 1.6, 2.2, 0.25)
    sheet.seam(hem, 1.2, 2, 0.15)
    sheet.topstitch(moved(hem, 0, -4), thread)
