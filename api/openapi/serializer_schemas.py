"""How the OpenAPI document describes what a serializer takes and gives."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers


def _plain(field: dict[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in field.items() if k not in ("readOnly", "writeOnly")}
    alone = list(kept) == ["allOf"] and len(kept["allOf"]) == 1
    return dict(kept["allOf"][0]) if alone else kept


def _decimal(field: serializers.DecimalField) -> str:
    """The pattern of what it takes: the library's lets a lone minus through."""
    whole = (field.max_digits or 20) - (field.decimal_places or 0)
    minus = "" if (field.min_value is not None and field.min_value >= 0) else "-?"
    rest = rf"(\.[0-9]{{1,{field.decimal_places}}})?" if field.decimal_places else ""
    return f"^{minus}[0-9]{{1,{whole}}}{rest}$"


def _may_be_blank(field: serializers.ChoiceField) -> bool:
    """A choice of a row that may be empty is so for readers, too: the framework forgets it."""
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    columns = {column.name: column for column in model._meta.fields} if model else {}
    return field.source in columns and columns[field.source].blank


class SerializerSchemas(AutoSchema):
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

    def _map_serializer_field(self, field: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With limits that the library passes over."""
        if isinstance(field, serializers.ChoiceField) and _may_be_blank(field):
            field.allow_blank = True
        shape: dict[str, Any] = super()._map_serializer_field(field, *args, **kwargs)
        if isinstance(field, serializers.DecimalField):
            shape = shape | {"pattern": _decimal(field)}
        if shape.get("type") == "array" and not getattr(field, "allow_empty", True):
            shape = shape | {"minItems": 1}
        return shape
