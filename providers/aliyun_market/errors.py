"""What the error codes of Aliyun Market, and of the API gateway in front of it, mean to us.

Source: the status codes of the product's own manual, the API gateway's error pages (read
2026-11-20). The gateway's answers often have no body: newer instances name a code in
X-Ca-Error-Code, classic ones only tell X-Ca-Error-Message, nearly always with status 403.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from providers.contract import Kind, ProviderError, Sent
from providers.error_mapping import Rule, kind_of_status, ruled, sent_of, text, told
from providers.http_client import Answer

UNKNOWN_KEY = "23500008"
# A query sends nothing but a key: of these, its answer speaks of the work that was asked for.
OF_THE_TASK = ("23500005", "23500006", "23500007", "23500011")

APPLICATION: tuple[Rule, ...] = (
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
GATEWAY: tuple[Rule, ...] = (
    ("i400nc", "", "transient"),  # a nonce that was used: the next call has another
    ("i403*", "", "account"),
    ("i404*", "", "account"),
    ("i410*", "", "account"),
    ("i[0-9][0-9][0-9]*", "", "input"),
    ("[ab][0-9][0-9][0-9]*", "", "account"),
    ("t[0-9][0-9][0-9]*", "", "throttled"),
    ("[dx][0-9][0-9][0-9]*", "", "transient"),
)
# Classic instances, by their message; the first words that occur decide.
CLASSIC: tuple[Rule, ...] = (
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

BACKEND = re.compile(r"[DX]\d{3}")
# With these in an answer of HTTP 200 the work may have begun although the answer is an error.
UNDECIDED = ("23500000", "23500011")


def kind_of(code: str, message: str = "", status: int | None = None) -> Kind:
    """Our kind of an error; unknown codes go by the HTTP status."""
    return ruled(RULES, code.lower(), message.lower()) or kind_of_status(status or 0)


def read_error(answer: Answer) -> tuple[str, str]:
    """The code and message of an answer, the body's before the gateway's; ("", "") for none."""
    body, headers = answer.body or {}, answer.headers
    code, message = text(body.get("code")), text(body.get("message"))
    if code not in ("", "0"):
        return code, message
    code = text(headers.get("x-ca-error-code"))
    return code, text(headers.get("x-ca-error-message")) or message


def refusal(answer: Answer) -> ProviderError:
    """The error of an answer that names no accepted task."""
    code, message = read_error(answer)
    kind = kind_of(code, message, answer.status)
    return told(answer, code, message, kind, _sent(answer.status, code))


def task_error(task: Mapping[str, Any], answer: Answer) -> ProviderError:
    """The error of a sub-task that failed. The manual documents no reason: any that is there."""
    code = _first(task, "code", "error_code")
    message = _first(task, "message", "error_msg", "error_message", "error")
    return told(answer, code or "TaskFailed", message, kind_of(code, message), "yes")


def _first(task: Mapping[str, Any], *names: str) -> str:
    texts = (text(task.get(name)) for name in names)
    return next((found for found in texts if found not in ("", "0")), "")


def _sent(status: int, code: str) -> Sent:
    # The gateway's own word for a backend that may have got the call, whatever the status.
    if BACKEND.match(code):
        return "maybe"
    return sent_of(status, refused=bool(code) and code not in UNDECIDED)
