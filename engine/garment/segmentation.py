"""The garment's alpha: flood the plain background from the border, judge by the outline's edge."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engine.arrays import Field, Image, Mask, Points
from engine.errors import Refusal
from engine.imaging.colour import to_lab
from engine.imaging.filters import disc, guided_colour, soften, square
from engine.imaging.outlines import blank, bounds, fill, largest, outline

# Colour distances from the background that are tried as its limit, in weighted Lab units.
LIMITS = (1.6, 2.2, 3, 4, 5.5, 7.5, 10, 14, 19, 26)
LAB_WEIGHTS = np.array([0.8, 1.3, 1.3], np.float32)
LEAST_PLAIN = 0.45  # of the border ring
PLAIN_SPREAD = 12
LEAST_AREA, MOST_AREA = 0.04, 0.92  # of the picture
LEAST_EDGE_MEDIAN, LEAST_EDGE_MEAN, LEAST_EDGE_SHARE = 6, 13, 0.82
EDGE_ENOUGH = 25
AREA_KEPT = 0.92  # a higher limit may not eat more than the rest
LOW_CONTRAST = 20.0
HIGH_CONTRAST = 30.0
HOLE_DEPTH = 0.055  # of the garment's width; deeper background colours are white prints


@dataclass(frozen=True)
class Cutout:
    """`alpha` H×W float32 0..1; `contrast` median Lab distance from the background."""

    alpha: Field
    contrast: float


@dataclass
class _Scene:
    smooth: Field  # denoised Lab
    background: Field
    distance: Field
    edge: Field
    noise: float


@dataclass
class _Choice:
    mask: Mask
    limit: float
    pieces: Mask
    stats: Points
    outside: Mask  # which pieces belong to the background


def cut_out(image: Image, subject: str) -> Cutout:
    """Cut a garment out of an H×W×3 uint8 BGR photo with a plain background.

    Raises Refusal garment_background_not_plain, garment_not_found.
    """
    scene = _measure_scene(image, subject)
    choice = _best_limit(scene)
    if choice is None:
        raise Refusal(
            "garment_not_found",
            f"No {subject} with a clear outline was found: lay it flat on a plain ground of "
            "another colour, fully inside the picture.",
            subject,
        )
    mask = choice.mask
    contrast = float(np.median(scene.distance[mask > 0]))
    if contrast > HIGH_CONTRAST:
        mask = _tightened(scene, mask, choice.limit, contrast)
        mask = _without_shadow(scene, mask)
    if contrast < LOW_CONTRAST:
        mask = _rounded_out(mask)
    if contrast > 3 * choice.limit or contrast > LOW_CONTRAST:
        _open_holes(scene, choice, mask)
    return Cutout(_alpha(image, mask, contrast), contrast)


def _measure_scene(image: Image, subject: str) -> _Scene:
    """Model the background as a quadratic surface through the border, measure all from it."""
    height, width = image.shape[:2]
    lab = to_lab(image)
    band = max(4, int(0.015 * min(height, width)))
    ring = np.ones((height, width), bool)
    ring[band:-band, band:-band] = False
    border = lab[ring]
    plain = np.abs(border - np.median(border, 0)).max(1) < PLAIN_SPREAD
    if plain.mean() < LEAST_PLAIN:
        raise Refusal(
            "garment_background_not_plain",
            f"Only {plain.mean():.0%} of the {subject} photo's border has one colour, at least "
            f"{LEAST_PLAIN:.0%} is needed: photograph it on a plain ground.",
            subject,
        )
    background = _background_surface(ring, plain, border)
    smooth = to_lab(cv2.bilateralFilter(image, 5, 12, 3))
    off = (smooth - background) * LAB_WEIGHTS
    distance = np.sqrt(np.einsum("ijk,ijk->ij", off, off))
    noise = float(np.percentile(distance[ring][plain], 95))
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    slope = np.einsum("ijk,ijk->ij", across, across) + np.einsum("ijk,ijk->ij", down, down)
    return _Scene(smooth, background, distance, cv2.dilate(np.sqrt(slope), square(5)), noise)


def _background_surface(ring: Mask, plain: Mask, border: Points) -> Field:
    height, width = ring.shape
    rows, columns = np.nonzero(ring)
    x = columns[plain].astype(np.float32) / width
    y = rows[plain].astype(np.float32) / height
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], -1)
    c = np.linalg.lstsq(terms, border[plain], rcond=None)[0].astype(np.float32)
    xs = (np.arange(width, dtype=np.float32) / width)[None, :, None]
    ys = (np.arange(height, dtype=np.float32) / height)[:, None, None]
    return (c[0] + c[1] * xs + c[3] * xs * xs) + (c[2] * ys + c[4] * ys * ys) + c[5] * xs * ys


def _flood(near: Mask) -> tuple[Mask, Points, Mask]:
    """Pieces of background-like pixels, their stats, and which of them reach the border."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=4)
    outside = np.zeros(count, bool)
    for side in (pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]):
        outside[side] = True
    outside[0] = False
    return pieces, stats, outside & (stats[:, 4] > 0.002 * near.size)


def _largest_remaining(pieces: Mask, outside: Mask) -> Mask:
    inside = (~outside).astype(np.uint8)[pieces]
    return largest(cv2.morphologyEx(inside, cv2.MORPH_OPEN, square(5)))


