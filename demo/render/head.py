"""The mannequin's head and hair, in head heights above the chin."""

from collections.abc import Callable

import numpy as np

from demo.render.fields import Distance, Group, Keys, Tube, Vector, ellipsoid, smooth_min
from demo.render.looks import Look
from demo.render.studio import F, Field, smoothstep

HEAD = 1 / 7.8
CHIN = 1 - HEAD - 0.004

# (height, half width, front, back) of the skull from chin to crown.
SKULL = (
    (0, 0.090, 0.310, 0.14),
    (0.04, 0.155, 0.378, 0.06),
    (0.12, 0.215, 0.392, -0.06),
    (0.22, 0.262, 0.395, -0.2),
    (0.35, 0.300, 0.398, -0.34),
    (0.5, 0.322, 0.395, -0.43),
    (0.62, 0.334, 0.412, -0.46),
    (0.74, 0.334, 0.402, -0.46),
    (0.85, 0.302, 0.345, -0.42),
    (0.93, 0.235, 0.245, -0.34),
    (1, 0.11, 0.08, -0.16),
)
JAW_TOP = 0.3


def at(x: float, y: float, z: float) -> Vector:
    """A point of the head in body coordinates."""
    return np.array([x * HEAD, CHIN + y * HEAD, z * HEAD])


def _ball(centre: tuple[float, float, float], *radii: float) -> Tube:
    return ellipsoid(at(*centre), [r * HEAD for r in radii])


def _bar(
    a: tuple[float, float, float],
    b: tuple[float, float, float],
    ends: tuple[float, float],
    middle: float | None = None,
) -> Tube:
    half = sum(ends) / 2 if middle is None else middle
    keys = [(0, ends[0] * HEAD), (0.5, half * HEAD), (1, ends[1] * HEAD)]
    return Tube(at(*a), at(*b), keys)


def _skull(jaw: float) -> Tube:
    def keys(of: Callable[[float, float, float], float]) -> Keys:
        return [(y, of(w * (jaw if y < JAW_TOP else 1), f, b) * HEAD) for y, w, f, b in SKULL]

    width, depth = keys(lambda w, f, b: w), keys(lambda w, f, b: (f - b) / 2)
    middle = keys(lambda w, f, b: (f + b) / 2)
    return Tube(at(0, 0, 0), at(0, 1, 0), width, depth, shift_z=middle, cap=0.035 * HEAD)


def _nose(wide: float) -> list[tuple[Tube, float]]:
    return [
        (_bar((0, 0.60, 0.385), (0, 0.385, 0.485), (0.026, 0.036)), 0.05 * HEAD),
        (_ball((0, 0.372, 0.470), 0.044 * wide, 0.038, 0.042), 0.03 * HEAD),
        (_ball((0.047 * wide, 0.352, 0.428), 0.032 * wide, 0.026, 0.034), 0.025 * HEAD),
    ]


def _eye_socket() -> list[tuple[Tube, float]]:
    """Brow ridge, then the socket carved out (negative blend), then the lid."""
    return [
        (_bar((0.05, 0.600, 0.375), (0.24, 0.60, 0.27), (0.022, 0.022)), 0.05 * HEAD),
        (_ball((0.152, 0.512, 0.440), 0.095, 0.048, 0.058), -0.07 * HEAD),
        (_ball((0.150, 0.505, 0.322), 0.072, 0.062, 0.062), 0.02 * HEAD),
    ]


def _cheeks_mouth_chin() -> list[tuple[Tube, float]]:
    return [
        (_ball((0.205, 0.36, 0.265), 0.085, 0.085, 0.075), 0.09 * HEAD),
        (_bar((0, 0.248, 0.392), (0.065, 0.234, 0.360), (0.021, 0.010)), 0.025 * HEAD),
        (_bar((0, 0.200, 0.388), (0.055, 0.210, 0.362), (0.026, 0.012)), 0.025 * HEAD),
        (_ball((0, 0.055, 0.345), 0.085, 0.06, 0.06), 0.06 * HEAD),
    ]


def _ear() -> tuple[Tube, float]:
    width = [(0, 0.022 * HEAD), (0.4, 0.026 * HEAD), (1, 0.016 * HEAD)]
    depth = [(0, 0.062 * HEAD), (1, 0.035 * HEAD)]
    return Tube(at(0.322, 0.56, -0.03), at(0.310, 0.38, 0), width, depth), 0.02 * HEAD


def head(look: Look) -> Group:
    jaw = 1.07 if look.male else 1.0
    parts = _nose(look.nose) + _eye_socket() + _cheeks_mouth_chin() + [_ear()]
    return Group((_skull(jaw), 0), *parts)


# Thickness at the sides and the crown, height of the hairline, and how fast it grows in.
HAIRLINE = {
    "crop": (0.022, 0.085, 0.640, 0.16),
    "bob": (0.055, 0.075, 0.665, 0.10),
    "bun": (0.020, 0.030, 0.640, 0.14),
}


def _locks(kind: str) -> Group | None:
    if kind == "bun":
        return Group((_ball((0, 1.07, -0.10), 0.160, 0.135, 0.160), 0))
    if kind == "bob":
        return Group(
            (_bar((0.280, 0.76, -0.02), (0.335, 0.34, -0.04), (0.075, 0.095)), 0),
            (_bar((0.335, 0.36, -0.04), (0.318, 0.06, 0.02), (0.098, 0.060), 0.098), 0.06 * HEAD),
            (_bar((0.16, 0.35, -0.26), (0.15, 0.02, -0.16), (0.24, 0.18)), 0.08 * HEAD),
        )
    return None


def hair(kind: str) -> Distance:
    """Hair grown on the skull: its thickness fades in behind the hairline."""
    side, crown, start, rise = HAIRLINE[kind]
    skull, locks = Group((_ball((0, 0.605, -0.025), 0.340, 0.405, 0.445), 0)), _locks(kind)
    origin = at(0, 0, 0).astype(F)[:, None]

    def distance(p: Field) -> Field:
        base = skull(p)
        if base.min() > 0.1:
            return base
        x, y, z = (p - origin) / F(HEAD)
        line = F(start) + F(0.66) * (z - F(0.02)) - F(0.95) * x * x
        if kind == "bob":
            line = line + F(0.05) * np.exp(-((x / F(0.05)) ** 2))
        thick = F(side) + F(crown - side) * smoothstep(0.55, 0.95, y)
        grown = (thick + F(0.06)) * smoothstep(-0.05, rise, y - line)
        d = base + F(HEAD) * (F(0.06) - grown)
        if kind == "crop":
            d = d + F(0.010 * HEAD) * _clumps(x, y, z)
        return smooth_min(d, locks(p), 0.06 * HEAD) if locks else d

    return distance


def _clumps(x: Field, y: Field, z: Field) -> Field:
    return np.sin(34 * x + 9 * y) * np.sin(30 * y + 5 * x) * np.sin(27 * z)
