"""What Aidge's error codes mean to us, in both of their shapes.

The application answers with `resCode` and `resMessage`, the gateway before it with `code`, `type`
and `message`. Source: the error table of the submit reference; the vendor's samples; the names of
sibling gateways, for Aidge documents none of its own (read 2026-11-20).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.contract import Kind, ProviderError
from providers.error_mapping import (
    KindRule,
    as_text,
    error_from_answer,
    kind_by_rules,
    kind_by_status,
)
from providers.http_client import Answer

RULES: tuple[KindRule, ...] = (
    # Neither paid nor trial quota is left; the shape and the code are not documented.
    ("*", "resources have been exhausted", "account"),
    # The application's.
    ("500", "", "transient"),
    ("501", "", "throttled"),
    ("700", "", "input"),
    ("701", "", "input"),
    ("703", "", "input"),
    ("707", "", "input"),
    ("801", "", "transient"),
    ("1000", "", "content"),
    # Its message asks for a retry, its description for another photo: a person decides.
    ("1001", "", "content"),
    ("1002", "", "content"),
    # The gateway's; the name may stand in `type`, with a number as the code.
    ("*whiteip*", "", "account"),
    ("*limit", "", "throttled"),
    ("*signature*", "", "account"),
    ("*timestamp*", "", "account"),
    ("*appkey*", "", "account"),
    ("*permission*", "", "account"),
    ("missing*", "", "input"),
    ("invalidparam*", "", "input"),
    ("isp", "", "transient"),
    ("system", "", "transient"),
    ("isv", "", "input"),
)
IMAGE_ERROR_KINDS: tuple[Kind, ...] = ("input", "content")

# These are about a task's images, in a submit as in a query; others may mean the query itself.
TASK_ERROR_CODES = ("701", "703", "707", "801", "1000", "1001", "1002")

# Three requests a minute were seen to be let through while testing.
THROTTLE_WAIT_S = 20.0


def kind_of(code: str, type_: str = "", message: str = "") -> Kind | None:
    """Return our kind of an Aidge error, by its code or else its type; None for unknown ones."""
    for name in (code, type_):
        if kind := kind_by_rules(RULES, name.lower(), message.lower()):
            return kind
    return None


def get_any_case(place: Any, name: str) -> Any:
    """Return a member by its name in any case: the documents write resCode and rescode."""
    if not isinstance(place, Mapping):
        return None
    return next((value for key, value in place.items() if str(key).lower() == name.lower()), None)


def read_error(answer: Answer) -> tuple[str, str, str]:
    """Return the code, type and message of an answer; empty where it reports none."""
    body = answer.body
    message = as_text(
        get_any_case(body, "resMessage")
        or get_any_case(body, "message")
        or get_any_case(body, "msg")
    )
    for name, fine in (("resCode", ("", "200")), ("code", ("", "0", "200"))):
        code = as_text(get_any_case(body, name))
        if code not in fine:
            return code, as_text(get_any_case(body, "type")), message
    return "", "", "" if get_any_case(body, "success") else message


def call_error(answer: Answer) -> ProviderError:
    """Return the error of an answer that names no task.

    What was refused with a reason did not begin, whatever the HTTP status, of which the documents
    say nothing; a fault inside the provider, or an answer that cannot be read, proves nothing.
    """
    code, type_, message = read_error(answer)
    kind = kind_of(code, type_, message) or kind_by_status(answer.status)
    return error_from_answer(answer, code, message, kind, "maybe" if kind == "transient" else "no")


def task_error(answer: Answer, code: str, message: str) -> ProviderError:
    """Return the error of an accepted task that failed: its images' fault, or the provider's."""
    kind = kind_of(code, "", message)
    return error_from_answer(
        answer, code, message, kind if kind in IMAGE_ERROR_KINDS else "transient", "yes"
    )


def retry_after(answer: Answer, error: ProviderError) -> float | None:
    """Return the seconds to wait: the answer's, or THROTTLE_WAIT_S after a throttle without."""
    return answer.retry_after or (THROTTLE_WAIT_S if error.kind == "throttled" else None)
