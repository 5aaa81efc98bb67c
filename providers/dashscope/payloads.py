"""DashScope's calls: one per request, with only the fields that have a value.

Source: the aitryon-refiner and aitryon-plus references, the parsing page (read 2026-11-20).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.contract import (
    Capabilities,
    ImageRef,
    Outcome,
    ProviderError,
    RemoteImage,
    TryOnRequest,
    Unsupported,
)
from providers.dashscope.errors import call_error, read_error
from providers.dashscope.responses import outcome_fields, output_of
from providers.http_client import Answer, prefer_https

SYNTHESIS = "/services/aigc/image2image/image-synthesis"
PARSING = "/services/vision/image-process/process"
RESOLUTIONS = (-1, 1024, 1280)  # as the person image, 576x1024, 720x1280
GENDERS = ("woman", "man")
# The service's names of our parts, in the order in which its documents write them.
CLOTHES = {"top": "upper", "bottom": "lower", "dress": "dress"}

Address = Callable[[ImageRef, str], str]


@dataclass(frozen=True)
class Call:
    """One POST, ready to be sent but for the key."""

    path: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    synchronous: bool = False


def call_for(request: TryOnRequest, capabilities: Capabilities, address: Address) -> Call:
    """Return the call that expresses a request. Raises ProviderError with sent "no".

    `address` returns the URL of an image for a model.
    """
    known = capabilities.models.get(request.model)
    if known is None or known.operation != request.operation:
        raise Unsupported(f"DashScope has no model {request.model!r} to {request.operation}.")
    if request.samples != 1:
        raise Unsupported("DashScope makes one image per call.")
    return {"parse": _parse, "tryon": _tryon, "refine": _refine}[request.operation](
        request, address
    )


def _tryon(request: TryOnRequest, address: Address) -> Call:
    if request.resolution not in RESOLUTIONS:
        raise Unsupported("The resolution is -1, 1024 or 1280.")
    images = {"person_image_url": request.person, **_garments(request)}
    parameters = {"resolution": request.resolution, "restore_face": request.restore_face}
    return _call(SYNTHESIS, request, images, parameters, address)


def _refine(request: TryOnRequest, address: Address) -> Call:
    if request.coarse is None:
        raise Unsupported("The refiner needs the try-on image.")
    if request.gender not in GENDERS:
        raise Unsupported("The refiner needs the gender: woman or man.")
    if request.resolution != -1 or not request.restore_face:
        raise Unsupported("The refiner needs a try-on of resolution -1 that kept the face.")
    if _sizes_differ(request.coarse, request.person):
        raise Unsupported("The refiner needs a try-on image of the person photo's size.")
    garments = _garments(request)
    if "top_garment_url" not in garments:
        raise Unsupported("A try-on of a bottom alone cannot be refined.")
    images = {"person_image_url": request.person, **garments, "coarse_image_url": request.coarse}
    return _call(SYNTHESIS, request, images, {"gender": request.gender}, address)


def _sizes_differ(one: ImageRef, other: ImageRef) -> bool:
    """Whether both sizes are known, and not the same."""
    sizes = {(one.width, one.height), (other.width, other.height)} - {(0, 0)}
    return len(sizes) > 1


def _call(
    path: str,
    request: TryOnRequest,
    images: Mapping[str, ImageRef],
    parameters: Mapping[str, Any],
    address: Address,
    *,
    synchronous: bool = False,
) -> Call:
    addresses = {name: address(image, request.model) for name, image in images.items()}
    headers = {} if synchronous else {"X-DashScope-Async": "enable"}
    # Sent only with oss:// addresses: with others it was seen to make downloads time out.
    if any(url.startswith("oss://") for url in addresses.values()):
        headers["X-DashScope-OssResourceResolve"] = "enable"
    body = {
        "model": request.model,
        "input": addresses,
        "parameters": {**parameters, **request.extra},
    }
    return Call(path, body, headers, synchronous)


def _parse(request: TryOnRequest, address: Address) -> Call:
    parts = set(request.parts)
    if not parts or parts - set(CLOTHES) or ("dress" in parts and len(parts) > 1):
        raise Unsupported("The parts are top, bottom, top and bottom, or dress.")
    parameters = {"clothes_type": [CLOTHES[part] for part in _in_order(request)]}
    images = {"image_url": request.person}
    return _call(PARSING, request, images, parameters, address, synchronous=True)


def parse_outcome(answer: Answer, request: TryOnRequest) -> Outcome:
    """Return the outcome of a parse; its crops are in the order of the requested parts."""
    crops = output_of(answer).get("crop_img_url")
    if not isinstance(crops, list) or read_error(answer)[0]:
        return Outcome.failed(call_error(answer), **outcome_fields(answer))
    images = [
        RemoteImage(url=prefer_https(url), part=part)
        for part, url in zip(_in_order(request), crops, strict=False)
        if isinstance(url, str) and "://" in url  # a garment that is not worn is null
    ]
    if images:
        return Outcome("succeeded", images=images, **outcome_fields(answer))
    error = ProviderError(
        "InvalidGarment", "The photo shows none of these garments.", kind="input", sent="yes"
    )
    return Outcome.failed(error, **outcome_fields(answer))


def _garments(request: TryOnRequest) -> dict[str, ImageRef]:
    slots = set(request.garments)
    if not slots or slots - set(CLOTHES):
        raise Unsupported("An outfit is a top, a bottom, both, or a dress.")
    if "dress" in slots:
        if len(slots) > 1:
            raise Unsupported("A dress is worn alone.")
        # The documents: a dress goes where a top goes, and the bottom is left out.
        return {"top_garment_url": request.garments["dress"]}
    return {f"{slot}_garment_url": request.garments[slot] for slot in _in_order(request)}


def _in_order(request: TryOnRequest) -> list[str]:
    wanted = request.parts if request.operation == "parse" else request.garments
    return [part for part in CLOTHES if part in wanted]
