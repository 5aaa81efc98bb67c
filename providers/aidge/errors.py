"""What Aidge's error codes mean to us, in both of their shapes.

The application answers with `resCode` and `resMessage`, the gateway before it with `code`, `type`
and `message`. Source: the error table of the submit reference; the vendor's samples; the names of
sibling gateways, for Aidge documents none of its own (read 2026-11-20).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.contract import Kind, ProviderError
from providers.error_mapping import Rule, kind_of_status, ruled, text, told
from providers.http_client import Answer

RULES: tuple[Rule, ...] = (
    # Neither paid nor trial quota is left: in which shape and with which code, nobody tells.
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
IMAGES: tuple[Kind, ...] = ("input", "content")

# These speak of a task's images, whoever was asked; the others may mean the question itself.
OF_THE_TASK = ("701", "703", "707", "801", "1000", "1001", "1002")

# Three requests a minute were seen to be let through while testing.
SLOW_DOWN_S = 20.0


def kind_of(code: str, type_: str = "", message: str = "") -> Kind | None:
    """Our kind of an Aidge error, by its code or else its type; None where neither is known."""
    for name in (code, type_):
        if kind := ruled(RULES, name.lower(), message.lower()):
            return kind
    return None


def member(place: Any, name: str) -> Any:
    """A member by its name in any case: the documents write resCode and rescode."""
    if not isinstance(place, Mapping):
        return None
    return next((value for key, value in place.items() if str(key).lower() == name.lower()), None)


def read_error(answer: Answer) -> tuple[str, str, str]:
    """The code, type and message of an answer; empty where it reports none."""
    body = answer.body
    message = text(member(body, "resMessage") or member(body, "message") or member(body, "msg"))
    for name, fine in (("resCode", ("", "200")), ("code", ("", "0", "200"))):
        code = text(member(body, name))
        if code not in fine:
            return code, text(member(body, "type")), message
    return "", "", "" if member(body, "success") else message


def refusal(answer: Answer) -> ProviderError:
    """The error of an answer that tells of no task.

    What was refused with a reason did not begin, whatever the HTTP status, of which the documents
    say nothing; a fault inside the provider, or an answer that cannot be read, proves nothing.
    """
    code, type_, message = read_error(answer)
    kind = kind_of(code, type_, message) or kind_of_status(answer.status)
    return told(answer, code, message, kind, "maybe" if kind == "transient" else "no")


def task_error(answer: Answer, code: str, message: str) -> ProviderError:
    """The error of a task that was accepted and failed: its images' fault, or the provider's."""
    kind = kind_of(code, "", message)
    return told(answer, code, message, kind if kind in IMAGES else "transient", "yes")


def retry_after(answer: Answer, error: ProviderError) -> float | None:
    """How long to wait: as the answer says, and after a throttle long enough without its word."""
    return answer.retry_after or (SLOW_DOWN_S if error.kind == "throttled" else None)
