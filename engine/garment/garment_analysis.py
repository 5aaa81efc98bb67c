"""Analyse a garment photo, independently of any person."""

from __future__ import annotations

import cv2
import numpy as np

from engine.arrays import Image
from engine.garment import landmarks_bottom, landmarks_top, neckline, worn_check
from engine.garment.garment_types import Garment
from engine.garment.segmentation import LOW_CONTRAST, cut_out
from engine.imaging import codec
from engine.imaging.filters import disc, enlarge, fill_half, square
from engine.imaging.outlines import bounds, largest, outline, polygon

# As small as providers accept them, and as a parse may cut them out.
LEAST_PX = (150, 150)
MARGIN_PX = 12


def analyse(picture: Image, slot: str) -> Garment:
    """Cut out and measure the garment of a decoded photo of any size.

    Raises Refusal: image_too_small, garment_background_not_plain, garment_not_found,
    garment_has_person, garment_shape_unsupported.
    """
    codec.check_size(picture, slot, LEAST_PX)
    photo = codec.fit(picture)
    worn_check.check_nobody(photo, slot)
    garment = _cropped(photo, slot)
    if slot == "bottom":
        landmarks_bottom.find_landmarks(garment)
    else:
        landmarks_top.find_landmarks(garment)
        neckline.open_neck(garment)
    _clean_rim(garment)
    return garment


def _cropped(photo: Image, slot: str) -> Garment:
    cutout = cut_out(photo, slot)
    mask = largest((cutout.alpha > 0.5).astype(np.uint8))
    alpha = cutout.alpha * cv2.dilate(mask, square(5))
    x, y, width, height = bounds(mask)
    x0, y0 = max(0, x - MARGIN_PX), max(0, y - MARGIN_PX)
    box = np.s_[y0 : y + height + MARGIN_PX, x0 : x + width + MARGIN_PX]
    contour = outline(np.ascontiguousarray(mask[box]))
    compact = np.round(alpha[box] * 255).astype(np.uint8)
    image = np.ascontiguousarray(photo[box])
    warnings = ("garment_low_contrast",) if cutout.contrast < LOW_CONTRAST else ()
    solid = polygon(compact.shape, contour)
    cut_off = x <= 1 or x + width >= photo.shape[1] - 1
    return Garment(
        slot, image, compact, solid, contour, cutout.contrast, warnings=warnings, cut_off=cut_off
    )


def _clean_rim(garment: Garment) -> None:
    """Replace the outermost pixels, which the ground has tinted, by colours from inside."""
    reach = 3 if garment.contrast > 15 else 1
    solid = (garment.alpha > 127).astype(np.uint8)
    inner = cv2.erode(solid, disc(2 * reach + 1)) > 0
    plate = enlarge(fill_half(garment.image, inner), garment.mask.shape)
    garment.image = np.where(inner[..., None], garment.image, plate)
