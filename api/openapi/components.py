"""Components that operations share: the headers, the problems, how to sign in."""

from __future__ import annotations

from typing import Any

from api.framework.problems import KNOWN, MEDIA_TYPE

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}

HEADERS: dict[str, tuple[dict[str, Any], str]] = {
    "X-Request-Id": (_TEXT, "What to quote to support; the sender's own, if it sent one."),
    "RateLimit-Limit": (_COUNT, "Requests of this kind in one window."),
    "RateLimit-Remaining": (_COUNT, "How many of them are left."),
    "RateLimit-Reset": (_COUNT, "Seconds until one more is left."),
    "Retry-After": (_COUNT, "Seconds to wait before the next try."),
    "ETag": (_TEXT, "Of this answer: for If-None-Match, and If-Match of a decision."),
    "Location": (_TEXT | {"format": "uri"}, "Address of what was made."),
    "Idempotency-Replayed": (
        {"type": "string", "enum": ["true"]},
        "There if this is the answer to an earlier try.",
    ),
}
# Statuses with a time to come back at.
LATER = (409, 429, 503)

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. Branch on `type` alone: the words are for people, and change.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": _TEXT | {"format": "uri", "examples": ["urn:toile:problem:not-found"]},
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": _TEXT | {"description": "In the language of Accept-Language."},
        "code": _TEXT | {"description": "The end of `type`."},
        "request_id": _TEXT,
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemError"}},
    },
}
PROBLEM_ERROR = {
    "type": "object",
    "required": ["pointer", "code", "detail"],
    "properties": {
        "pointer": _TEXT | {"description": "JSON pointer into the body, or ?name of a parameter."},
        "code": _TEXT,
        "detail": _TEXT,
    },
}


def header(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}


def problem(status: int) -> dict[str, str]:
    return {"$ref": f"#/components/responses/Problem{status}"}


def complete(result: dict[str, Any], **_asked: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: add the components that operations refer to, and no others."""
    parts = result["components"]
    for name, schema in parts["schemas"].items():
        if name.endswith("Request") and "properties" in schema:
            # exact.py refuses names that are not known.
            schema["additionalProperties"] = False
    parts["schemas"] |= {"Problem": PROBLEM, "ProblemError": PROBLEM_ERROR}
    parts["headers"] = {
        name: {"schema": schema, "description": words} for name, (schema, words) in HEADERS.items()
    }
    parts["responses"] = {
        f"Problem{status}": _answer(status)
        for status in sorted({s for s, _title in KNOWN.values()})
    }
    parts["securitySchemes"] = {"appToken": {"type": "http", "scheme": "bearer"}}
    result["security"] = [{"appToken": []}]
    return _used(result)


def _answer(status: int) -> dict[str, Any]:
    codes = [f"`{code}`: {title}" for code, (of, title) in KNOWN.items() if of == status]
    names = ["X-Request-Id", *(["Retry-After"] if status in LATER else [])]
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": ". ".join(codes) + ".",
        "headers": {name: header(name) for name in names},
        "content": {MEDIA_TYPE: {"schema": schema}},
    }


def _used(result: dict[str, Any]) -> dict[str, Any]:
    """Without the answers that nobody gives."""
    named = {
        answer["$ref"].rpartition("/")[2]
        for path in result["paths"].values()
        for operation in path.values()
        for answer in operation["responses"].values()
        if "$ref" in answer
    }
    answers = result["components"]["responses"]
    result["components"]["responses"] = {k: v for k, v in answers.items() if k in named}
    return result
