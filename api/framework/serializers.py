"""Values as the API writes them (moments in UTC, money with its currency), and what it takes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypedDict

from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.relations import ManyRelatedField, PrimaryKeyRelatedField
from rest_framework.request import Request

from catalog.storage.files import expiring_url

CURRENCY = "CNY"


class UtcDateTimeField(serializers.DateTimeField):
    """RFC 3339 with a Z, whatever the site's time zone."""

    timezone = UTC


class ImageShape(serializers.Serializer):
    """`id` and `version` name the picture for ever; addresses expire and are asked for anew."""

    id = serializers.CharField(help_text="Key of a cache, together with `version`.")
    version = serializers.CharField()
    url = serializers.URLField(help_text="At most 1200 pixels on a side.")
    thumb_url = serializers.URLField(help_text="At most 400 pixels on a side.")
    url_expires_at = UtcDateTimeField()
    width = serializers.IntegerField(help_text="Of the original, in pixels.")
    height = serializers.IntegerField()
    placeholder = serializers.CharField(
        allow_null=True, help_text="The average colour, #rrggbb, until the picture is there."
    )


class MoneyShape(serializers.Serializer):
    amount = serializers.CharField(help_text="A decimal number, never rounded.")
    currency = serializers.CharField(help_text="ISO 4217.")


class Money(TypedDict):
    amount: str
    currency: str


def money(amount: Decimal) -> Money:
    """Two digits after the point, or as many as it has more."""
    text = f"{amount.normalize():f}"
    whole, _point, rest = text.partition(".")
    return {"amount": f"{whole}.{rest:0<2}", "currency": CURRENCY}


@extend_schema_field(MoneyShape)
class MoneyField(serializers.Field):
    def to_representation(self, value: Decimal) -> Money:
        return money(value)


@extend_schema_field(ImageShape)
class ImageField(serializers.Field):
    """A Picture: the row itself is the source."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"source": "*", "read_only": True} | kwargs))

    def to_representation(self, value: Any) -> dict[str, Any]:
        return image(value, self.context["request"])


def image(row: Any, request: Request) -> dict[str, Any]:
    url, expires = expiring_url(row.large)
    thumb, _same = expiring_url(row.thumb)
    return {
        "id": f"{row._meta.model_name}-{row.pk}",
        "version": row.sha256[:16],
        "url": request.build_absolute_uri(url),
        "thumb_url": request.build_absolute_uri(thumb),
        "url_expires_at": stamp(expires),
        "width": row.width,
        "height": row.height,
        "placeholder": row.colour or None,
    }


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class ResourceSerializer(serializers.ModelSerializer):
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: UtcDateTimeField,
    }


# Of a name that is repeated in a problem.
LONGEST = 100
# Checked in this order: some are subclasses of others.
_TYPES: tuple[tuple[type[serializers.Field], str, type], ...] = (
    (serializers.BooleanField, "boolean", bool),
    (serializers.IntegerField, "integer", int),
    (PrimaryKeyRelatedField, "integer", int),
    (serializers.CharField, "string", str),
    (serializers.DecimalField, "decimal string", str),
)


class StrictSerializer(serializers.Serializer):
    """For what is sent; a form, whose values are all text, is read as the framework does.

    A name that is not known is refused: an option that is misspelt would be left out, and paid for.
    """

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            return super().to_internal_value(data)
        wrong: dict[str, list[Any]] = {
            name[:LONGEST]: [ErrorDetail(_("This field is not known."), "unknown")]
            for name in data
            if name not in self.fields
        }
        if not isinstance(data, QueryDict):
            for name, field in self.fields.items():
                if type_name := _type_missed(field, data.get(name)):
                    wrong[name] = [_("Send a value of the type %s.") % type_name]
        if wrong:
            raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)


def _type_missed(field: Any, value: Any) -> str:
    """The type that it should be of, where it is not. Null is the field's own business."""
    each = field.child_relation if isinstance(field, ManyRelatedField) else None
    each = each or getattr(field, "child", None)
    if each is not None and isinstance(value, list):
        return next(filter(None, (_type_missed(each, inside) for inside in value)), "")
    for kind, name, type_ in _TYPES:
        if not isinstance(field, kind):
            continue
        if type_ is int and isinstance(value, int | float):
            # True is an int in Python, and 5.0 an integer in JSON Schema.
            fits = not isinstance(value, bool) and value % 1 == 0
        elif value == "":
            # The framework takes an empty text for null.
            fits = kind is serializers.CharField
        else:
            fits = value is None or isinstance(value, type_)
        return "" if fits else name
    return ""
