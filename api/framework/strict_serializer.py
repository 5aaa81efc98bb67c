"""What is sent, in exactly the names and types of the document: 0 is no text, "1" no number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.relations import ManyRelatedField, PrimaryKeyRelatedField

# Of a name that is repeated in a problem.
LONGEST = 100
# Checked in this order: some are subclasses of others.
_KINDS: tuple[tuple[Any, str, tuple[type, ...]], ...] = (
    (serializers.BooleanField, "boolean", (bool,)),
    (serializers.IntegerField, "integer", (int,)),
    (PrimaryKeyRelatedField, "integer", (int,)),
    (serializers.CharField, "string", (str,)),
    (serializers.DecimalField, "decimal string", (str,)),
)


class StrictSerializer(serializers.Serializer):
    """For what is sent; a form, whose values are all text, is read as the framework does.

    A name that is not known is refused: an option that is misspelt would be left out, and paid for.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            wrong = dict(_unknown(self.fields, data))
            if not isinstance(data, QueryDict):
                wrong |= dict(_wrong(self.fields, data))
            if wrong:
                raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)


def _unknown(fields: Any, data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in data:
        if name not in fields:
            yield name[:LONGEST], [ErrorDetail(_("This field is not known."), "unknown")]


def _wrong(fields: Any, data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, field in fields.items():
        kind = _other_kind(field, data.get(name))
        if kind:
            yield name, [_("Send a value of the type %s.") % kind]


def _other_kind(field: Any, value: Any) -> str:
    """The type that it should be of, where it is not. Null is the field's own business."""
    inside = _inside(field)
    if inside is not None and isinstance(value, list):
        return next(filter(None, (_other_kind(inside, each) for each in value)), "")
    # The framework takes an empty text for null.
    value = 0 if value == "" and isinstance(field, serializers.DecimalField) else value
    for kind, name, types in _KINDS:
        if isinstance(field, kind):
            return "" if value is None or _is(value, types) else name
    return ""


def _inside(field: Any) -> Any:
    if isinstance(field, ManyRelatedField):
        return field.child_relation
    return getattr(field, "child", None)


def _is(value: Any, types: tuple[type, ...]) -> bool:
    # True is an int in Python, and 5.0 an integer in JSON Schema.
    if int in types:
        whole = isinstance(value, float) and value.is_integer()
        return (isinstance(value, int) and not isinstance(value, bool)) or whole
    return isinstance(value, types)
