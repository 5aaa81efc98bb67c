"""The answers of Aliyun Market and of the API gateway in front of it.

Source: the status codes of the product's own manual, the API gateway's error pages (read
2026-11-20).
"""

from __future__ import annotations

import uuid
from typing import Any

from sandbox.faults import FaultReplies
from sandbox.http_messages import Refused, Reply, json_reply
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


class GatewayRefused(Refused):
    """An error of the gateway, before the product: in the headers, with an empty body."""

    def __init__(self, code: str, message: str, classic: tuple[int, str]) -> None:
        super().__init__(int(code[1:4]), code, message)
        self.classic = classic


NO_NONCE = GatewayRefused("I400MH", "Header `X-Ca-Nonce` is Required", (400, "Nonce Required"))
USED_NONCE = GatewayRefused("I400NC", "Nonce Used", (400, "Nonce Used"))
NOT_JSON = GatewayRefused("I400HD", "Invalid Header `Content-Type`", (400, "Invalid Content-Type"))
NO_SUCH_API = GatewayRefused("I404NF", "API not Found", (400, "Invalid Url"))
NOT_POST = GatewayRefused("I405UM", "Unsupported Method", (400, "Unsupported Method"))
BAD_APPCODE = GatewayRefused("A400AC", "Invalid AppCode", (400, "Invalid AppCode"))
TOO_MANY = GatewayRefused("T429PA", "Throttled by API", (403, "Throttled by API Flow Control"))


def success_reply(data: dict[str, Any]) -> Reply:
    """Return the product's reply to an accepted request."""
    return _application_reply(200, 0, "success", severity="info", success=True, data=data)


def error_reply(refused: Refused, gateway: str) -> Reply:
    """Return an error as the product or its gateway ("dedicated" or "classic") sends it."""
    if not isinstance(refused, GatewayRefused):
        fields: dict[str, Any] = {"severity": "error", "success": False}
        return _application_reply(refused.status, refused.code, refused.message, **fields)
    headers = {"X-Ca-Request-Id": str(uuid.uuid4()).upper()}
    if gateway == "classic":
        status, headers["X-Ca-Error-Message"] = refused.classic
        return Reply(status, headers=headers)
    headers |= {"X-Ca-Error-Code": refused.code, "X-Ca-Error-Message": refused.message}
    return Reply(refused.status, headers=headers)


def _application_reply(status: int, code: int | str, message: str, **rest: Any) -> Reply:
    request_id = str(uuid.uuid4()).upper()
    body = {"code": code, "message": message, "requestId": request_id, **rest}
    return json_reply(body, status, **{"X-Ca-Request-Id": request_id})


def _with_status(body: dict[str, Any], status: str) -> dict[str, Any]:
    data = body.get("data") or {}
    tasks = [{"status": status} for _ in data.get("task_list", ())]
    return {**body, "data": {**data, "task_list": tasks}}


FAULT_REPLIES = FaultReplies(BUSY, BROKEN, _with_status)
