"""How cloth lies: height maps of soft folds, creases that pull, drapes."""

import numpy as np

from demo.render.flatlay import Sheet
from demo.render.outline import W
from demo.render.studio import F, Field

RIGHT_ARMPIT, LEFT_ARMPIT = (668, 482), (232, 482)


def soft_folds(sheet: Sheet, amount: float = 1.0) -> Field:
    """The broad waves of a garment smoothed by hand."""
    slanted = sheet.noise(70, (1.7, 0.7), 25, 2), sheet.noise(70, (1.7, 0.7), -30, 2)
    return F(amount) * (F(6) * sheet.noise(150) + F(2.2) * slanted[0] + F(1.2) * slanted[1])


def pulls(
    sheet: Sheet, x: float, y: float, angle: float, length: float = 170, amount: float = 5.0
) -> Field:
    """Creases that fan out from a point such as an armpit, towards an angle in degrees."""
    dx, dy = sheet.x - F(x), sheet.y - F(y)
    away = np.hypot(dx, dy) + 1
    turn = np.mod(np.arctan2(dy, dx) - F(np.radians(angle) - np.pi), F(2 * np.pi)) - F(np.pi)
    wave = np.sin(turn * 11 + sheet.noise(120, octaves=2) * F(0.9))
    fan = np.exp(-((turn / F(0.75)) ** 2)) * np.exp(-away / F(length))
    return F(amount) * wave * fan * np.clip(away / 35, 0, 1)


def drapes(
    sheet: Sheet, top: float, bottom: float, count: float, amount: float, spread: float
) -> Field:
    """Vertical folds that open on the way down."""
    t = np.clip((sheet.y - F(top)) / F(bottom - top), 0, 1.2)
    across = (sheet.x - F(W / 2)) / (1 + F(spread) * t)
    phase = across * F(count * 0.9 / 150) + F(0.8) * sheet.noise(260, (2.5, 0.6), octaves=2)
    return F(2.2 * amount) * t ** F(0.8) * (np.sin(phase) + F(0.35) * np.sin(F(2.3) * phase + 1))


def torso_folds(sheet: Sheet, amount: float = 1.0) -> Field:
    """A shirt's body: soft folds and the creases below both armpits."""
    folds = soft_folds(sheet, amount)
    return folds + pulls(sheet, *RIGHT_ARMPIT, 150) + pulls(sheet, *LEFT_ARMPIT, 30)
