"""Tops on the flat-lay table: the tee, the striped long-sleeve, the polo."""

from dataclasses import dataclass

import numpy as np

from demo.render.flatlay import Sheet
from demo.render.folds import LEFT_ARMPIT, RIGHT_ARMPIT, pulls, torso_folds
from demo.render.outline import BOTH_SIDES, as_drawn, mirror, moved, path, whole
from demo.render.studio import F, Field, Rgb, linear, mix, tint

ARMHOLE = "C 682 330 660 410 668 482"
Cloth = Rgb | Field


@dataclass(frozen=True)
class Sleeve:
    """The right sleeve's outline, as SVG path pieces from the shoulder round to the armpit."""

    outer: str
    cuff: str
    inner: str
    hems: tuple[str, ...]


SHORT = Sleeve(
    outer="C 740 304 796 396 840 492",
    cuff="744 550",
    inner="C 716 528 690 505 668 482",
    hems=("M834 499 L738 556", "M829 492 L733 549"),
)
CUFFED = Sleeve(SHORT.outer, SHORT.cuff, SHORT.inner, hems=("M825 476 L726 538",))
LONG = Sleeve(
    outer="C 730 304 750 356 764 424 C 790 562 820 740 842 892",
    cuff="776 906",
    inner="C 752 760 716 610 668 482",
    hems=("M838 868 L772 882",),
)


@dataclass
class Shirt:
    """What all tops share. Pairs are (left, right) in the picture."""

    sleeve: Sleeve
    body: Cloth
    sleeves: tuple[Cloth, Cloth]
    inside: Rgb
    thread: Rgb
    folds: Field
    sleeve_folds: tuple[Field, Field]
    neck: float = 302

    def lay(self, sheet: Sheet) -> None:
        """Back of the neck, sleeves, then the body over them."""
        back = whole("M450 232 Q504 230 542 205 L562 222 L562 300 L450 360")
        sheet.panel(back, self.inside, thick=2, cast=0, dark=0.80)
        sheet.seam(path("M364 232 Q450 262 536 232"), 0.8, 2)
        for left_or_right in (0, 1):
            self._lay_sleeve(sheet, left_or_right)
        self._lay_body(sheet)

    def _lay_sleeve(self, sheet: Sheet, n: int) -> None:
        side, cut = BOTH_SIDES[n], self.sleeve
        outline = f"M692 276 {cut.outer} L{cut.cuff} {cut.inner} L 640 440 L 660 300"
        folds = self.folds * F(0.8) + self.sleeve_folds[n]
        sheet.panel(side(path(outline)), self.sleeves[n], folds=folds, cast=0.1)
        for hem in cut.hems:
            sheet.topstitch(side(path(hem)), self.thread)

    def _lay_body(self, sheet: Sheet) -> None:
        neckline = f"M450 {self.neck} C505 {self.neck} 545 270 540 206 L692 276"
        body = whole(f"{neckline} {ARMHOLE} C662 650 668 860 676 1012 Q560 1026 450 1022")
        sheet.panel(body, self.body, folds=self.folds, cast=0.30)
        for side in BOTH_SIDES:
            sheet.seam(side(path(f"M692 276 {ARMHOLE}")), 2.4, 2.4, 0.30)
            sheet.seam(side(path("M540 208 L692 278")), 1.0, 1.8, 0.12)
        for y in (988, 994):
            hem = path(f"M226 {y - 8} Q450 {y + 12} 674 {y - 8}")
            sheet.topstitch(hem, self.thread, 0.45)

    def knit_collar(self, sheet: Sheet, colour: Rgb) -> None:
        """A ribbed crew neck: the band in front, and the one behind it inside the neck."""
        n = self.neck
        inner = path(f"M360 206 C355 270 395 {n} 450 {n} C505 {n} 545 270 540 206")
        outer = path(f"M340 214 C336 284 388 {n + 23} 450 {n + 23} C512 {n + 23} 564 284 560 214")
        band = np.concatenate([inner, outer[::-1]])
        front = sheet.panel(band, colour, thick=4, edge=4, cast=0.22)
        ribs = np.arctan2(sheet.y - 190, sheet.x - 450) * F(190)
        sheet.rib(front, ribs, 0.8)
        sheet.topstitch(moved(outer, 0, 5), self.thread, 0.45)
        self._back_band(sheet, colour, front, ribs)

    @staticmethod
    def _back_band(sheet: Sheet, colour: Rgb, front: Field, ribs: Field) -> None:
        far, near = path("M360 206 Q450 246 540 206"), path("M536 222 Q450 262 364 222")
        band = sheet.mask(np.concatenate([far, near])) * (1 - front)
        sheet.paint(band, linear(colour) * F(0.85))
        sheet.height += band * F(1.5)
        sheet.rib(band, ribs, 0.6)


def short_sleeve_folds(sheet: Sheet) -> tuple[Field, Field]:
    return pulls(sheet, 232, 470, 200, 120, 4), pulls(sheet, 668, 470, -20, 120, 4)


def long_sleeve_folds(sheet: Sheet) -> tuple[Field, Field]:
    """Creases inside both elbows and below the armpits."""
    left = (130, 560, -20), (165, 640, 200), (*LEFT_ARMPIT, 160)
    right = (770, 560, 200), (735, 640, -20), (*RIGHT_ARMPIT, 20)
    creases = [[pulls(sheet, *at, 110, 5) for at in side] for side in (left, right)]
    return np.sum(creases[0], 0), np.sum(creases[1], 0)


def plain_shirt(sheet: Sheet, colour: Rgb, sleeve: Sleeve, folds: Field, neck: float) -> Shirt:
    inside, thread = tint(colour, -0.26), tint(colour, 0.32)
    creases = short_sleeve_folds(sheet)
    return Shirt(sleeve, colour, (colour, colour), inside, thread, folds, creases, neck)


