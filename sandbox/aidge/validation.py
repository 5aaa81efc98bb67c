"""Check Aidge's requests: a signed address, and bodies to the letter of the reference.

Source: the virtual try-on submit reference; the signature and the query of the vendor's samples
(read 2026-11-20).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.aidge.responses import (
    BAD_KEY,
    BAD_SIGNATURE,
    BAD_TIMESTAMP,
    invalid_input,
    invalid_parameter,
    missing_parameter,
)
from sandbox.http_messages import Request
from sandbox.options import Options

FIXED = {"partner_id": "aidge", "sign_method": "sha256", "sign_ver": "v2"}
SIGNED = (*FIXED, "app_key", "timestamp", "sign")
TYPES = ("tops", "dresses")
VIEWS = ("fullbody", "halfbody", "mixed")
# The fields of a library model; a base beside General belongs to some customer.
MODEL: Mapping[str, tuple[str, ...]] = {
    "base": ("General",),
    "name": (),
    "gender": ("male", "female"),
    "style": ("universal_1", "universal_2", "universal_3"),
    "body": ("slim", "curvy"),
}
MAX_MODEL_IMAGES, MAX_IMAGES, DEFAULT_IMAGES = 8, 8, 4


@dataclass(frozen=True)
class Element:
    """One checked element: `type` empty where it is to be recognised, `sent` as received."""

    garment: str
    type: str
    model_images: tuple[str, ...]
    images: int
    detect: bool
    sent: Mapping[str, Any]


def owner_of(request: Request, options: Options) -> str:
    """Return the account of a signed address. Raises Refused."""
    query = request.query
    for name in SIGNED:
        if not query.get(name):
            raise missing_parameter(name)
        if query[name] != FIXED.get(name, query[name]):
            raise invalid_parameter(name)
    if options.api_keys and query["app_key"] not in options.api_keys:
        raise BAD_KEY
    if (
        not query["timestamp"].isdigit()
        or _clock_skew_s(query["timestamp"]) > options.aidge_skew_seconds
    ):
        raise BAD_TIMESTAMP
    message = (options.aidge_secret + query["timestamp"]).encode()
    expected = hmac.new(options.aidge_secret.encode(), message, hashlib.sha256).hexdigest().upper()
    if not hmac.compare_digest(query["sign"].encode(), expected.encode()):
        raise BAD_SIGNATURE
    return query["app_key"]


def read_submit(request: Request, *, lenient: bool) -> list[Element]:
    """Return the elements of a call. Raises Refused.

    An array is documented, an object was seen to be sent; both as JSON text. `lenient` also takes
    an array that is none.
    """
    found = _body(request).get("requestParams")
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            raise invalid_input("requestParams is not JSON") from None
        found = [found] if isinstance(found, dict) else found
    elif not lenient:
        raise invalid_input("requestParams must be a JSON string")
    if not isinstance(found, list) or not found:
        raise invalid_input("requestParams must be an array")
    return [_read_element(element) for element in found]


def read_query(request: Request) -> str:
    """Return the queried task; one version of the documents writes taskId. Raises Refused."""
    body = _body(request)
    task_id = body.get("task_id") or body.get("taskId")
    if not isinstance(task_id, str) or not task_id:
        raise invalid_input("task_id")
    return task_id


def _clock_skew_s(timestamp: str) -> float:
    return abs(time.time() - int(timestamp) / 1000)


def _body(request: Request) -> Mapping[str, Any]:
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise invalid_input("Content-Type must be application/json")
    try:
        body = json.loads(request.body)
    except ValueError:
        raise invalid_input("the body is not JSON") from None
    if not isinstance(body, dict):
        raise invalid_input("the body must be an object")
    return body


def _read_element(element: Any) -> Element:
    if not isinstance(element, dict):
        raise invalid_input("requestParams must hold objects")
    clothes = element.get("clothesList")
    if not isinstance(clothes, list) or len(clothes) != 1 or not isinstance(clothes[0], dict):
        raise invalid_input("clothesList must hold one garment")
    _text_field(element, "viewType", VIEWS)
    _check_model(element)
    return Element(
        garment=_check_url(clothes[0].get("imageUrl"), "imageUrl"),
        type=_text_field(clothes[0], "type", TYPES),
        model_images=_model_images(element),
        images=_number_field(element, "generateCount", 1, MAX_IMAGES, DEFAULT_IMAGES),
        detect=bool(_number_field(element, "inputQualityDetect", 0, 1, 0)),
        sent=element,
    )


def _model_images(element: Mapping[str, Any]) -> tuple[str, ...]:
    found = element.get("modelImage")
    if found is None:
        return ()
    if not isinstance(found, list) or len(found) > MAX_MODEL_IMAGES:
        raise invalid_input("modelImage must hold at most 8 addresses")
    return tuple(_check_url(url, "modelImage") for url in found)


def _check_model(element: Mapping[str, Any]) -> None:
    model = element.get("model") or {}
    if not isinstance(model, dict):
        raise invalid_input("model")
    for name, allowed in MODEL.items():
        _text_field(model, name, allowed)


def _check_url(url: Any, name: str) -> str:
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise invalid_input(name)
    return url


def _text_field(fields: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str) or (value and allowed and value not in allowed):
        raise invalid_input(name)
    return value


def _number_field(fields: Mapping[str, Any], name: str, least: int, most: int, default: int) -> int:
    value = fields.get(name, default)
    # bool is an int to Python, and 4.0 is equal to 4: neither is what is documented.
    if type(value) is not int or not least <= value <= most:
        raise invalid_input(name)
    return value
