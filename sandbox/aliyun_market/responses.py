"""The words of Aliyun Market and of the API gateway in front of it.

Source: the status codes of the product's own manual, the API gateway's error pages (read
2026-11-20).
"""

from __future__ import annotations

import uuid
from typing import Any

from sandbox.faults import Words
from sandbox.http_messages import Refused, Reply, as_json
from sandbox.input_images import Rules

BROKEN = Refused(500, "23500000", "Internal server error")
NO_TOKEN = Refused(401, "23500001", "Authorization required to perform current operation")
BUSY = Refused(403, "23500004", "Request was denied due to request throttling")
BAD_URL = Refused(400, "23500006", "The image url provided is invalid or non-accessible")
BAD_IMAGE = Refused(400, "23500007", "The uploaded image does not meet the requirements")
NO_SUCH_KEY = Refused(
    400, "23500008", "No records found related to the specified resultKey parameter"
)
EMPTY_FIELD = Refused(400, "23500009", "Required parameters cannot be empty")
JOB_FAILED = Refused(500, "23500011", "Job execution failed")
NO_BODY = Refused(400, "23500012", "Required request body is missing")
BAD_FIELD = Refused(400, "23500013", "Illegal input parameter found")

# The size of a file is not limited by the manual; this only keeps the memory bounded.
RULES = Rules(
    min_side=400,
    max_side=4096,
    min_bytes=1,
    max_bytes=64 * 1024 * 1024,
    formats=("JPEG", "PNG", "WEBP"),
    bad_url=BAD_URL,
    bad_size=BAD_IMAGE,
    bad_media=BAD_IMAGE,
    too_slow=BAD_URL,
)


class Gate(Refused):
    """A refusal of the gateway, before the product: in its headers, with an empty body."""

    def __init__(self, code: str, message: str, classic: tuple[int, str]) -> None:
        super().__init__(int(code[1:4]), code, message)
        self.classic = classic


NO_NONCE = Gate("I400MH", "Header `X-Ca-Nonce` is Required", (400, "Nonce Required"))
USED_NONCE = Gate("I400NC", "Nonce Used", (400, "Nonce Used"))
NOT_JSON = Gate("I400HD", "Invalid Header `Content-Type`", (400, "Invalid Content-Type"))
NO_SUCH_API = Gate("I404NF", "API not Found", (400, "Invalid Url"))
NOT_POST = Gate("I405UM", "Unsupported Method", (400, "Unsupported Method"))
BAD_APPCODE = Gate("A400AC", "Invalid AppCode", (400, "Invalid AppCode"))
TOO_MANY = Gate("T429PA", "Throttled by API", (403, "Throttled by API Flow Control"))


def answered(data: dict[str, Any]) -> Reply:
    return _enveloped(200, 0, "success", severity="info", success=True, data=data)


def as_error(refused: Refused, gateway: str) -> Reply:
    if not isinstance(refused, Gate):
        told: dict[str, Any] = {"severity": "error", "success": False}
        return _enveloped(refused.status, refused.code, refused.message, **told)
    headers = {"X-Ca-Request-Id": str(uuid.uuid4()).upper()}
    if gateway == "classic":
        status, headers["X-Ca-Error-Message"] = refused.classic
        return Reply(status, headers=headers)
    headers |= {"X-Ca-Error-Code": refused.code, "X-Ca-Error-Message": refused.message}
    return Reply(refused.status, headers=headers)


def _enveloped(status: int, code: int | str, message: str, **rest: Any) -> Reply:
    request_id = str(uuid.uuid4()).upper()
    body = {"code": code, "message": message, "requestId": request_id, **rest}
    return as_json(body, status, **{"X-Ca-Request-Id": request_id})


def _restated(body: dict[str, Any], word: str) -> dict[str, Any]:
    data = body.get("data") or {}
    tasks = [{"status": word} for _ in data.get("task_list", ())]
    return {**body, "data": {**data, "task_list": tasks}}


WORDS = Words(BUSY, BROKEN, _restated)
