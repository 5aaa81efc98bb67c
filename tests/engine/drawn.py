"""Draw what the tests photograph: a mannequin and flat garments on plain grounds.

A shaded figure of ellipses and tubes is enough for mediapipe to find it, so no real photo is
needed. Sizes are pixels of a 768×1024 picture; colours are BGR.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from engine.imaging.outlines import tube

WIDTH, HEIGHT = 768, 1024
SKIN, HAIR = (150, 180, 225), (30, 40, 60)


class Canvas:
    def __init__(self, ground, width=WIDTH, height=HEIGHT):
        fade = 1 - 0.08 * np.linspace(0, 1, height, dtype=np.float32)
        self.image = np.ones((height, width, 3), np.float32) * ground * fade[:, None, None]
        self.shape = (height, width)

    def blob(self, mask, colour, light=0.35):
        """Lay a shape that is lit like a rounded body."""
        inward = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
        q = np.clip(inward / max(1.0, inward.max()), 0, 1)
        lit = (1 - light) + light * np.sqrt(1 - (1 - q) ** 2)
        self.image[mask > 0] = (np.array(colour, np.float32) * lit[..., None])[mask > 0]

    def tube(self, points, radii, colour):
        self.blob(tube(self.shape, [np.array(p, float) for p in points], radii), colour)

    def ellipse(self, centre, axes, colour, flat=False):
        mask = np.zeros(self.shape, np.uint8)
        cv2.ellipse(mask, [int(c) for c in centre], [int(a) for a in axes], 0, 0, 360, 1, -1)
        self.blob(mask, colour, 0 if flat else 0.35)

    def polygon(self, points, colour, rounding=1, light=0.35):
        mask = np.zeros(self.shape, np.uint8)
        cv2.fillPoly(mask, [np.array(points, np.int32)], 1)
        if rounding > 1:
            disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (rounding, rounding))
            mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc)
        self.blob(mask, colour, light)

    def finish(self, blur=0.9):
        soft = cv2.GaussianBlur(self.image, (0, 0), blur)
        noise = np.random.RandomState(0).randn(*soft.shape) * 2.5
        return np.clip(soft + noise, 0, 255).astype(np.uint8)


def mannequin(top=(60, 60, 200), bottom=(120, 70, 30), skin=SKIN, ground=(225, 225, 225), arm=18):
    """A standing figure with short sleeves and long trousers."""
    canvas, cx = Canvas(ground), WIDTH / 2
    for s in (-1, 1):
        canvas.tube(
            [(cx + s * 45, 540), (cx + s * 52, 730), (cx + s * 55, 900)], (52, 36, 24), bottom
        )
        canvas.tube([(cx + s * 55, 925), (cx + s * 70, 950)], (22, 20), (40, 40, 40))
        a = np.deg2rad(arm)
        shoulder = np.array([cx + s * 96, 238])
        elbow = shoulder + 165 * np.array([s * np.sin(a), np.cos(a)])
        wrist = elbow + 140 * np.array([s * np.sin(a * 0.7), np.cos(a * 0.7)])
        tips = wrist + np.array([s * 8, 45])
        canvas.tube([elbow, wrist, tips], (26, 19, 14), skin)
        canvas.tube([shoulder, elbow], (36, 28), skin)
        canvas.tube([shoulder, (shoulder + elbow) / 2], (42, 40), top)
    side = [(35, 190), (95, 205), (118, 240), (92, 400), (98, 560)]
    outline = [(cx - x, y) for x, y in side[::-1]] + [(cx + x, y) for x, y in side]
    canvas.polygon(outline, top, rounding=16)
    canvas.tube([(cx, 150), (cx, 205)], (30, 36), skin)
    _head(canvas, cx, skin)
    return canvas.finish()


def _head(canvas, cx, skin):
    canvas.ellipse((cx, 100), (62, 78), HAIR)
    canvas.ellipse((cx, 112), (50, 64), skin)
    for s in (-1, 1):
        canvas.ellipse((cx + s * 20, 104), (10, 5), (250, 250, 250), flat=True)
        canvas.ellipse((cx + s * 20, 104), (5, 5), (40, 30, 30), flat=True)
        canvas.ellipse((cx + s * 20, 90), (13, 3), HAIR, flat=True)
        canvas.ellipse((cx + s * 51, 114), (7, 14), skin)
    canvas.ellipse((cx, 147), (17, 5), (90, 90, 190), flat=True)
    canvas.ellipse((cx, 125), (7, 10), np.array(skin) * 0.88, flat=True)


def mirrored(points, cx=WIDTH / 2):
    return [(cx - x, y) for x, y in points] + [(cx + x, y) for x, y in points[::-1]]


def tee(colour=(40, 140, 40), ground=(240, 240, 240)):
    """A short-sleeved top laid flat, with a darker inside of the back at the neck."""
    canvas = Canvas(ground)
    half = [(80, 200), (170, 230), (300, 400), (225, 450), (180, 380), (185, 820)]
    canvas.polygon(mirrored(half), colour, light=0.1)
    neck = [(60, 204), (0, 206)]
    front = [(0, 262), (40, 245)]
    canvas.polygon(mirrored([*front, *neck]), np.array(colour) * 0.55, light=0)
    return canvas.finish()


def trousers(colour=(150, 100, 60), ground=(240, 240, 240), hem=950, spread=60):
    canvas = Canvas(ground)
    half = [(120, 100), (150, 330), (120 + spread, hem), (spread - 30, hem), (4, 380), (0, 380)]
    canvas.polygon(mirrored(half), colour, light=0.1)
    return canvas.finish()


def shorts():
    return trousers(colour=(110, 170, 200), hem=560, spread=70)


def skirt(colour=(50, 90, 190), ground=(240, 240, 240)):
    canvas = Canvas(ground)
    canvas.polygon(mirrored([(110, 200), (230, 760), (0, 775)]), colour, light=0.1)
    return canvas.finish()


def frock(colour=(150, 60, 120), ground=(240, 240, 240)):
    """A sleeveless dress."""
    canvas = Canvas(ground)
    half = [(0, 190), (55, 110), (95, 110), (115, 240), (95, 400), (210, 930), (0, 945)]
    canvas.polygon(mirrored(half), colour, light=0.1)
    return canvas.finish()


def png(image):
    """Lossless and quick bytes."""
    return cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()


def opened(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


@cache
def photo(name, **settings):
    """PNG bytes of one of the drawings, drawn once."""
    return png(globals()[name](**settings))
