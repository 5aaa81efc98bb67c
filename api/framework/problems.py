"""Every error of the API, as RFC 9457 has them: `type` and `code` are stable, words are not."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelInvalid
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

PREFIX = "/api/"
MEDIA_TYPE = "application/problem+json"
URN = "urn:toile:problem:"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

# By code: HTTP status and title. docs/api.md has a line on each; none is ever renamed.
KNOWN: dict[str, tuple[int, Any]] = {
    "malformed": (400, _("The request cannot be read")),
    "invalid": (400, _("Some fields are not right")),
    "idempotency-key-missing": (400, _("Send an Idempotency-Key")),
    "unauthenticated": (401, _("Sign in first")),
    "budget-exhausted": (402, _("Today’s budget is used up")),
    "forbidden": (403, _("You have no right to do this")),
    "not-found": (404, _("There is no such thing")),
    "method-not-allowed": (405, _("Not possible here")),
    "not-acceptable": (406, _("No such format")),
    "conflict": (409, _("Not possible in its present state")),
    "still-running": (409, _("The same request is still running")),
    "already-decided": (409, _("Somebody has decided already")),
    "daily-limit-reached": (409, _("Today’s try-ons are used up")),
    "sync-too-old": (410, _("Too long ago: fetch everything anew")),
    "changed-meanwhile": (412, _("It has changed meanwhile")),
    "too-large": (413, _("Too large")),
    "unsupported-media-type": (415, _("No such format")),
    "refused": (422, _("It cannot be made")),
    "photo-refused": (422, _("This photo cannot be used")),
    "key-of-another-request": (422, _("This key belongs to another request")),
    "precondition-required": (428, _("Say which version you mean")),
    "too-many-requests": (429, _("Too many requests")),
    "internal": (500, _("Something went wrong here")),
    "unavailable": (503, _("Not possible right now")),
}


def request_id(request: Any) -> str:
    """What a user can quote to support: the sender's own, if it fits into a header and a log."""
    known: str = getattr(request, "toile_id", "")
    if not known:
        sent = request.headers.get("X-Request-Id", "")
        known = sent if _SANE_ID.fullmatch(sent) else uuid.uuid4().hex
        request.toile_id = known
    return known


class Problem(exceptions.APIException):
    """One of KNOWN. `errors` are of Problem.error(); further members stand beside them."""

    def __init__(
        self,
        code: str,
        detail: Any = "",
        *,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        self.status_code, self.title = KNOWN[code]
        self.code, self.detail = code, str(detail or self.title)
        self.errors, self.headers, self.members = errors or [], dict(headers or {}), members

    @staticmethod
    def error(pointer: str, detail: Any, code: str = "invalid") -> dict[str, str]:
        """`pointer` is a JSON pointer into the body that was sent: /person, /garments/0."""
        return {"pointer": pointer, "code": code, "detail": str(detail)}

    def body(self, request: Any) -> dict[str, Any]:
        members = {
            "type": URN + self.code,
            "title": str(self.title),
            "status": self.status_code,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id(request),
        }
        return members | ({"errors": self.errors} if self.errors else {}) | self.members


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """What DRF asks for each exception; None is an error of ours, and Django's to log."""
    problem = _problem(error)
    if problem is None:
        return None
    response = Response(problem.body(context["request"]), problem.status_code)
    response.content_type = MEDIA_TYPE
    for name, value in problem.headers.items():
        response[name] = value
    return response


def _problem(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, exceptions.ValidationError):
        return Problem("invalid", errors=list(_pointed(error.get_full_details())))
    if isinstance(error, ModelInvalid):
        return Problem("invalid", errors=list(_fields(error)))
    if isinstance(error, Http404):
        return Problem("not-found")
    if isinstance(error, PermissionDenied):
        return Problem("forbidden")
    if isinstance(error, RequestDataTooBig):
        return Problem("too-large")
    if isinstance(error, SuspiciousOperation):
        return Problem("malformed")
    if isinstance(error, exceptions.Throttled):
        wait = max(1, math.ceil(error.wait or 1))
        return Problem("too-many-requests", headers={"Retry-After": str(wait)})
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    return None


_BY_STATUS = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
}


def _of_framework(error: exceptions.APIException) -> Problem | None:
    code = _BY_STATUS.get(error.status_code)
    if code is None:
        return None
    challenge = getattr(error, "auth_header", None)
    return Problem(
        code, str(error.detail), headers={"WWW-Authenticate": challenge} if challenge else None
    )


def _pointed(details: Any, at: str = "") -> Iterator[dict[str, str]]:
    """Every message with the place that it is about; "" is the whole body."""
    if isinstance(details, list):
        for n, each in enumerate(details):
            leaf = isinstance(each, dict) and set(each) == {"message", "code"}
            yield from _pointed(each, at if leaf else f"{at}/{n}")
    elif set(details) == {"message", "code"} and not isinstance(details["message"], dict):
        yield Problem.error(at, details["message"], details["code"])
    else:
        for name, each in details.items():
            whole = name == "non_field_errors"
            yield from _pointed(each, at if whole else f"{at}/{_escaped(name)}")


def _escaped(name: Any) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def _fields(error: ModelInvalid) -> Iterator[dict[str, str]]:
    found = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for name, messages in found.items():
        whole = name in ("", "__all__")
        for message in messages:
            yield Problem.error("" if whole else f"/{name}", message)


def plain(request: HttpRequest, code: str) -> HttpResponse:
    """The same for what never reached a view of the API."""
    problem = Problem(code)
    return JsonResponse(
        problem.body(request),
        status=problem.status_code,
        content_type=MEDIA_TYPE,
        headers={"X-Request-Id": request_id(request)},
    )