@dataclass(frozen=True)
class DunesPrint:
    """The print's inks: a sun over three dunes, inside a ring."""

    sun: Rgb
    dunes: tuple[Rgb, Rgb, Rgb]
    ring: Rgb

    def paint(self, sheet: Sheet, ground: Rgb) -> None:
        worn = np.clip(F(1.05) + F(0.10) * sheet.noise(9, octaves=2), 0, 1) * F(0.93)
        away = np.hypot(sheet.x - 450, sheet.y - 520)
        disc = sheet.step(112 - away)
        sheet.paint(disc * worn, self.sun)
        shapes = zip((14, 18, 12), (535, 566, 600), self.dunes, strict=True)
        for n, (swing, level, ink) in enumerate(shapes):
            crest = F(level) + F(swing) * np.sin(sheet.x / 42 + F(n * 1.9))
            sheet.paint(disc * sheet.step(sheet.y - crest) * worn, ink)
        for y in (486, 502, 516):
            sheet.paint(disc * sheet.step(F(2.2) - np.abs(sheet.y - y)) * (sheet.y < 530), ground)
        sheet.paint(sheet.step(F(1.6) - np.abs(away - 122)) * worn, self.ring)


def tee(sheet: Sheet, colour: Rgb, print_: DunesPrint) -> None:
    folds = torso_folds(sheet) + pulls(sheet, 450, 1080, -90, 260, 3)
    shirt = plain_shirt(sheet, colour, SHORT, folds, 302)
    shirt.lay(sheet)
    shirt.knit_collar(sheet, tint(colour, -0.08))
    print_.paint(sheet, colour)


def stripes(sheet: Sheet, along: Field, ground: Rgb, ink: Rgb, first: float, last: float) -> Field:
    """A map of stripes between two positions; plain before (the yoke) and after (the hem).

    The collar stays plain too: the engine reads a striped one as part of the neckline.
    """
    period, width = F(44), F(0.30)
    centred = np.abs(np.mod(along / period, 1) - F(0.5))
    mask = sheet.step((centred - (F(0.5) - width / 2)) * period)
    mask = mask * ((along > first) & (along < last))
    return mix(np.broadcast_to(linear(ground), (*sheet.shape, 3)), linear(ink), mask)


def longsleeve(sheet: Sheet, ground: Rgb, ink: Rgb) -> None:
    folds = torso_folds(sheet, 1.1) + pulls(sheet, 450, 1080, -90, 260, 3)
    bend = F(0.30) * folds
    body = stripes(sheet, sheet.y + bend + 6, ground, ink, 404, 984)
    sleeves = []
    for sign in (-1, 1):
        lean = F(0.20 * sign) * (sheet.x - F(450 + sign * 240))
        along = (sheet.y - 280) * F(0.955) + lean + bend + 14
        sleeves.append(stripes(sheet, along, ground, ink, 120, 592))
    creases, inside = long_sleeve_folds(sheet), tint(ground, 0.32, (190, 190, 190))
    both, thread = (sleeves[0], sleeves[1]), tint(ground, 0.38)
    shirt = Shirt(LONG, body, both, inside, thread, folds, creases, neck=282)
    shirt.lay(sheet)
    shirt.knit_collar(sheet, ground)


def polo(sheet: Sheet, colour: Rgb, button: Rgb) -> None:
    folds = torso_folds(sheet) + pulls(sheet, 450, 480, 90, 120, 4)
    pique = F(0.18) * np.sin(sheet.x * F(1.9)) * np.sin(sheet.y * F(1.9))
    shirt = plain_shirt(sheet, colour, CUFFED, folds + pique, 300)
    knit = tint(colour, -0.2)
    shirt.lay(sheet)
    _ribbed_cuffs(sheet, knit)
    _placket(sheet, shirt, colour, button)
    _polo_collar(sheet, knit, shirt.thread)


def _ribbed_cuffs(sheet: Sheet, knit: Rgb) -> None:
    for sign, side in ((1, mirror), (-1, as_drawn)):
        cuff = side(path("M842 492 L744 550 L730 524 L829 464"))
        mask = sheet.panel(cuff, knit, thick=3, edge=4, cast=0.2)
        along_the_hem = sheet.x * F(0.87) + sheet.y * F(0.5 * sign)
        sheet.rib(mask, along_the_hem * F(1.2), 0.7)


def _placket(sheet: Sheet, shirt: Shirt, colour: Rgb, button: Rgb) -> None:
    strip = path("M428 292 L472 292 L474 498 L426 498 L428 292")
    sheet.panel(strip, colour, folds=shirt.folds, thick=3.5, edge=3, cast=0.3)
    sheet.topstitch(path("M433 310 L432 492 L468 492 L467 310"), shirt.thread, 0.6)
    for y in (338, 398, 458):
        sheet.button(450, y, 8, button)


def _polo_collar(sheet: Sheet, knit: Rgb, thread: Rgb) -> None:
    stand = whole("M450 226 C490 226 520 214 534 196 L546 214 C528 244 490 254 450 254")
    sheet.panel(stand, knit, thick=3, edge=4, cast=0.2, dark=0.9)
    leaf = (
        "M534 190 C552 196 572 214 582 236 C566 286 534 326 506 356 "
        "C484 334 464 316 450 302 C492 288 524 246 534 190"
    )
    for side in BOTH_SIDES:
        mask = sheet.panel(side(path(leaf)), knit, thick=6, edge=5, cast=0.45)
        sheet.rib(mask, (sheet.x + sheet.y) * F(0.9), 0.5)
        rim = path("M574 236 C558 282 532 318 506 345 C486 326 470 312 458 303")
        sheet.topstitch(side(rim), thread)
