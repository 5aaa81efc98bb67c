"""The camera: rays, sphere tracing, and the paper backdrop behind the mannequin."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from demo.render.fields import Distance
from demo.render.lighting import soft_shadow
from demo.render.studio import F, Field, Rgb, blur, linear, smoothstep

W, H = 768, 1024
VIEW_HEIGHT, VIEW_CENTRE = 1.15, 0.515
AWAY = 4.6
EYE = np.array([0, VIEW_CENTRE + 0.05, AWAY], F)[:, None]
NEAR, FAR = AWAY - 0.35, AWAY + 0.45
LIFT = np.array([[0], [0.012], [0]], F)


T = TypeVar("T")
R = TypeVar("R")


def spread(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Over the cores: numpy lets go of the interpreter while it computes."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, items))


def rays(height: int, width: int) -> Field:
    """Unit directions, 3 x (height * width), row by row."""
    rows, columns = np.mgrid[:height, :width].astype(F)
    x = ((columns + F(0.5)) / width - F(0.5)) * F(VIEW_HEIGHT * W / H)
    y = F(VIEW_CENTRE) + (F(0.5) - (rows + F(0.5)) / height) * F(VIEW_HEIGHT) - EYE[1, 0]
    d = np.stack([x, y, np.full_like(x, -AWAY)]).reshape(3, -1)
    return d / np.linalg.norm(d, axis=0)


def march(
    field: Distance, towards: Field, start: Field, steps: int, close: float
) -> tuple[Field, Field]:
    """Sphere tracing from the eye: how far each ray got, and the field's value there."""
    t, value = start.copy(), np.ones_like(start)
    live = np.arange(t.size)
    for _ in range(steps):
        d = field(EYE + towards[:, live] * t[live])
        value[live] = d
        t[live] += d * F(0.85)
        live = live[(d > close) & (t[live] < FAR)]
        if not live.size:
            break
    return t, value


def backdrop(field: Distance, colour: Rgb, height: int, width: int) -> Field:
    """Seamless paper: a pool of light on the wall, a floor with the body's soft shadow."""
    d = rays(height, width)
    floor = EYE + d * (-EYE[1] / np.minimum(d[1], F(-1e-4)))
    shadow = _floor_shadow(field, floor, d[1]).reshape(height, width)
    on_floor = (smoothstep(-3.2, -0.1, floor[2]) * (d[1] < 0)).reshape(height, width)
    rows, columns = np.mgrid[:height, :width].astype(F) / F(height)
    pool = F(1.05) - F(0.34) * ((columns - F(0.33)) ** 2 * F(1.5) + (rows - F(0.36)) ** 2 * F(0.9))
    light = pool * (1 + F(0.06) * on_floor) * blur(shadow, height * 0.004)
    return linear(colour) * light[..., None]


def _floor_shadow(field: Distance, floor: Field, down: Field) -> Field:
    x, _, z = floor
    near = (np.abs(x) < 0.6) & (z > -0.9) & (z < 1.5) & (down < -1e-3)
    i = np.flatnonzero(near)
    blocks = np.array_split(floor[:, i], max(1, i.size // 8192), axis=1)
    dark = np.concatenate(spread(lambda block: _shadow_at(field, block), blocks))
    fade = smoothstep(-0.9, -0.25, z[i]) * smoothstep(0.6, 0.35, np.abs(x[i]))
    shadow = np.ones(x.size, F)
    shadow[i] = 1 - (1 - dark) * fade
    return shadow


def _shadow_at(field: Distance, points: Field) -> Field:
    contact = np.clip(field(points + LIFT) / F(0.07), 0, 1)
    cast = soft_shadow(field, points, softness=2.2, reach=0.9, steps=14)
    return (F(0.45) + F(0.55) * cast) * (F(0.55) + F(0.45) * np.sqrt(contact))