def _best_limit(scene: _Scene) -> _Choice | None:
    best: _Choice | None = None
    best_score = first_area = 0.0
    for limit in LIMITS:
        if limit < scene.noise * 0.9:
            continue
        near = (scene.distance < limit).astype(np.uint8)
        pieces, stats, outside = _flood(near)
        mask = _largest_remaining(pieces, outside)
        area = cv2.countNonZero(mask) / mask.size
        if not LEAST_AREA < area < MOST_AREA:
            continue
        score = _outline_score(scene.edge, mask)
        if score is None:
            continue
        first_area = first_area or area
        if area < AREA_KEPT * first_area:
            break
        if best is None or score > best_score * 1.003:
            best, best_score = _Choice(mask, limit, pieces, stats, outside), score
    return best


def _outline_score(edge: Field, mask: Mask) -> float | None:
    """How strong an edge the outline follows, favouring compact shapes; None if it is no edge."""
    height, width = mask.shape
    found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(found, key=len)[:, 0]
    x, y = contour.T
    contour = contour[(x > 2) & (x < width - 3) & (y > 2) & (y < height - 3)]
    if len(contour) < 50:
        return None
    strength = np.clip(edge[contour[:, 1], contour[:, 0]], 0, 60)
    mean = float(np.minimum(strength, EDGE_ENOUGH).mean())
    weak = np.median(strength) < LEAST_EDGE_MEDIAN or mean < LEAST_EDGE_MEAN
    if weak or (strength > 5).mean() < LEAST_EDGE_SHARE:
        return None
    solidity = cv2.countNonZero(mask) / max(1.0, cv2.contourArea(cv2.convexHull(contour)))
    return mean * (0.6 + 0.4 * min(1.0, solidity))


def _smaller_if_similar(mask: Mask, smaller: Mask, depth_px: int) -> Mask:
    """`smaller`, but only where it differs within `depth_px` of the edge, and not by much."""
    core = cv2.erode(mask, square(2 * depth_px + 1))
    merged = mask & (smaller | core)
    enough = cv2.countNonZero(merged) > 0.85 * cv2.countNonZero(mask)
    return merged if enough else mask


def _tightened(scene: _Scene, mask: Mask, limit: float, contrast: float) -> Mask:
    higher = min(0.14 * contrast, 16)
    if higher <= limit:
        return mask
    pieces, _, outside = _flood((scene.distance < higher).astype(np.uint8))
    # Deeper than 3 px it would eat white stripes and prints.
    return _smaller_if_similar(mask, _largest_remaining(pieces, outside), 3)


def _without_shadow(scene: _Scene, mask: Mask) -> Mask:
    """Take off a cast shadow: background hue but darker, and joined to the background."""
    off = scene.smooth - scene.background
    grey = np.hypot(off[..., 1], off[..., 2]) < 7
    shadow = grey & (off[..., 0] < 0) & (scene.smooth[..., 0] > 0.40 * scene.background[..., 0])
    rim = (cv2.erode(mask, square(27)) > 0) & (cv2.erode(mask, square(81)) == 0)
    if rim.sum() <= 500 or shadow[rim].mean() >= 0.03:
        return mask
    pieces, _, outside = _flood(((mask == 0) | shadow).astype(np.uint8))
    return _smaller_if_similar(mask, _largest_remaining(pieces, outside), 30)


def _rounded_out(mask: Mask) -> Mask:
    """Close the gaps of a low-contrast cutout, and complete it from its mirror image."""
    height, width = mask.shape
    reach = max(3, int(0.02 * height))
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disc(2 * reach + 1))
    full = blank(mask.shape)
    fill(full, outline(closed))
    columns = np.flatnonzero(full.any(0))
    flip = np.array([[-1, 0, float(columns[0] + columns[-1])], [0, 1, 0]], np.float32)
    twin: Mask = cv2.warpAffine(full, flip, (width, height), flags=cv2.INTER_NEAREST)
    overlap = np.count_nonzero(full & twin) / max(1, np.count_nonzero(full | twin))
    if overlap > 0.86:
        full |= twin & cv2.dilate(full, square(61))
        full = cv2.morphologyEx(full, cv2.MORPH_OPEN, square(9))
    return full


def _open_holes(scene: _Scene, choice: _Choice, mask: Mask) -> None:
    """Clear enclosed background near the outline (straps, handles), in place."""
    inward = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    wide = float(np.ptp(np.flatnonzero(mask.any(0))))
    limit = max(min(choice.limit, 2.5) * 0.6, min(scene.noise, 2))
    large = np.flatnonzero(choice.stats[:, 4] > 0.0008 * mask.size)
    for number in large[large > 0]:
        if choice.outside[number]:
            continue
        x, y, width, height = (int(v) for v in choice.stats[number][:4])
        box = np.s_[y : y + height, x : x + width]
        hole = choice.pieces[box] == number
        shallow = inward[box][hole].min() <= HOLE_DEPTH * wide
        if shallow and np.median(scene.distance[box][hole]) < limit:
            mask[box][hole] = 0


def _alpha(image: Image, mask: Mask, contrast: float) -> Field:
    """A soft alpha, pulled in by a pixel against fringes."""
    alpha = np.zeros(mask.shape, np.float32)
    x, y, width, height = bounds(mask)
    box = np.s_[max(0, y - 16) : y + height + 16, max(0, x - 16) : x + width + 16]
    part = mask[box]
    if contrast > 12:
        fine = guided_colour(image[box], part.astype(np.float32), 4, 2e-4)
        fine = np.clip((fine - 0.1) / 0.8, 0, 1)
    else:
        fine = np.clip((soften(part, 0.7) - 0.35) / 0.5, 0, 1)
    fine = np.clip((soften(fine, 0.8) - 0.45) / 0.5, 0, 1)
    fine[cv2.dilate(part, square(7)) == 0] = 0
    alpha[box] = fine
    return alpha
