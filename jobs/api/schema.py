"""How the OpenAPI document tells what the views do by themselves: problems, keys, tags."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):
    """Tags by resource, operation ids without the version."""

    def get_tags(self) -> list[str]:
        return [str(getattr(self.view, "tag", "") or self.view.basename)]

    def get_operation_id(self) -> str:
        name: Any = super().get_operation_id()
        return str(name)
