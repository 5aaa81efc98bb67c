"""Turn answers, missing answers and undocumented codes into errors: what all adapters share."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from providers.contract import Kind, ProviderError, Sent
from providers.http_client import Answer, NoAnswer, redacted_line

# (code pattern, part of the message, kind): in lower case; `*` in the pattern matches anything.
KindRule = tuple[str, str, Kind]
QUERY_ERROR_KINDS: tuple[Kind, ...] = ("transient", "throttled", "account")


def as_query_error(error: ProviderError) -> ProviderError:
    """Return the error of a failed query, which proves nothing about the task.

    Its kind is never the task's fault, and `sent` is "no".
    """
    kind = error.kind if error.kind in QUERY_ERROR_KINDS else "transient"
    return ProviderError(error.code, error.message, kind=kind, sent="no", status=error.status)


def with_sent(error: ProviderError, sent: Sent) -> ProviderError:
    """Return the same error with another `sent`."""
    return ProviderError(error.code, error.message, kind=error.kind, sent=sent, status=error.status)


def no_answer_error(error: NoAnswer, sent: Sent) -> ProviderError:
    """Return the transient error of an exchange that brought no answer."""
    return ProviderError(error.code, "", kind="transient", sent=sent)


def image_not_reachable(remedy: str = "") -> ProviderError:
    """Return the error of an image without a URL, where the provider fetches by URL alone."""
    message = "The provider cannot fetch this image: set PUBLIC_BASE_URL to an address it can reach"
    message += f", or {remedy}." if remedy else "."
    return ProviderError("image_not_reachable", message, kind="unsupported", sent="no")


def result_missing() -> ProviderError:
    """Return the error of a task that succeeded without naming an image."""
    message = "The task succeeded, but its answer names no image."
    return ProviderError("result_missing", message, kind="transient", sent="yes")


def kind_by_rules(rules: Iterable[KindRule], code: str, message: str) -> Kind | None:
    """Return the kind of the first rule that matches, or None."""
    for pattern, part, kind in rules:
        if fnmatchcase(code, pattern) and part in message:
            return kind
    return None


def error_from_answer(
    answer: Answer, code: str, message: str, kind: Kind, sent: Sent
) -> ProviderError:
    """Return the error of an answer; without a code: `http_<status>` or unreadable_answer."""
    if not code:
        code = f"http_{answer.status}" if answer.status >= 300 else "unreadable_answer"
        message = message or answer.text[:2000]
    return ProviderError(
        redacted_line(code), redacted_line(message), kind=kind, sent=sent, status=answer.status
    )


def kind_by_status(status: int) -> Kind:
    """Return the error kind that an HTTP status stands for where the code is not known."""
    if status in (401, 402, 403, 404) or 300 <= status < 400:
        return "account"
    if status == 429:
        return "throttled"
    return "input" if 400 <= status < 500 and status != 408 else "transient"


def sent_by_status(status: int, *, refused: bool) -> Sent:
    """Tell from the HTTP status whether work may have begun.

    An explicit refusal proves that nothing began; a fault inside the provider does not.
    `refused`: the body names an error that refuses, which decides where the status does not.
    """
    if status >= 500 or status == 408:
        return "maybe"
    return "no" if status >= 300 or refused else "maybe"


def as_text(value: Any) -> str:
    """Return a JSON value as stripped text; "" for null."""
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)
