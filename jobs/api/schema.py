"""What the OpenAPI document says of an operation that its view does not say itself.

A view says it by attributes, each a set of actions: `keyed` (needs an Idempotency-Key), `waits`
(long poll), `versioned` (needs If-Match), `confirmed` (a DELETE with a body); `problems` adds
statuses to an action by name.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from inflection import camelize, humanize, singularize, underscore

from . import examples, pages, waiting
from .components import header, problem
from .filters import HIGHEST_ID
from .rights import EVERYBODY, SIGNED_IN

VERBS = {"retrieve": "get", "update": "replace", "partial_update": "update", "destroy": "delete"}
# What a photo may be refused for, and what a try-on may lack.
BY_KIND = {"upload": {422}, "tryon": {402, 503}}
LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def _sent(name: str, words: str, *, required: bool = False, **schema: Any) -> OpenApiParameter:
    kind: Any = {"type": "string", **schema}
    return OpenApiParameter(
        name, kind, OpenApiParameter.HEADER, description=words, required=required
    )


def _asked(name: str, words: str, **schema: Any) -> OpenApiParameter:
    kind: Any = schema
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=words)


KEY = _sent(
    "Idempotency-Key",
    "A new one, such as a UUID, for each thing to make; the same one with each try.",
    required=True,
    pattern="^[!-~]{1,255}$",
)
IF_NONE_MATCH = _sent("If-None-Match", "The ETag of the copy at hand: 304 if it is good still.")
IF_MATCH = _sent("If-Match", "The version that was seen, as its ETag says it.", required=True)
SINCE = _asked(
    "updated_since",
    "Only what has changed since: `synced_at` of the last answer.",
    type="string",
    format="date-time",
)
ID = OpenApiParameter("id", {"type": "integer", "minimum": 1}, OpenApiParameter.PATH)
UUID = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)
WAIT = _asked(
    "wait",
    "Seconds to wait for another state before answering.",
    type="integer",
    minimum=0,
    maximum=waiting.MOST_S,
    default=0,
)


def _plain(field: dict[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in field.items() if k not in ("readOnly", "writeOnly")}
    alone = list(kept) == ["allOf"] and len(kept["allOf"]) == 1
    return dict(kept["allOf"][0]) if alone else kept


class Schema(AutoSchema):
    """Short operation ids, problems, headers and examples."""

    view: Any

    def get_operation(self, *args: Any) -> Any:
        operation: Any = super().get_operation(*args)
        if operation is None:
            return None
        if self._right == EVERYBODY:
            operation["security"] = []
        answers = operation["responses"]
        for status, answer in answers.items():
            answer["description"] = HTTPStatus(int(status)).phrase
            answer["headers"] = answer.get("headers", {}) | self._headers(status)
        if self.method == "GET":
            answers["304"] = {"description": "The copy at hand is good still."}
        answers |= {str(status): problem(status) for status in sorted(self._problems(operation))}
        examples.attach(operation)
        return operation

    # --- Names ---

    def get_tags(self) -> list[str]:
        return [str(getattr(self.view, "tag", self.view.basename))]

    def get_operation_id(self) -> str:
        """listGarments, getGarment, createJob, cancelJob: a client's functions are named so."""
        verb = camelize(VERBS.get(self._action, self._action), False)
        return verb + camelize(self._noun.replace(" ", "_"))

    def get_summary(self) -> str:
        """The first sentence of the action's docstring, or its name in words."""
        if told := self._told:
            return re.split(r"(?<=[.?])\s", told, maxsplit=1)[0].rstrip(".")
        verb = VERBS.get(self._action, self._action)
        return str(humanize(underscore(f"{verb}_{self._noun}")))

    def get_description(self) -> str:
        return self._told if "." in self._told.rstrip(".") else ""

    @property
    def _told(self) -> str:
        doc = getattr(getattr(self.view, self._action), "__doc__", "") or ""
        return re.sub(r"[ \t]*\n[ \t]*", "\n", doc).strip()

    @property
    def _action(self) -> str:
        return str(self.view.action)

    @property
    def _noun(self) -> str:
        plural = str(self.view.basename or self.view.tag).replace("-", " ")
        return str(singularize(plural)) if self._of_one else plural

    @property
    def _of_one(self) -> bool:
        return "{" in self.path or self._action == "create"

    # --- What is sent ---

    def get_override_parameters(self) -> list[Any]:
        asked = [self._id] if "{id}" in self.path else []
        asked += [KEY] if self._is("keyed") else []
        asked += [IF_MATCH] if self._is("versioned") else []
        asked += [IF_NONE_MATCH] if self.method == "GET" else []
        asked += [WAIT] if self._is("waits") else []
        return asked + ([SINCE] if self._syncs else [])

    @property
    def _id(self) -> OpenApiParameter:
        return UUID if getattr(self.view, "lookup_value_converter", "") == "uuid" else ID

    def _get_filter_parameters(self) -> list[dict[str, Any]]:
        """The bounds of IdFilter, which the library does not look for."""
        found: list[dict[str, Any]] = super()._get_filter_parameters()
        for parameter in found:
            if parameter["schema"].get("type") == "integer":
                parameter["schema"] |= {"minimum": 1, "maximum": HIGHEST_ID}
        return found

    def _get_request_body(self, *args: Any, **kwargs: Any) -> Any:
        """Also of a DELETE that has to be confirmed: the library takes it for one without."""
        if self.method != "DELETE" or not self._is("confirmed"):
            return super()._get_request_body(*args, **kwargs)
        self.method = "POST"
        try:
            return super()._get_request_body(*args, **kwargs)
        finally:
            self.method = "DELETE"

    def _is(self, name: str) -> bool:
        return self._action in getattr(self.view, name, ())

    @property
    def _paged(self) -> bool:
        return self._is_list_view() and self._get_paginator() is not None

    @property
    def _syncs(self) -> bool:
        """Rows that tell when they were changed, and leave tombstones."""
        return self._paged and pages.syncs(self.view)

    # --- Shapes ---

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        return str(super().get_serializer_name(serializer, direction)).removesuffix("Shape")

    def _get_serializer_field_meta(self, field: Any, direction: Any) -> dict[str, Any]:
        """Without the portal's labels, which are words of another place."""
        meta: dict[str, Any] = super()._get_serializer_field_meta(field, direction)
        meta.pop("title", None)
        return meta

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        """What is sent and what is answered are two shapes: no field is for one of them only."""
        shape: dict[str, Any] = super()._map_basic_serializer(serializer, direction)
        fields = shape.get("properties", {})
        shape["properties"] = {name: _plain(field) for name, field in fields.items()}
        return shape

    # --- What is answered ---

    def get_auth(self) -> list[Any]:
        """The document's own rule is for all; get_operation() excepts what is public."""
        return []

    @property
    def _right(self) -> str:
        return str(self.view.rights.get(self._action, ""))

    def _headers(self, status: str) -> dict[str, Any]:
        names = ["X-Request-Id", *LIMITS]
        names += ["ETag"] if self.method == "GET" else []
        names += ["Idempotency-Replayed"] if self._is("keyed") else []
        names += ["Location"] if self._makes else []
        return {name: header(name) for name in names}

    @property
    def _makes(self) -> bool:
        return self._is("keyed") and not self._is("versioned")

    def _problems(self, operation: dict[str, Any]) -> set[int]:
        """Statuses of problems that this operation can answer with."""
        found = {406, 429} | set(getattr(self.view, "problems", {}).get(self._action, ()))
        if self._right != EVERYBODY:
            found |= {401}
        if self._right != SIGNED_IN or self.method != "GET":
            found |= {403}
        if "{" in self.path:
            found |= {404}
        found |= self._problems_of_body(operation) | self._problems_of_query(operation)
        return found | self._problems_of_state()

    def _problems_of_body(self, operation: dict[str, Any]) -> set[int]:
        return {400, 413, 415} if "requestBody" in operation else set()

    def _problems_of_query(self, operation: dict[str, Any]) -> set[int]:
        places = {parameter["in"] for parameter in operation.get("parameters", ())}
        return ({400} if "query" in places else set()) | ({410} if self._syncs else set())

    def _problems_of_state(self) -> set[int]:
        found = {409} if self.method in ("POST", "DELETE") else set()
        found |= {400, 422} if self._is("keyed") else set()
        found |= {412, 428} if self._is("versioned") else set()
        return found | BY_KIND.get(self.view.kinds.get(self._action), set())
