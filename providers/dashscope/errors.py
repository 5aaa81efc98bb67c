"""What DashScope's error codes mean to us.

Source: the error tables of the aitryon-refiner and aitryon-plus references and the quick start,
and Model Studio's general error code page (read 2026-11-20). The same code arrives at submit
(HTTP 400) and inside a FAILED task (HTTP 200), so the code decides and the status is a fallback.
"""

from __future__ import annotations

from collections.abc import Mapping

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

# (code, part of the message, kind): the first row that matches decides. Codes are compared in
# lower case without "_" and " ", because InvalidApiKey is also seen as invalid_api_key.
RULES: tuple[KindRule, ...] = (
    # One code, several meanings: only the message tells them apart.
    ("invalidparameter*", "download the media resource", "transient"),
    ("internalerror*", "missing content-length", "input"),
    ("throttling.allocationquota", "free allocated quota", "account"),
    ("insufficientquota", "free allocated quota", "account"),
    # What is wrong with the request or the photo.
    ("invalidparameter*", "", "input"),
    ("invalidurl*", "", "input"),
    ("invalidperson", "", "input"),
    ("invalidgarment", "", "input"),
    ("invalidinputlength", "", "input"),
    ("invalidfile*", "", "input"),
    ("badrequest*", "", "input"),
    ("unsupportedoperation", "", "input"),
    ("conflict", "", "input"),
    # What the provider's policy forbids: never tried again.
    ("datainspectionfailed", "", "content"),
    ("ipinfringementsuspect", "", "content"),
    ("faqruleblocked", "", "content"),
    ("customroleblocked", "", "content"),
    # What a person must settle with the provider; some of these come with HTTP 429.
    ("arrearage", "", "account"),
    ("invalidapikey", "", "account"),
    ("notauthorized", "", "account"),
    ("*accessdenied*", "", "account"),
    ("allocationquota.freetieronly", "", "account"),
    ("commoditynotpurchased", "", "account"),
    ("p*billoverdue", "", "account"),
    ("model*notfound", "", "account"),
    ("model.notexist", "", "account"),
    ("workspacenotfound", "", "account"),
    ("notfound", "", "account"),
    # What passes by itself.
    ("throttling*", "", "throttled"),
    ("limit*", "", "throttled"),
    ("insufficientquota", "", "throttled"),
    ("requesttimeout", "", "transient"),
    ("responsetimeout", "", "transient"),
    ("internalerror*", "", "transient"),
    ("systemerror", "", "transient"),
    ("modelservicefailed", "", "transient"),
    ("modelunavailable", "", "transient"),
    ("serviceunavailable", "", "transient"),
)

# With these in an answer of HTTP 200 the work may have begun although the answer is an error.
AMBIGUOUS_CODES = ("requesttimeout", "responsetimeout", "internalerror", "systemerror")


def kind_of(code: str, message: str = "", status: int | None = None) -> Kind:
    """Return our kind of a DashScope error; unknown codes go by the HTTP status."""
    code, message = _comparable(code), message.lower()
    return kind_by_rules(RULES, code, message) or kind_by_status(status or 0)


def read_error(answer: Answer) -> tuple[str, str]:
    """Return the code and message of an answer, flat or nested; ("", "") where it has none."""
    body = answer.body or {}
    for place in (body, body.get("error"), body.get("output")):
        code = as_text(place.get("code")) if isinstance(place, Mapping) else ""
        if isinstance(place, Mapping) and code not in ("", "0", "200"):
            return code, as_text(place.get("message") or place.get("msg"))
    message = body.get("message") or body.get("msg") or body.get("error")
    return "", as_text(message)


def call_error(answer: Answer) -> ProviderError:
    """Return the error of an answer that names no accepted task."""
    code, message = read_error(answer)
    kind = kind_of(code, message, answer.status)
    return error_from_answer(answer, code, message, kind, _sent(answer.status, code))


def task_error(answer: Answer) -> ProviderError:
    """Return the error of a task that was accepted and failed."""
    code, message = read_error(answer)
    kind = kind_of(code, message)
    return error_from_answer(answer, code or "TaskFailed", message, kind, "yes")


def _sent(status: int, code: str) -> Sent:
    refused = bool(code) and not _comparable(code).startswith(AMBIGUOUS_CODES)
    return sent_by_status(status, refused=refused)


def _comparable(code: str) -> str:
    return code.lower().replace("_", "").replace(" ", "")
