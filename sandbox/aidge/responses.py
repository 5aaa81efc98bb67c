"""The words of Aidge: its application's answers, and those of the gateway in front of it.

Source: the error table of the virtual try-on submit reference, to the letter of its messages; the
vendor's samples; the gateway's names are those of its siblings (read 2026-11-20).
"""

from __future__ import annotations

import uuid
from typing import Any

from sandbox.faults import Words
from sandbox.http_messages import Refused, Reply, as_json
from sandbox.input_images import Rules

BROKEN = Refused(500, "500", "system error")
TOO_MANY = Refused(429, "501", "rate limit exceed")
NO_DOWNLOAD = Refused(400, "701", "Clothing image dowloading failed, please try another input")
LOW_RESOLUTION = Refused(400, "703", "Input clothes image resoulution low, please try other image")
NO_FLAT_LAY = Refused(
    400, "707", "Input clothing image is not a complete flat lay. Please try another image."
)
MODEL_FAILED = Refused(500, "801", "model failed")


def invalid(field: str) -> Refused:
    """The message names the field, as the reference says that it does."""
    return Refused(400, "700", f"invalid input: {field}")


# Of files, formats and model images nothing is documented: this only keeps the memory bounded.
_MAX_BYTES = 32 * 1024 * 1024
_FORMATS = ("JPEG", "PNG", "BMP", "WEBP")
# Larger than 500, at most 3000. Of what is too large the table says nothing of its own.
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
_NO_MODEL = invalid("modelImage cannot be used")
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


class Gate(Refused):
    """A refusal of the gateway, before the application: in a shape of its own."""

    def __init__(self, status: int, code: str, message: str, type_: str = "ISV") -> None:
        super().__init__(status, code, message)
        self.type = type_


NO_SUCH_API = Gate(404, "InvalidApiPath", "The specified API path is invalid")
BAD_KEY = Gate(401, "InvalidAppKey", "The specified app key is invalid")
BAD_TIMESTAMP = Gate(401, "IllegalTimestamp", "The specified timestamp is expired or invalid")
BAD_SIGNATURE = Gate(401, "IncompleteSignature", "The request signature does not conform")
# The vendor's samples know how it begins; with which code and in which shape is not told.
EXHAUSTED = Gate(403, "ResourcesExhausted", "Sorry, your calling resources have been exhausted.")


def missing(parameter: str) -> Gate:
    return Gate(400, "MissingParameter", f"The parameter {parameter} is missing")


def wrong(parameter: str) -> Gate:
    return Gate(400, "InvalidParameter", f"The parameter {parameter} is invalid")


def answered(data: dict[str, Any], error: tuple[str, str] | None = None) -> Reply:
    """What the application says; `error` where it tells of a task that failed."""
    return as_json(_told(*(error or ("200", "success")), data))


def as_error(refused: Refused, *, own_status: bool) -> Reply:
    """An error in its shape. HTTP statuses are not documented: 200, or one of its own."""
    status = refused.status if own_status else 200
    if not isinstance(refused, Gate):
        return as_json(_told(refused.code, refused.message), status)
    body = {"type": refused.type, "code": refused.code, "message": refused.message}
    return as_json({**body, "request_id": uuid.uuid4().hex}, status)


def _told(code: str, message: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    request_id = uuid.uuid4().hex
    told = {"resCode": int(code), "resMessage": message, "success": code == "200"}
    ids = {"requestId": request_id, "request_id": request_id}
    return {"code": "0", **told, **({} if data is None else {"data": data}), **ids}


def _restated(body: dict[str, Any], word: str) -> dict[str, Any]:
    data = body.get("data") or {}
    kept = {key: value for key, value in data.items() if key != "taskResult"}
    return {**body, "data": {**kept, "taskStatus": word}}


WORDS = Words(TOO_MANY, BROKEN, _restated)
