"""What the error codes of Aliyun Market, and of the API gateway in front of it, mean to us.

Source: the status codes of the product's own manual, the API gateway's error pages (read
2026-11-20). The gateway's answers often have no body: newer instances name a code in
X-Ca-Error-Code, classic ones only send X-Ca-Error-Message, nearly always with status 403.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from providers.contract import Kind, ProviderError, Sent
from providers.error_mapping import (
    KindRule,
    as_text,
    error_from_answer,
    kind_by_rules,
    kind_by_status,
    sent_by_status,
)
from providers.http_client import Answer

UNKNOWN_KEY = "23500008"
# A query sends nothing but a key, so in its answer these are about the submitted work.
TASK_ERROR_CODES = ("23500005", "23500006", "23500007", "23500011")

APPLICATION: tuple[KindRule, ...] = (
    ("23500000", "", "transient"),
    ("23500001", "", "account"),
    ("23500002", "", "account"),
    ("23500003", "", "account"),
    ("23500004", "", "throttled"),  # with status 403
    ("23500005", "", "content"),
    ("23500006", "", "input"),
    ("23500007", "", "input"),
    ("23500008", "", "input"),
    ("23500009", "", "input"),
    ("23500011", "", "transient"),
    ("23500012", "", "input"),
    ("23500013", "", "input"),
    ("23500014", "", "account"),
)
# The letter says whose fault it is: Input, Authorisation, Business, Throttling, backenD, X gateway.
GATEWAY: tuple[KindRule, ...] = (
    ("i400nc", "", "transient"),  # a nonce that was used: the next call has another
    ("i403*", "", "account"),
    ("i404*", "", "account"),
    ("i410*", "", "account"),
    ("i[0-9][0-9][0-9]*", "", "input"),
    ("[ab][0-9][0-9][0-9]*", "", "account"),
    ("t[0-9][0-9][0-9]*", "", "throttled"),
    ("[dx][0-9][0-9][0-9]*", "", "transient"),
)
# Classic instances, by their message; the first part that occurs decides.
CLASSIC: tuple[KindRule, ...] = (
    ("", "throttled", "throttled"),
    ("", "nonce", "transient"),
    ("", "quota", "account"),
    ("", "arrears", "account"),
    ("", "appcode", "account"),
    ("", "appkey", "account"),
    ("", "unauthorized", "account"),
    ("", "invalid url", "account"),
)
RULES = (*APPLICATION, *GATEWAY, *CLASSIC)

BACKEND_CODE = re.compile(r"[DX]\d{3}")
# With these in an answer of HTTP 200 the work may have begun although the answer is an error.
AMBIGUOUS_CODES = ("23500000", "23500011")


def kind_of(code: str, message: str = "", status: int | None = None) -> Kind:
    """Return our kind of an error; unknown codes go by the HTTP status."""
    return kind_by_rules(RULES, code.lower(), message.lower()) or kind_by_status(status or 0)


def read_error(answer: Answer) -> tuple[str, str]:
    """Return the code and message, the body's before the gateway's; ("", "") for none."""
    body, headers = answer.body or {}, answer.headers
    code, message = as_text(body.get("code")), as_text(body.get("message"))
    if code not in ("", "0"):
        return code, message
    code = as_text(headers.get("x-ca-error-code"))
    return code, as_text(headers.get("x-ca-error-message")) or message


def call_error(answer: Answer) -> ProviderError:
    """Return the error of an answer that names no accepted task."""
    code, message = read_error(answer)
    kind = kind_of(code, message, answer.status)
    return error_from_answer(answer, code, message, kind, _sent(answer.status, code))


def task_error(task: Mapping[str, Any], answer: Answer) -> ProviderError:
    """Return the error of a failed sub-task: any reason it has, for the manual documents none."""
    code = _first_text(task, "code", "error_code")
    message = _first_text(task, "message", "error_msg", "error_message", "error")
    return error_from_answer(answer, code or "TaskFailed", message, kind_of(code, message), "yes")


def _first_text(task: Mapping[str, Any], *names: str) -> str:
    texts = (as_text(task.get(name)) for name in names)
    return next((found for found in texts if found not in ("", "0")), "")


def _sent(status: int, code: str) -> Sent:
    # The gateway names a fault of the backend, which may have got the call, whatever the status.
    if BACKEND_CODE.match(code):
        return "maybe"
    return sent_by_status(status, refused=bool(code) and code not in AMBIGUOUS_CODES)
