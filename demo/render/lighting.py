"""The studio's lamps: a key from the upper left, a fill, two rims; soft shadows, soft skin."""

import numpy as np

from demo.render.fields import Distance
from demo.render.materials import Finish
from demo.render.studio import F, Field


def _towards(x: float, y: float, z: float) -> Field:
    v = np.array([x, y, z])
    return (v / np.linalg.norm(v)).astype(F)


KEY, FILL = _towards(-0.55, 0.62, 0.80), _towards(0.85, 0.25, 0.75)
RIM_LEFT, RIM_RIGHT = _towards(-0.90, 0.30, -0.45), _towards(0.90, 0.35, -0.45)
TETRAHEDRON = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], F)


def normals(field: Distance, p: Field) -> Field:
    step = F(0.0007)
    n = sum(k[:, None] * field(p + k[:, None] * step) for k in TETRAHEDRON)
    return unit(n)


def unit(v: Field) -> Field:
    return v / (np.linalg.norm(v, axis=0) + F(1e-9))


def soft_shadow(
    field: Distance, p: Field, softness: float = 5.0, reach: float = 0.55, steps: int = 12
) -> Field:
    """How much of the key light reaches each point: 0 in the shade, 1 in the open."""
    ray = KEY[:, None]
    open_, t = np.ones(p.shape[1], F), np.full(p.shape[1], 0.012, F)
    for _ in range(steps):
        d = field(p + ray * t)
        open_ = np.minimum(open_, F(0.5) + F(0.5) * np.clip(F(softness) * d / t, -1, 1))
        t = t + np.clip(d, 0.012, 0.09)
        if t.min() > reach:
            break
    return open_ * open_ * (3 - 2 * open_)


def openness(field: Distance, p: Field, normal: Field) -> Field:
    """Ambient occlusion at three reaches; the floor darkens what is close to it."""
    out = np.ones(p.shape[1], F)
    for reach, weight in ((0.008, 0.30), (0.025, 0.30), (0.065, 0.32)):
        out -= F(weight) * np.clip(1 - field(p + normal * F(reach)) / F(reach), 0, 1)
    return np.minimum(out, 1) * np.clip(F(0.55) + p[1] * 4, 0.55, 1)


def _seeping(red: float, green: float, blue: float, seep: Field) -> Field:
    return np.stack([F(k) * seep for k in (red, green, blue)], -1)


def shade(field: Distance, p: Field, view: Field, normal: Field, finish: Finish) -> Field:
    """N x 3 linear light leaving the points towards the camera."""
    shadow = soft_shadow(field, p + normal * F(0.004))
    ao, n = openness(field, p, normal), normal
    light = _diffuse(n, finish.seep, shadow, ao)
    out = finish.colour * light + _gloss(n, view, finish, shadow, ao)[:, None]
    grazing = (1 - np.clip(-(view * n).sum(0), 0, 1)) ** 4
    edge = grazing * (F(0.03) + F(0.05) * finish.seep) * ao * ao
    return out + edge[:, None] * np.sqrt(finish.colour)


def _diffuse(n: Field, seep: Field, shadow: Field, ao: Field) -> Field:
    # Red light travels farthest in skin: it wraps further round and reddens the shadows' edge.
    wrap = F(0.12) + _seeping(0.16, 0.08, 0.05, seep)

    def lambert(lamp: Field) -> Field:
        return np.clip(((lamp @ n)[:, None] + wrap) / (1 + wrap), 0, 1)

    key = lambert(KEY) * shadow[:, None] ** (1 - _seeping(0.35, 0.1, 0, seep))
    sky = F(0.22) + F(0.14) * (F(0.5) + F(0.5) * n[1])[:, None]
    ambient = sky * ao[:, None] ** (1 - _seeping(0.3, 0, 0, seep))
    light = F(1.12) * key + F(0.26) * lambert(FILL) * ao[:, None] + ambient
    for lamp, strength in ((RIM_LEFT, 0.42), (RIM_RIGHT, 0.55)):
        light += F(strength) * (np.clip(lamp @ n, 0, 1) * ao)[:, None]
    return light


def _gloss(n: Field, view: Field, finish: Finish, shadow: Field, ao: Field) -> Field:
    out = np.zeros_like(ao)
    for lamp, strength in ((KEY, shadow), (FILL, F(0.35) * ao), (RIM_RIGHT, F(0.5) * ao)):
        half = unit(lamp[:, None] - view)
        out += strength * np.clip((half * n).sum(0), 0, 1) ** finish.sharpness
    return finish.gloss * out * F(0.55)
