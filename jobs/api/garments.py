"""Garments and their collections: all of the library for the house, what is shown for shoppers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from catalog.models import Collection, Garment

from .fields import ImageField, Rows
from .filters import IdFilter
from .rights import SIGNED_IN
from .views import Listed


class GarmentSerializer(Rows):
    image = ImageField()
    collections: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = Garment
        fields = [
            *("id", "name", "slot", "photo_type", "sku", "season", "collections", "image"),
            *("verdict", "created_at", "updated_at"),
        ]
        read_only_fields = fields


class GarmentFilter(django_filters.FilterSet):
    collection = IdFilter(method="of_collection")

    class Meta:
        model = Garment
        fields = ["slot", "season", "sku", "photo_type"]

    def of_collection(self, rows: QuerySet, _name: str, value: Any) -> QuerySet:
        return rows.filter(collections=value)


class Garments(Listed):
    model = Garment
    serializer_class = GarmentSerializer
    filterset_class = GarmentFilter
    rights: ClassVar = {"list": SIGNED_IN, "retrieve": SIGNED_IN}

    def shown(self, rows: Any) -> QuerySet:
        return rows.active().prefetch_related("collections")

    def own(self, rows: Any) -> Any:
        return rows.filter(owner=None)

    def withdrawn(self, since: datetime) -> Any:
        changed = Garment.objects.changed_since(since)
        return changed.exclude(pk__in=self.get_queryset().values("pk")).values_list("pk", flat=True)


class CollectionSerializer(Rows):
    class Meta:
        model = Collection
        fields = ["id", "name", "created_at"]
        read_only_fields = fields


class Collections(Listed):
    model = Collection
    serializer_class = CollectionSerializer
    rights: ClassVar = {"list": SIGNED_IN, "retrieve": SIGNED_IN}

    def get_queryset(self) -> QuerySet:
        user: Any = self.request.user
        return Collection.objects.visible_to(user)
