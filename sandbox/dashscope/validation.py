"""Check DashScope's requests to the letter of the references.

Source: the aitryon-refiner and aitryon-plus references, the parsing page and the general error
code page (read 2026-11-20).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.http_messages import Refused, Request
from sandbox.input_images import BAD_MEDIA, BAD_URL
from sandbox.result_images import NO_GARMENT

TRYON_MODELS = ("aitryon", "aitryon-plus")
REFINER, PARSER = "aitryon-refiner", "aitryon-parsing-v1"
PARTS = {"upper": "top", "lower": "bottom", "dress": "dress"}
CLOTHES = (["upper"], ["lower"], ["dress"], ["upper", "lower"], ["lower", "upper"])

BAD_REQUEST = Refused(
    400,
    "InvalidParameter",
    "The request is missing required parameters or in a wrong format, please check the parameters "
    "that you send.",
)
BAD_CLOTHES = Refused(
    400,
    "InvalidParameter.ClothesType",
    "The request parameter is invalid, please check the request parameter.",
)
NO_SUCH_MODEL = Refused(404, "ModelNotFound", "Model can not be found.")
NOT_SYNCHRONOUS = Refused(
    403, "AccessDenied", "current user api does not support synchronous calls."
)
NOT_ASYNCHRONOUS = Refused(
    403, "AccessDenied", "Current user api does not support asynchronous calls."
)


@dataclass(frozen=True)
class CheckedRequest:
    """A checked request: addresses by role (person, top, bottom, coarse) and its parameters."""

    model: str
    addresses: Mapping[str, str]
    resolution: int = -1
    clothes: tuple[str, ...] = ()


def read_model(request: Request) -> tuple[dict[str, Any], str]:
    """Return the body and its model. Raises Refused."""
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise BAD_REQUEST
    try:
        body = json.loads(request.body)
    except ValueError:
        raise BAD_REQUEST from None
    if not isinstance(body, dict):
        raise BAD_REQUEST
    if not body.get("model"):
        raise _empty("Model", "model")
    return body, str(body["model"])


def read_synthesis(request: Request, body: Mapping[str, Any]) -> CheckedRequest:
    """Check a try-on or refiner body. Raises Refused."""
    model = str(body["model"])
    if model not in (*TRYON_MODELS, REFINER):
        raise BAD_REQUEST if model == PARSER else NO_SUCH_MODEL
    given, parameters = _given(body, required=model == REFINER)
    roles = {role: _address(given, f"{role}_garment_url") for role in ("top", "bottom")}
    roles["person"] = _address(given, "person_image_url", required=True)
    if model == REFINER:
        roles["coarse"] = _address(given, "coarse_image_url", required=True)
        if not roles["top"] or parameters.get("gender") not in ("woman", "man"):
            raise BAD_REQUEST
    elif not roles["top"] and not roles["bottom"]:
        raise NO_GARMENT
    addresses = {role: url for role, url in roles.items() if url}
    _check_schemes(request, addresses)
    return CheckedRequest(model, addresses, _resolution(parameters))


def read_parsing(request: Request, body: Mapping[str, Any]) -> CheckedRequest:
    """Check a parsing body. Raises Refused."""
    model = str(body["model"])
    if model != PARSER:
        raise BAD_REQUEST if model in (*TRYON_MODELS, REFINER) else NO_SUCH_MODEL
    given, parameters = _given(body, required=True)
    addresses = {"person": _address(given, "image_url", required=True)}
    _check_schemes(request, addresses)
    clothes = parameters.get("clothes_type")
    if clothes not in CLOTHES:
        raise BAD_CLOTHES
    return CheckedRequest(model, addresses, clothes=tuple(clothes))


def _given(
    body: Mapping[str, Any], *, required: bool
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    given, parameters = body.get("input"), body.get("parameters")
    if not given:
        raise _empty("Input", "input")
    if parameters is None:
        if required:
            raise _empty("Parameters", "parameters")
        parameters = {}
    if not isinstance(given, dict) or not isinstance(parameters, dict):
        raise BAD_REQUEST
    return given, parameters


def _address(given: Mapping[str, Any], name: str, *, required: bool = False) -> str:
    value = given.get(name, "")
    if not isinstance(value, str) or (required and not value):
        raise BAD_REQUEST
    return value


def _check_schemes(request: Request, addresses: Mapping[str, str]) -> None:
    resolving = request.headers.get("x-dashscope-ossresourceresolve") == "enable"
    for url in addresses.values():
        if url.startswith("oss://"):
            if not resolving:
                raise BAD_MEDIA
        elif not url.startswith(("http://", "https://")):
            raise BAD_URL


def _resolution(parameters: Mapping[str, Any]) -> int:
    resolution, face = parameters.get("resolution", -1), parameters.get("restore_face", True)
    # bool is an int to Python, and 1024.0 is equal to 1024: neither is what is documented.
    if type(resolution) is not int or resolution not in (-1, 1024, 1280):
        raise BAD_REQUEST
    if not isinstance(face, bool):
        raise BAD_REQUEST
    return resolution


def _empty(code: str, name: str) -> Refused:
    if name == "input":
        message = "Required input parameter missing from request."
    else:
        message = f'Required parameter "{name}" missing from request.'
    return Refused(400, f"BadRequest.Empty{code}", message)
