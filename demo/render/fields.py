"""Signed distance fields: limbs as tubes, blended into one skin.

A block of points is 3 x N float32; every field maps it to N distances, negative inside.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from demo.render.studio import F, Field

Vector = np.ndarray
Keys = Sequence[tuple[float, float]]
Distance = Callable[[Field], Field]

TABLE = 256
# Beyond this gap (body heights) a part's bounding box stands in for its exact distance.
FAR = 0.16


def table(keys: Keys) -> Field:
    """(position, value) keys -> a smooth table over 0..1."""
    k = np.asarray(keys, float)
    values = np.interp(np.linspace(0, 1, TABLE), k[:, 0], k[:, 1]).astype(F)
    sigma = TABLE * 0.02
    return cv2.GaussianBlur(values, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE).ravel()


def _frame(along: Vector) -> Field:
    """An orthonormal basis: along the bone, across it, and towards the camera."""
    side = np.array([1.0, 0, 0]) if abs(along[0]) < 0.8 else np.array([0, 1.0, 0])
    across = side - along * (side @ along)
    across /= np.linalg.norm(across)
    basis = np.stack([along, across, np.cross(across, along)]).astype(F)
    if basis[2, 2] < 0:
        basis[2] *= -1
    return basis


class Tube:
    """A limb: a bone from a to b whose elliptical section follows width and depth keys.

    shift_x, shift_z bend it sideways and to the front; cap rounds its ends.
    """

    def __init__(
        self,
        a: Vector,
        b: Vector,
        width: Keys,
        depth: Keys | None = None,
        *,
        shift_x: Keys | None = None,
        shift_z: Keys | None = None,
        cap: float | None = None,
    ) -> None:
        a, b = np.asarray(a, float), np.asarray(b, float)
        self.length = F(np.linalg.norm(b - a))
        self.basis = _frame((b - a) / self.length)
        self.offset = (self.basis @ a).astype(F)[:, None]
        self.width, self.depth = table(width), table(depth or width)
        self.shift_x = table(shift_x) if shift_x else None
        self.shift_z = table(shift_z) if shift_z else None
        self.cap = cap
        reach = max(self.width.max(), self.depth.max()) + 0.02
        self.low, self.high = np.minimum(a, b) - reach, np.maximum(a, b) + reach

    def __call__(self, p: Field) -> Field:
        t, u, w = self.basis @ p - self.offset
        on_bone = np.clip(t, 0, self.length)
        slot = on_bone * F((TABLE - 1.01) / self.length)
        i = slot.astype(np.int32)
        rest = slot - i
        a, b = _read(self.width, i, rest), _read(self.depth, i, rest)
        if self.shift_x is not None:
            u = u - _read(self.shift_x, i, rest)
        if self.shift_z is not None:
            w = w - _read(self.shift_z, i, rest)
        c = np.full_like(a, self.cap) if self.cap else np.minimum(a, b)
        return _ellipsoid_distance(u, w, t - on_bone, (a, b, c))


def _read(values: Field, i: np.ndarray, rest: Field) -> Field:
    low = values[i]
    return low + rest * (values[i + 1] - low)


def _ellipsoid_distance(u: Field, w: Field, e: Field, radii: tuple[Field, Field, Field]) -> Field:
    # Inigo Quilez's bound for an ellipsoid: exact at the surface, cheap away from it.
    a, b, c = radii
    u, w, e = u / a, w / b, e / c
    k0 = np.sqrt(u * u + w * w + e * e)
    u, w, e = u / a, w / b, e / c
    return k0 * (k0 - 1) / (np.sqrt(u * u + w * w + e * e) + F(1e-6))


def ellipsoid(centre: Vector, radii: Sequence[float]) -> Tube:
    """An ellipsoid is a tube with almost no bone."""
    c, bone = np.asarray(centre, float), np.array([0, 1e-4, 0])
    rx, ry, rz = radii
    return Tube(c - bone, c + bone, [(0, rx), (1, rx)], [(0, rz), (1, rz)], cap=ry)


def smooth_min(a: Field, b: Field, k: float) -> Field:
    """The union of two fields, blended over a distance k."""
    h = np.maximum(F(k) - np.abs(a - b), 0)
    return np.minimum(a, b) - h * h * F(0.25 / k)


def smooth_max(a: Field, b: Field, k: float) -> Field:
    return -smooth_min(-a, -b, k)


class Group:
    """Tubes blended one after another; a negative blend carves the tube out."""

    def __init__(self, *parts: tuple[Tube, float]) -> None:
        self.parts = parts
        self.low = np.min([tube.low for tube, _ in parts], 0).astype(F)
        self.high = np.max([tube.high for tube, _ in parts], 0).astype(F)

    def __call__(self, p: Field) -> Field:
        gap = np.maximum(np.maximum(self.low - p.max(1), p.min(1) - self.high), 0)
        if (gap**2).sum() > FAR**2:
            return self._distance_to_box(p)
        d = self.parts[0][0](p)
        for tube, k in self.parts[1:]:
            d = self._joined(d, tube(p), k)
        return d

    def _distance_to_box(self, p: Field) -> Field:
        gap = np.maximum(np.maximum(self.low[:, None] - p, p - self.high[:, None]), 0)
        return np.sqrt((gap * gap).sum(0)) + F(0.01)

    @staticmethod
    def _joined(d: Field, part: Field, k: float) -> Field:
        if k == 0:
            return np.minimum(d, part)
        return smooth_min(d, part, k) if k > 0 else smooth_max(d, -part, -k)
