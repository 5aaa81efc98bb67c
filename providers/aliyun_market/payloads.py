"""Aliyun Market's request bodies: one element of `task_list` per try-on.

Source: the product's own manual of the interface (read 2026-11-20). Its table calls all types
strings, its examples send numbers; numbers are sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from providers.contract import ImageRef, TryOnRequest, Unsupported
from providers.error_mapping import image_not_reachable

MODES = {"fast": 0, "full": 1}
# The examples' spelling, then the table's.
INFERENCE_MODE_NAMES = ("inferenceMode", "inference_mode")
FIELDS = {"top": "upper_image", "bottom": "lower_image", "dress": "full_image"}
# A garment without a photo type is a flat lay, as in the library.
PHOTO_TYPES = {"": 0, "flat": 0, "worn": 1}


def subtask_body(request: TryOnRequest, mode_names: Sequence[str]) -> dict[str, Any]:
    """Return the element that expresses a request. Raises ProviderError with sent "no"."""
    if request.operation != "tryon" or request.model not in MODES:
        raise Unsupported(f"Aliyun Market has no model {request.model!r} to {request.operation}.")
    if request.samples != 1:
        raise Unsupported("Aliyun Market decides itself how many images it makes.")
    if request.resolution != -1 or not request.restore_face:
        raise Unsupported("Aliyun Market lets neither the resolution nor the face be chosen.")
    return {
        "model_image": _image_url(request.person),
        **_garments(request),
        **dict.fromkeys(mode_names, MODES[request.model]),
        **request.extra,
    }


def _garments(request: TryOnRequest) -> dict[str, Any]:
    slots = set(request.garments)
    if not slots or slots - set(FIELDS):
        raise Unsupported("An outfit is a top, a bottom, both, or a dress.")
    # The manual's example sends all three, but does not say what is then worn.
    if "dress" in slots and len(slots) > 1:
        raise Unsupported("A dress is worn alone.")
    return {
        field: {"url": _image_url(image), "type": _photo_type(image)}
        for slot, field in FIELDS.items()
        if (image := request.garments.get(slot))
    }


def _photo_type(image: ImageRef) -> int:
    if image.photo_type not in PHOTO_TYPES:
        raise Unsupported(f"A garment photo is flat or worn, not {image.photo_type!r}.")
    return PHOTO_TYPES[image.photo_type]


def _image_url(image: ImageRef) -> str:
    if not image.url:
        raise image_not_reachable()
    return image.url
