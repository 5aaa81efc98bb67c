"""What all adapters say alike: of questions, of silence, and of codes that nobody documented."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from providers.contract import Kind, ProviderError, Sent
from providers.http_client import Answer, NoAnswer, plain

# (code, words of the message, kind), both in lower case and the code with * for anything.
Rule = tuple[str, str, Kind]
ASKING: tuple[Kind, ...] = ("transient", "throttled", "account")


def question(error: ProviderError) -> ProviderError:
    """A question that failed says nothing of the task, so it is never the task's fault."""
    kind = error.kind if error.kind in ASKING else "transient"
    return ProviderError(error.code, error.message, kind=kind, sent="no", status=error.status)


def changed(error: ProviderError, sent: Sent) -> ProviderError:
    return ProviderError(error.code, error.message, kind=error.kind, sent=sent, status=error.status)


def unanswered(error: NoAnswer, sent: Sent) -> ProviderError:
    return ProviderError(error.code, "", kind="transient", sent=sent)


def unreachable(remedy: str = "") -> ProviderError:
    """An image without an address, where the provider fetches by address alone."""
    message = "The provider cannot fetch this image: set PUBLIC_BASE_URL to an address it can reach"
    message += f", or {remedy}." if remedy else "."
    return ProviderError("image_not_reachable", message, kind="unsupported", sent="no")


def result_missing() -> ProviderError:
    message = "The task succeeded, but its answer names no image."
    return ProviderError("result_missing", message, kind="transient", sent="yes")


def ruled(rules: Iterable[Rule], code: str, message: str) -> Kind | None:
    """The kind of the first rule that fits; None where none does."""
    for pattern, words, kind in rules:
        if fnmatchcase(code, pattern) and words in message:
            return kind
    return None


def told(answer: Answer, code: str, message: str, kind: Kind, sent: Sent) -> ProviderError:
    """The error of an answer, also of one that names no code."""
    if not code:
        code = f"http_{answer.status}" if answer.status >= 300 else "unreadable_answer"
        message = message or answer.text[:2000]
    return ProviderError(plain(code), plain(message), kind=kind, sent=sent, status=answer.status)


def kind_of_status(status: int) -> Kind:
    if status in (401, 402, 403, 404) or 300 <= status < 400:
        return "account"
    if status == 429:
        return "throttled"
    return "input" if 400 <= status < 500 and status != 408 else "transient"


def sent_of(status: int, *, refused: bool) -> Sent:
    """An explicit refusal proves that nothing began; a fault inside the provider does not.

    `refused`: the body names an error that refuses, which decides where the status does not.
    """
    if status >= 500 or status == 408:
        return "maybe"
    return "no" if status >= 300 or refused else "maybe"


def text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)
