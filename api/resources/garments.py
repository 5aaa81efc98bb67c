"""Garments and their collections: all of the library for the team, what is shown for shoppers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import django_filters
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework.filters import IdFilter
from api.framework.idempotency import Act, once
from api.framework.parsers import Form, Json
from api.framework.problems import Problem
from api.framework.serializers import ImageField, ResourceSerializer, StrictSerializer
from api.framework.viewsets import SIGNED_IN, ReadOnlyResource, created
from api.resources.photos import Photo, prepare, sent
from catalog.models import Collection, Garment
from catalog.photos.add import Intake, OnDuplicate


class GarmentSerializer(ResourceSerializer):
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

    def of_collection(self, rows: QuerySet, _name: str, value: int) -> QuerySet:
        return rows.filter(collections=value)


class NewGarment(StrictSerializer, serializers.ModelSerializer):
    """The id of an upload, and what its photo shows."""

    upload = serializers.UUIDField(write_only=True)
    name = serializers.CharField(max_length=120)

    class Meta:
        model = Garment
        fields = ["upload", "name", "slot", "photo_type", "sku", "season"]
        # The garment with this SKU may have this very photo, which is no error.
        extra_kwargs: ClassVar[Any] = {"sku": {"validators": []}}


class NewGarmentForm(NewGarment):
    """A photo, and what it shows."""

    upload = None
    photo = serializers.FileField(write_only=True)

    class Meta(NewGarment.Meta):
        fields = ["photo", *NewGarment.Meta.fields[1:]]


class GarmentChanges(StrictSerializer, serializers.ModelSerializer):
    class Meta:
        model = Garment
        fields = ["name", "photo_type", "sku", "season"]


class Garments(ReadOnlyResource):
    model = Garment
    serializer_class = GarmentSerializer
    filterset_class = GarmentFilter
    parser_classes = (Json, Form)
    idempotent_actions = {"create"}
    throttle_scopes: ClassVar = {"create": "upload"}
    required_permissions: ClassVar = {
        "list": SIGNED_IN,
        "retrieve": SIGNED_IN,
        "create": "catalog.add_garment",
        "partial_update": "catalog.change_garment",
        "destroy": "catalog.change_garment",
    }

    def shown(self, rows: Any) -> QuerySet:
        return rows.active().prefetch_related("collections")

    def own(self, rows: Any) -> Any:
        return rows.filter(owner=None)

    def withdrawn(self, since: datetime) -> Any:
        changed = Garment.objects.changed_since(since)
        return changed.exclude(pk__in=self.get_queryset().values("pk")).values_list("pk", flat=True)

    @extend_schema(
        request={"application/json": NewGarment, "multipart/form-data": NewGarmentForm},
        responses={200: GarmentSerializer, 201: GarmentSerializer},
    )
    def create(self, request: Request) -> Response:
        """Add a garment. 200 tells of one that has this very photo already."""
        user: Any = request.user
        intake = Intake(Garment, on_duplicate=OnDuplicate.REUSE, by=user)
        return once(request, lambda: self._prepare(request, intake), intake.discard_files)

    def _prepare(self, request: Request, intake: Intake[Garment]) -> Act:
        order = sent(request, NewGarment, NewGarmentForm)
        order.is_valid(raise_exception=True)
        fields = {k: v for k, v in order.validated_data.items() if k not in ("photo", "upload")}
        photo = Photo(request)
        if intake.find_existing(photo.data, **fields) is None:
            if fields.get("sku") and Garment.objects.filter(sku=fields["sku"]).exists():
                raise _sku_taken()
            prepare(intake)
        return lambda: self._save(intake, photo)

    def _save(self, intake: Intake[Garment], photo: Photo) -> Response:
        try:
            with transaction.atomic():
                garment = intake.save()
        except IntegrityError as error:
            raise _sku_taken() from error
        photo.used()
        status = 201 if garment is intake.asset else 200
        data = self.get_serializer(self.get_queryset().get(pk=garment.pk)).data
        address = self.request.build_absolute_uri(reverse("garments-detail", args=[garment.pk]))
        return created(data, address, status)

    @extend_schema(request={"application/json": GarmentChanges}, responses=GarmentSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        garment = self.get_object()
        order = GarmentChanges(garment, data=request.data, partial=True)
        order.is_valid(raise_exception=True)
        changed = order.validated_data
        if changed:
            Garment.objects.filter(pk=garment.pk).update(**changed)
            garment.rejudge()
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Archive it: what was made of it stays."""
        Garment.objects.filter(pk=self.get_object().pk).archive()
        return Response(status=204)


def _sku_taken() -> Problem:
    words = _("Another garment has this number.")
    return Problem("invalid", errors=[Problem.error("/sku", words, "unique")])


class CollectionSerializer(ResourceSerializer):
    class Meta:
        model = Collection
        fields = ["id", "name", "created_at"]
        read_only_fields = fields


class Collections(ReadOnlyResource):
    model = Collection
    serializer_class = CollectionSerializer
    required_permissions: ClassVar = {"list": SIGNED_IN, "retrieve": SIGNED_IN}

    def get_queryset(self) -> QuerySet:
        user: Any = self.request.user
        return Collection.objects.visible_to(user)
