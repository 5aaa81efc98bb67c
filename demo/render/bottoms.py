"""Bottoms on the flat-lay table: jeans, shorts, the buttoned skirt."""

from dataclasses import dataclass

import numpy as np

from demo.render.flatlay import Sheet
from demo.render.folds import drapes, pulls, soft_folds
from demo.render.outline import BOTH_SIDES, Points, Side, moved, path, whole
from demo.render.studio import F, Field, Rgb, linear, mix, tint


@dataclass(frozen=True)
class Cut:
    """Measures of a pair of trousers in table units: waist height and half width, crotch."""

    outline: str
    waist: int
    half: int
    crotch: int
    fly: tuple[int, int]
    hem: str
    button: int


JEANS = Cut(
    outline=(
        "M450 108 Q540 104 610 96 C622 180 640 260 646 340 C652 560 660 860 668 1121 "
        "Q620 1124 556 1122 C534 900 500 640 466 462 Q458 448 450 446"
    ),
    waist=106,
    half=160,
    crotch=446,
    fly=(316, 350),
    hem="M560 1100 Q620 1102 666 1098",
    button=10,
)
# The hem is straight: one that curves leaves spikes where the engine cuts it.
SHORTS = Cut(
    outline=(
        "M450 178 Q560 174 650 164 C668 280 704 420 722 560 C734 660 744 740 750 820 "
        "Q640 823 494 820 C486 740 474 660 464 586 Q458 570 450 568"
    ),
    waist=176,
    half=200,
    crotch=568,
    fly=(378, 472),
    hem="M492 798 Q640 801 748 798",
    button=9,
)


@dataclass
class Trousers:
    cut: Cut
    cloth: Field
    thread: Rgb
    inside: Rgb
    button: Rgb
    folds: Field

    def lay(self, sheet: Sheet) -> None:
        """Back of the waist, legs, waistband, fly; then pockets, loops and hems on both sides."""
        cut, wy = self.cut, self.cut.waist
        knee_x, right = 450 + cut.half * 0.6, 450 + cut.half
        back = f"M450 {wy - 6} Q{knee_x} {wy - 10} {right} {wy - 12} L{right - 6} {wy + 26}"
        sheet.panel(whole(f"{back} L450 {wy + 30}"), self.inside, thick=2, cast=0, dark=0.75)
        sheet.panel(whole(cut.outline), self.cloth, folds=self.folds, thick=6, edge=8, cast=0.2)
        self._lay_waistband(sheet)
        self._sew_fly(sheet)
        for side in BOTH_SIDES:
            self._sew_pocket(sheet, side)
            self._lay_loop(sheet, side)
            self._sew_hem(sheet, side)
        sheet.button(450, wy + 33, cut.button, self.button)

    def _lay_waistband(self, sheet: Sheet) -> None:
        wy, half = self.cut.waist, self.cut.half
        bend, right = 450 + half * 0.6, 450 + half
        upper = f"M450 {wy + 14} Q{bend} {wy + 8} {right} {wy - 6}"
        band = whole(f"{upper} L{right + 5} {wy + 36} Q{bend} {wy + 50} 450 {wy + 54}")
        sheet.panel(band, self.cloth, folds=self.folds * F(0.4), thick=4, edge=3, cast=0.4)
        for down in (19, 50):
            y = wy + down
            line = f"M{448 - half} {y - 22} Q450 {y} {452 + half} {y - 22}"
            sheet.stitch(path(line), self.thread)

    def _sew_fly(self, sheet: Sheet) -> None:
        top, (straight, end), crotch = self.cut.waist + 54, self.cut.fly, self.cut.crotch
        turn = 2 * end - straight - 16
        sheet.seam(path(f"M450 {top} L450 {crotch}"), 2.5, 2.4, 0.35)
        curve = f"M474 {top + 2} L474 {straight - 60} Q472 {straight} 453 {turn - 18}"
        sheet.stitch(path(curve), self.thread)
        sheet.stitch(path(f"M454 {top + 2} L454 {crotch - 8}"), self.thread)

    def _sew_pocket(self, sheet: Sheet, side: Side) -> None:
        rows = (7, 13) if self.cut is JEANS else (7,)
        opening = self._pocket_opening()
        if self.cut is JEANS:
            bag = side(np.concatenate([opening, path("M630 190 L612 150")]))
            sheet.panel(bag, self.cloth, folds=self.folds, thick=1, edge=6, cast=0, dark=0.86)
        sheet.seam(side(opening), 3.0, 3.0, 0.40)
        for k in rows:
            sheet.stitch(side(moved(opening, -k * 0.8, k)), self.thread)

    def _pocket_opening(self) -> Points:
        wy = self.cut.waist
        if self.cut is JEANS:
            return path("M528 162 C534 214 570 240 634 246")
        return path(f"M596 {wy + 46} L668 {wy + 210}")

    def _lay_loop(self, sheet: Sheet, side: Side) -> None:
        x, y = 450 + self.cut.half * 0.62, self.cut.waist
        loop = f"M{x} {y} L{x + 13} {y - 2} L{x + 14} {y + 56} L{x + 1} {y + 58} L{x} {y}"
        sheet.panel(side(path(loop)), self.cloth, thick=4, edge=2, cast=0.4)

    def _sew_hem(self, sheet: Sheet, side: Side) -> None:
        hem = path(self.cut.hem)
        sheet.stitch(side(hem), self.thread)
        sheet.seam(side(moved(hem, 0, 1)), 1.6, 2)


