"""The studio mannequins: who they are, and how their photo is taken."""

from dataclasses import dataclass

import cv2
import numpy as np

from demo.render.camera import EYE, FAR, NEAR, VIEW_HEIGHT, H, W, backdrop, march, rays, spread
from demo.render.lighting import normals, shade, unit
from demo.render.looks import Look
from demo.render.mannequin import Mannequin
from demo.render.materials import Grain, Painter
from demo.render.studio import F, Field, Photo, blur, develop

DETAIL = 3.0
SEED = 7
TILE = 64
BLOCK = 6144


@dataclass(frozen=True)
class Person:
    shown: str
    gender: str
    body: str
    view: str
    look: Look

    def render(self, detail: float = DETAIL) -> Photo:
        """768 x 1024 BGR uint8; detail: pixels computed per pixel and axis."""
        light = Picture(self.look, detail).light()
        light = cv2.resize(light, (W, H), interpolation=cv2.INTER_AREA)
        bloom = F(0.02) * blur(np.maximum(light - F(0.8), 0), 8)
        return develop(light + F(0.05) * (blur(light, 14) - light) + bloom, SEED)


class Picture:
    """One picture in linear light, drawn over its backdrop block by block."""

    def __init__(self, look: Look, detail: float) -> None:
        self.mannequin = Mannequin(look)
        self.height, self.width = round(H * detail), round(W * detail)
        self.grain = Grain((self.height, self.width), SEED)
        self.rays = rays(self.height, self.width)

    def light(self) -> Field:
        paper = backdrop(self.mannequin.distance, self.mannequin.look.backdrop, H // 2, W // 2)
        self.pixels = self._enlarged(paper, cv2.INTER_CUBIC).reshape(-1, 3)
        ids, self.start = self._where_the_body_is()
        spread(self._draw, np.array_split(ids, ids.size // BLOCK + 1))
        return self.pixels.reshape(self.height, self.width, 3)

    def _enlarged(self, image: Field, how: int) -> Field:
        return cv2.resize(image, (self.width, self.height), interpolation=how)

    def _where_the_body_is(self) -> tuple[np.ndarray, Field]:
        """A coarse pass: the pixels worth tracing, and how far their rays may start."""
        height, width = H // 4, W // 4
        away, value = self._coarse(height, width)
        wider = np.ones((3, 3), np.uint8)
        body = cv2.dilate((value < 0.006).astype(np.uint8), wider)
        start = cv2.erode(np.where(value < 0.02, away, F(FAR)), wider) - F(0.012)
        ids = np.flatnonzero(self._enlarged(body, cv2.INTER_NEAREST))
        return self._in_tiles(ids), self._enlarged(start, cv2.INTER_NEAREST).ravel()

    def _coarse(self, height: int, width: int) -> tuple[Field, Field]:
        def one(towards: Field) -> tuple[Field, Field]:
            start = np.full(towards.shape[1], NEAR, F)
            return march(self.mannequin.distance, towards, start, 40, 0.0008)

        done = spread(one, np.array_split(rays(height, width), 24, axis=1))
        away, value = (
            np.concatenate(each).reshape(height, width) for each in zip(*done, strict=True)
        )
        return away, value

    def _in_tiles(self, ids: np.ndarray) -> np.ndarray:
        """Neighbours together: a compact block of points is far from most limbs at once."""
        rows, columns = np.divmod(ids, self.width)
        tile = (rows // TILE) * 1000 + columns // TILE
        return ids[np.argsort(tile, kind="stable")]

    def _draw(self, ids: np.ndarray) -> None:
        towards, field = self.rays[:, ids], self.mannequin.distance
        away, value = march(field, towards, self.start[ids], 70, 0.0003)
        hit = np.flatnonzero(value < 0.0010)
        if hit.size:
            points = EYE + towards[:, hit] * away[hit]
            self.pixels[ids[hit]] = self._shaded(ids[hit], points, towards[:, hit])

    def _shaded(self, ids: np.ndarray, points: Field, view: Field) -> Field:
        field, parts = self.mannequin.distance, self.mannequin.parts(points)
        n, at = normals(field, points), np.divmod(ids, self.width)
        px = VIEW_HEIGHT / self.height
        finish = Painter(self.mannequin.look, self.grain, at, parts, n, px).finish()
        sideways, upwards = finish.bump
        n = unit(n + np.stack([-sideways, upwards, np.zeros_like(upwards)]))
        return shade(field, points, view, n, finish)


ADA = Look(
    male=False,
    skin=(222, 186, 166),
    lips=(190, 92, 88),
    iris=(96, 74, 52),
    hair="bob",
    hair_colour=(74, 46, 30),
    top=(150, 162, 146),
    shorts=(72, 80, 92),
    shoes=(225, 222, 216),
    backdrop=(214, 217, 221),
    arms=(19, 13),
    tilt=0.05,
)
NOOR = Look(
    male=False,
    skin=(128, 88, 68),
    lips=(128, 58, 54),
    iris=(52, 34, 24),
    hair="bun",
    hair_colour=(30, 24, 23),
    top=(206, 200, 188),
    shorts=(62, 60, 66),
    shoes=(60, 58, 60),
    backdrop=(222, 208, 192),
    wide=1.03,
    arms=(17, 11),
    sway=-0.014,
    tilt=-0.04,
    blush=0.25,
    nose=1.15,
)
LEO = Look(
    male=True,
    skin=(190, 150, 128),
    lips=(168, 98, 86),
    iris=(70, 52, 38),
    hair="crop",
    hair_colour=(40, 31, 27),
    top=(120, 130, 140),
    shorts=(66, 64, 62),
    shoes=(232, 230, 226),
    backdrop=(200, 209, 204),
    arms=(18, 11),
    sway=0.010,
    tilt=0.02,
    blush=0.2,
    top_hem=0.525,
    shorts_hem=0.36,
)
INES = Look(
    male=False,
    skin=(206, 164, 138),
    lips=(172, 84, 80),
    iris=(66, 72, 52),
    hair="bob",
    hair_colour=(112, 62, 34),
    top=(112, 122, 140),
    shorts=(84, 78, 74),
    shoes=(214, 206, 196),
    backdrop=(219, 212, 214),
    wide=1.12,
    arms=(21, 14),
    sway=-0.010,
    tilt=-0.03,
    shorts_hem=0.375,
)

PERSONS = {
    "ada": Person("Ada", "woman", "slim", "full", ADA),
    "noor": Person("Noor", "woman", "slim", "full", NOOR),
    "ines": Person("Ines", "woman", "curvy", "full", INES),
    "leo": Person("Leo", "man", "slim", "full", LEO),
}
