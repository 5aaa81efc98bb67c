"""Values as the API says them: moments in UTC, money with its currency, pictures with a date."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypedDict

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.storage.files import expiring_url

CURRENCY = "CNY"


class UtcDateTimeField(serializers.DateTimeField):
    """RFC 3339 with a Z, whatever the site's time zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"default_timezone": UTC} | kwargs))


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


def image(row: Any, request: Any) -> dict[str, Any]:
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

    # A choice that may be empty is so for readers, too: the document has to say it.

    def build_standard_field(self, name: str, column: Any) -> Any:
        kind, kwargs = super().build_standard_field(name, column)
        blank = column.blank and issubclass(kind, serializers.ChoiceField)
        return kind, kwargs | ({"allow_blank": True} if blank else {})

    def include_extra_kwargs(self, kwargs: Any, extra_kwargs: Any) -> Any:
        blank = {"allow_blank": True} if kwargs.get("allow_blank") else {}
        return super().include_extra_kwargs(kwargs, extra_kwargs) | blank