@dataclass(frozen=True)
class Denim:
    """A wash: the cloth where it is new and where it is worn, and how far it is worn."""

    new: Rgb
    worn: Rgb
    thread: Rgb
    rivet: Rgb = (176, 120, 70)
    wear: float = 1.0


def jeans(sheet: Sheet, denim: Denim) -> None:
    folds = soft_folds(sheet, 0.8)
    for angle in (20, 160):
        folds = folds + pulls(sheet, 450, 446, angle, 150, 7)
    for x, y, angle in ((560, 690, 185), (340, 690, -5), (640, 1040, 180), (260, 1040, 0)):
        folds = folds + pulls(sheet, x, y, angle, 90, 5)
    cloth = _washed(sheet, denim, folds)
    inside = tint(denim.new, -0.28)
    Trousers(JEANS, cloth, denim.thread, inside, denim.rivet, folds).lay(sheet)


def _washed(sheet: Sheet, denim: Denim, folds: Field) -> Field:
    """Worn down the thighs, at the hems and on top of the folds; slubby twill all over."""
    twill = np.sin((sheet.x + sheet.y * F(0.6)) * F(1.55)) * F(0.5)
    twill += F(0.9) * sheet.soften(sheet.weave, 0.3) + F(0.5) * sheet.noise(7, (3, 0.35), octaves=2)
    worn = F(0.35) * np.exp(-(((sheet.y - 1085) / 40) ** 2))
    worn += F(0.12) * np.clip(folds / 8, -1, 1.5)
    for x, lean in ((552, 0.06), (348, -0.06)):
        across = (sheet.x - x - (sheet.y - 400) * F(lean)) / 46
        worn += np.exp(-(across**2) - ((sheet.y - 560) / 250) ** 2)
    share = np.clip(F(0.10) + F(0.62 * denim.wear) * worn + F(0.045) * twill, 0, 1)
    return mix(linear(denim.new), linear(denim.worn), share)


def shorts(sheet: Sheet, colour: Rgb) -> None:
    folds = soft_folds(sheet)
    for angle in (25, 155):
        folds = folds + pulls(sheet, 450, 568, angle, 160, 7)
    twill = np.sin((sheet.x - sheet.y * F(0.8)) * F(1.7))[..., None]
    cloth = linear(colour) * (1 + F(0.025) * twill)
    thread, inside = tint(colour, 0.40), tint(colour, -0.26)
    Trousers(SHORTS, cloth, thread, inside, tint(colour, -0.4), folds).lay(sheet)


def skirt(sheet: Sheet, colour: Rgb) -> None:
    folds = drapes(sheet, 250, 830, 8, 8, 0.7) + soft_folds(sheet, 0.7)
    back = whole("M450 196 Q540 194 606 184 L600 226 L450 236")
    sheet.panel(back, tint(colour, -0.26), thick=2, cast=0, dark=0.75)
    body = whole("M450 216 Q540 212 606 200 C645 405 694 620 730 816 Q610 862 450 858")
    sheet.panel(body, colour, folds=folds, cast=0.1)
    band = whole("M450 208 Q540 204 606 190 L613 236 Q540 252 450 256")
    sheet.panel(band, colour, folds=folds * F(0.3), thick=5, edge=4, cast=0.4)
    _sew_skirt(sheet, tint(colour, 0.3))
    for y in (232, *range(304, 830, 78)):
        sheet.button(450, y, 10, tint(colour, -0.42))


def _sew_skirt(sheet: Sheet, thread: Rgb) -> None:
    hem = path("M175 796 Q310 838 450 836 Q590 838 725 796")
    sheet.stitch(path("M290 228 Q450 262 610 228"), thread)
    sheet.seam(hem, 1.4, 2, 0.15)
    sheet.topstitch(moved(hem, 0, -4), thread)
    sheet.seam(path("M450 256 L450 854"), 1.6, 2, 0.18)
