"""The person's alpha: two network mattes become a trimap, GrabCut decides, a filter refines."""

from __future__ import annotations

import cv2
import numpy as np

from engine.arrays import Field, Image, Mask
from engine.imaging.filters import guided_colour, square
from engine.imaging.outlines import blank, pieces_over
from engine.person.pose import Pose

BONES = (
    (11, 12), (11, 23), (12, 24), (23, 24), (11, 13), (13, 15),
    (12, 14), (14, 16), (23, 25), (25, 27), (24, 26), (26, 28),
)  # fmt: skip
SURE, UNSURE = 0.85, 0.15
SURE_INSIDE_SW = 0.035  # the agreed body shrinks by this before it counts as certain
GUIDE_RADIUS_PX, GUIDE_EPS = 6, 1e-4
GRABCUT_ROUNDS = 3
MARGIN_PX = 24  # half-size pixels of sure background that GrabCut learns from


def person_alpha(image: Image, pose: Pose) -> Field:
    """Return the alpha of the person, H×W float32 in 0..1."""
    height, width = image.shape[:2]
    half = (width // 2, height // 2)
    small = cv2.resize(image, half, interpolation=cv2.INTER_AREA)
    by_pose = cv2.resize(pose.pose_mask, half, interpolation=cv2.INTER_AREA)
    by_selfie = cv2.resize(pose.selfie_mask, half, interpolation=cv2.INTER_AREA)
    marks = _trimap(pose, by_pose, by_selfie)
    body = pieces_over(_cut(small, marks), 0.02)
    rough = cv2.resize(body.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return _refined(image, rough)


def _trimap(pose: Pose, by_pose: Field, by_selfie: Field) -> Mask:
    """GrabCut's four classes at half size."""
    sw = float(np.linalg.norm(pose.joints[11] - pose.joints[12])) / 2
    either, both = np.maximum(by_pose, by_selfie), np.minimum(by_pose, by_selfie)
    reach = max(2, round(SURE_INSIDE_SW * sw))
    inside: Mask = cv2.erode((both > SURE).astype(np.uint8), square(2 * reach + 1))
    inside |= _skeleton(pose, by_pose.shape) & (either > 0.3).astype(np.uint8)
    outside = 1 - cv2.dilate((either > UNSURE).astype(np.uint8), square(3 * reach + 1))
    marks = np.full(by_pose.shape, cv2.GC_PR_BGD, np.uint8)
    marks[by_pose + by_selfie > 1] = cv2.GC_PR_FGD
    marks[inside > 0] = cv2.GC_FGD
    marks[outside > 0] = cv2.GC_BGD
    return marks


def _skeleton(pose: Pose, shape: tuple[int, ...]) -> Mask:
    mask = blank(shape)
    thick = max(1, int(np.linalg.norm(pose.joints[11] - pose.joints[12]) * 0.025))
    for a, b in BONES:
        if min(pose.seen[a], pose.seen[b]) > 0.6:
            ends = (pose.joints[[a, b]] / 2).astype(int)
            cv2.line(mask, ends[0].tolist(), ends[1].tolist(), [1], thick)
    return mask


def _cut(small: Image, marks: Mask) -> Mask:
    """GrabCut within the part of the picture that is not sure background."""
    x, y, width, height = cv2.boundingRect((marks != cv2.GC_BGD).astype(np.uint8))
    y0, x0 = max(0, y - MARGIN_PX), max(0, x - MARGIN_PX)
    box = np.s_[y0 : y + height + MARGIN_PX, x0 : x + width + MARGIN_PX]
    part = marks[box].copy()
    if (part & 1).any() and not (part & 1).all():
        cv2.setRNGSeed(1)
        whole = (0, 0, part.shape[1], part.shape[0])  # ignored: the mask is given
        models = np.zeros((1, 65)), np.zeros((1, 65))
        crop = np.ascontiguousarray(small[box])
        cv2.grabCut(crop, part, whole, *models, GRABCUT_ROUNDS, cv2.GC_INIT_WITH_MASK)
    body: Mask = blank(marks.shape)
    body[box] = part & 1  # sure and probable foreground are the odd classes
    body = cv2.morphologyEx(body, cv2.MORPH_CLOSE, square(3))
    return cv2.morphologyEx(body, cv2.MORPH_OPEN, square(3))


def _refined(image: Image, rough: Field) -> Field:
    x, y, width, height = cv2.boundingRect((rough > 0).astype(np.uint8))
    pad = 3 * GUIDE_RADIUS_PX
    box = np.s_[max(0, y - pad) : y + height + pad, max(0, x - pad) : x + width + pad]
    alpha = np.zeros_like(rough)
    fine = guided_colour(image[box], rough[box], GUIDE_RADIUS_PX, GUIDE_EPS)
    alpha[box] = np.clip((fine - 0.08) / 0.84, 0, 1)
    return alpha
