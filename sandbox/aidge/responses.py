"""Aidge's answers: those of its application, and those of the gateway in front of it.

Source: the error table of the virtual try-on submit reference, to the letter of its messages; the
vendor's samples; the gateway's names are those of its siblings (read 2026-11-20).
"""

from __future__ import annotations

import uuid
from typing import Any

from sandbox.faults import FaultReplies
from sandbox.http_messages import Refused, Reply, json_reply
from sandbox.input_images import Rules

BROKEN = Refused(500, "500", "system error")
TOO_MANY = Refused(429, "501", "rate limit exceed")
NO_DOWNLOAD = Refused(400, "701", "Clothing image dowloading failed, please try another input")
LOW_RESOLUTION = Refused(400, "703", "Input clothes image resoulution low, please try other image")
NO_FLAT_LAY = Refused(
    400, "707", "Input clothing image is not a complete flat lay. Please try another image."
)
MODEL_FAILED = Refused(500, "801", "model failed")


def invalid_input(field: str) -> Refused:
    """Return the error of a bad field; the message names it, as the reference documents."""
    return Refused(400, "700", f"invalid input: {field}")


# For files, formats and model images nothing is documented: this only keeps the memory bounded.
_MAX_BYTES = 32 * 1024 * 1024
_FORMATS = ("JPEG", "PNG", "BMP", "WEBP")
# Larger than 500, at most 3000. The table has no code for images that are too large.
GARMENT = Rules(
    min_side=501,
    max_side=3000,
    min_bytes=1,
    max_bytes=_MAX_BYTES,
    formats=_FORMATS,
    bad_url=NO_DOWNLOAD,
    bad_size=LOW_RESOLUTION,
    bad_media=NO_DOWNLOAD,
    too_slow=NO_DOWNLOAD,
)
_NO_MODEL = invalid_input("modelImage cannot be used")
MODEL_IMAGE = Rules(
    min_side=1,
    max_side=8192,
    min_bytes=1,
    max_bytes=_MAX_BYTES,
    formats=_FORMATS,
    bad_url=_NO_MODEL,
    bad_size=_NO_MODEL,
    bad_media=_NO_MODEL,
    too_slow=_NO_MODEL,
)


class GatewayRefused(Refused):
    """An error of the gateway, before the application, in the gateway's format."""

    def __init__(self, status: int, code: str, message: str, type_: str = "ISV") -> None:
        super().__init__(status, code, message)
        self.type = type_


NO_SUCH_API = GatewayRefused(404, "InvalidApiPath", "The specified API path is invalid")
BAD_KEY = GatewayRefused(401, "InvalidAppKey", "The specified app key is invalid")
BAD_TIMESTAMP = GatewayRefused(
    401, "IllegalTimestamp", "The specified timestamp is expired or invalid"
)
BAD_SIGNATURE = GatewayRefused(401, "IncompleteSignature", "The request signature does not conform")
# The vendor's samples have the beginning of the message; code and format are not documented.
EXHAUSTED = GatewayRefused(
    403, "ResourcesExhausted", "Sorry, your calling resources have been exhausted."
)


def missing_parameter(parameter: str) -> GatewayRefused:
    """Return the error of a missing query parameter."""
    return GatewayRefused(400, "MissingParameter", f"The parameter {parameter} is missing")


def invalid_parameter(parameter: str) -> GatewayRefused:
    """Return the error of a bad query parameter."""
    return GatewayRefused(400, "InvalidParameter", f"The parameter {parameter} is invalid")


def success_reply(data: dict[str, Any], error: tuple[str, str] | None = None) -> Reply:
    """Return the application's reply; `error` is the code and message of a failed task."""
    return json_reply(_application_body(*(error or ("200", "success")), data))


def error_reply(refused: Refused, *, own_status: bool) -> Reply:
    """Return an error in its format. HTTP statuses are not documented: 200 or `refused.status`."""
    status = refused.status if own_status else 200
    if not isinstance(refused, GatewayRefused):
        return json_reply(_application_body(refused.code, refused.message), status)
    body = {"type": refused.type, "code": refused.code, "message": refused.message}
    return json_reply({**body, "request_id": uuid.uuid4().hex}, status)


def _application_body(
    code: str, message: str, data: dict[str, Any] | None = None
) -> dict[str, Any]:
    request_id = uuid.uuid4().hex
    outcome = {"resCode": int(code), "resMessage": message, "success": code == "200"}
    ids = {"requestId": request_id, "request_id": request_id}
    return {"code": "0", **outcome, **({} if data is None else {"data": data}), **ids}


def _with_status(body: dict[str, Any], status: str) -> dict[str, Any]:
    data = body.get("data") or {}
    kept = {key: value for key, value in data.items() if key != "taskResult"}
    return {**body, "data": {**kept, "taskStatus": status}}


FAULT_REPLIES = FaultReplies(TOO_MANY, BROKEN, _with_status)
