"""What the OpenAPI document calls an operation, and so a client its function."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema
from inflection import camelize, humanize, singularize, underscore

VERBS = {"retrieve": "get", "update": "replace", "partial_update": "update", "destroy": "delete"}


class OperationNames(AutoSchema):
    view: Any

    def get_tags(self) -> list[str]:
        return [str(getattr(self.view, "tag", self.view.basename))]

    def get_operation_id(self) -> str:
        """listGarments, getGarment, createJob, cancelJob: a client's functions are named so."""
        verb = camelize(VERBS.get(self._action, self._action), False)
        return verb + camelize(self._noun.replace(" ", "_"))

    def get_summary(self) -> str:
        """The first sentence of the action's docstring, or its name in words."""
        if text := self._docstring:
            return re.split(r"(?<=[.?])\s", text, maxsplit=1)[0].rstrip(".")
        verb = VERBS.get(self._action, self._action)
        return str(humanize(underscore(f"{verb}_{self._noun}")))

    def get_description(self) -> str:
        return self._docstring if "." in self._docstring.rstrip(".") else ""

    @property
    def _docstring(self) -> str:
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
