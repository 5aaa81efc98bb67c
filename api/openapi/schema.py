"""What the OpenAPI document has of an operation beside what its view declares.

A view declares it by attributes, each a set of actions: `idempotent_actions` (need an
Idempotency-Key), `long_poll_actions`, `if_match_actions` (need If-Match), `confirmed_actions` (a
DELETE with a body); `problems` adds statuses to an action by name.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiParameter

from api.framework import pagination
from api.framework.filters import HIGHEST_ID
from api.framework.viewsets import EVERYBODY, SIGNED_IN
from api.openapi import examples
from api.openapi.components import header, problem
from api.openapi.operation_names import OperationNames
from api.openapi.parameters import ID, IF_MATCH, IF_NONE_MATCH, KEY, SINCE, UUID, WAIT
from api.openapi.serializer_schemas import SerializerSchemas

# What a photo may be refused for, and what a try-on may lack.
BY_KIND = {"upload": {422}, "tryon": {402, 503}}
LIMITS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


class Schema(OperationNames, SerializerSchemas):
    """Problems, headers and examples."""

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

    # --- What is sent ---

    def get_override_parameters(self) -> list[Any]:
        asked = [self._id] if "{id}" in self.path else []
        asked += [KEY] if self._is("idempotent_actions") else []
        asked += [IF_MATCH] if self._is("if_match_actions") else []
        asked += [IF_NONE_MATCH] if self.method == "GET" else []
        asked += [WAIT] if self._is("long_poll_actions") else []
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
        if self.method != "DELETE" or not self._is("confirmed_actions"):
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
        """Rows that know when they were changed, and leave tombstones."""
        return self._paged and pagination.syncs(self.view)

    # --- What is answered ---

    def get_auth(self) -> list[Any]:
        """The document's own rule is for all; get_operation() excepts what is public."""
        return []

    @property
    def _right(self) -> str:
        return str(self.view.required_permissions.get(self._action, ""))

    def _headers(self, status: str) -> dict[str, Any]:
        names = ["X-Request-Id", *LIMITS]
        names += ["ETag"] if self.method == "GET" else []
        names += ["Idempotency-Replayed"] if self._is("idempotent_actions") else []
        names += ["Location"] if self._makes else []
        return {name: header(name) for name in names}

    @property
    def _makes(self) -> bool:
        return self._is("idempotent_actions") and not self._is("if_match_actions")

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
        found |= {400, 422} if self._is("idempotent_actions") else set()
        found |= {412, 428} if self._is("if_match_actions") else set()
        return found | BY_KIND.get(self.view.throttle_scopes.get(self._action), set())
