"""What Aidge accepts: a signed address, and bodies checked to the letter of the reference.

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

from sandbox.aidge.responses import BAD_KEY, BAD_SIGNATURE, BAD_TIMESTAMP, invalid, missing, wrong
from sandbox.http_messages import Request
from sandbox.options import Options

FIXED = {"partner_id": "aidge", "sign_method": "sha256", "sign_ver": "v2"}
SIGNED = (*FIXED, "app_key", "timestamp", "sign")
TYPES = ("tops", "dresses")
VIEWS = ("fullbody", "halfbody", "mixed")
# What a library model may be asked to be; a base beside General is some customer's own.
MODEL: Mapping[str, tuple[str, ...]] = {
    "base": ("General",),
    "name": (),
    "gender": ("male", "female"),
    "style": ("universal_1", "universal_2", "universal_3"),
    "body": ("slim", "curvy"),
}
MAX_MODEL_IMAGES, MAX_IMAGES, DEFAULT_IMAGES = 8, 8, 4


@dataclass(frozen=True)
class Wanted:
    """One checked element: `type` empty where it is to be recognised, `sent` as it came."""

    garment: str
    type: str
    model_images: tuple[str, ...]
    images: int
    detect: bool
    sent: Mapping[str, Any]


def owner_of(request: Request, options: Options) -> str:
    """The account of a signed address. Raises Refused."""
    query = request.query
    for name in SIGNED:
        if not query.get(name):
            raise missing(name)
        if query[name] != FIXED.get(name, query[name]):
            raise wrong(name)
    if options.api_keys and query["app_key"] not in options.api_keys:
        raise BAD_KEY
    if not query["timestamp"].isdigit() or _skew(query["timestamp"]) > options.aidge_skew_seconds:
        raise BAD_TIMESTAMP
    message = (options.aidge_secret + query["timestamp"]).encode()
    expected = hmac.new(options.aidge_secret.encode(), message, hashlib.sha256).hexdigest().upper()
    if not hmac.compare_digest(query["sign"].encode(), expected.encode()):
        raise BAD_SIGNATURE
    return query["app_key"]


def read_submit(request: Request, *, lenient: bool) -> list[Wanted]:
    """The elements of a call. Raises Refused.

    An array is documented, an object was seen to be sent; both as JSON text. `lenient` also takes
    an array that is none.
    """
    found = _body(request).get("requestParams")
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            raise invalid("requestParams is not JSON") from None
        found = [found] if isinstance(found, dict) else found
    elif not lenient:
        raise invalid("requestParams must be a JSON string")
    if not isinstance(found, list) or not found:
        raise invalid("requestParams must be an array")
    return [_element(one) for one in found]


def read_query(request: Request) -> str:
    """The task that is asked after; one version of the documents writes taskId. Raises Refused."""
    body = _body(request)
    task_id = body.get("task_id") or body.get("taskId")
    if not isinstance(task_id, str) or not task_id:
        raise invalid("task_id")
    return task_id


def _skew(timestamp: str) -> float:
    return abs(time.time() - int(timestamp) / 1000)


def _body(request: Request) -> Mapping[str, Any]:
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise invalid("Content-Type must be application/json")
    try:
        body = json.loads(request.body)
    except ValueError:
        raise invalid("the body is not JSON") from None
    if not isinstance(body, dict):
        raise invalid("the body must be an object")
    return body


def _element(one: Any) -> Wanted:
    if not isinstance(one, dict):
        raise invalid("requestParams must hold objects")
    clothes = one.get("clothesList")
    if not isinstance(clothes, list) or len(clothes) != 1 or not isinstance(clothes[0], dict):
        raise invalid("clothesList must hold one garment")
    _choice(one, "viewType", VIEWS)
    _check_model(one)
    return Wanted(
        garment=_address(clothes[0].get("imageUrl"), "imageUrl"),
        type=_choice(clothes[0], "type", TYPES),
        model_images=_model_images(one),
        images=_number(one, "generateCount", 1, MAX_IMAGES, DEFAULT_IMAGES),
        detect=bool(_number(one, "inputQualityDetect", 0, 1, 0)),
        sent=one,
    )


def _model_images(one: Mapping[str, Any]) -> tuple[str, ...]:
    found = one.get("modelImage")
    if found is None:
        return ()
    if not isinstance(found, list) or len(found) > MAX_MODEL_IMAGES:
        raise invalid("modelImage must hold at most 8 addresses")
    return tuple(_address(url, "modelImage") for url in found)


def _check_model(one: Mapping[str, Any]) -> None:
    model = one.get("model") or {}
    if not isinstance(model, dict):
        raise invalid("model")
    for name, words in MODEL.items():
        _choice(model, name, words)


def _address(url: Any, name: str) -> str:
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise invalid(name)
    return url


def _choice(place: Mapping[str, Any], name: str, words: tuple[str, ...]) -> str:
    value = place.get(name, "")
    if not isinstance(value, str) or (value and words and value not in words):
        raise invalid(name)
    return value


def _number(place: Mapping[str, Any], name: str, least: int, most: int, default: int) -> int:
    value = place.get(name, default)
    # bool is an int to Python, and 4.0 is equal to 4: neither is what is documented.
    if type(value) is not int or not least <= value <= most:
        raise invalid(name)
    return value
