"""Galleries: those that everybody sees now, and all of them for those who work with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework.serializers import ResourceSerializer
from api.framework.viewsets import SIGNED_IN, ReadOnlyResource
from api.resources.gallery_item_pages import ItemPages
from galleries.models import Gallery, GalleryItem, PublicImage


class GallerySerializer(ResourceSerializer):
    state = serializers.ChoiceField(Gallery.State.choices, source="current_state", read_only=True)

    class Meta:
        model = Gallery
        fields = [
            *("id", "name", "slug", "text", "access", "state", "shown_from", "shown_until"),
            *("created_at", "updated_at"),
        ]
        read_only_fields = fields


class VariantShape(serializers.Serializer):
    url = serializers.URLField()
    width = serializers.IntegerField()


class PublicImageShape(serializers.Serializer):
    """A published image with its AI mark. Its addresses are public, and do not expire."""

    id = serializers.CharField()
    version = serializers.CharField()
    url = serializers.URLField()
    url_expires_at = serializers.DateTimeField(allow_null=True, help_text="Always null.")
    variants = VariantShape(many=True)
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    placeholder = serializers.CharField(allow_null=True)


class WornShape(serializers.Serializer):
    name = serializers.CharField()
    sku = serializers.CharField(allow_blank=True)


class ItemSerializer(ResourceSerializer):
    """`result` is null for those who do not work with results."""

    result = serializers.SerializerMethodField()
    garments = serializers.SerializerMethodField()
    image = serializers.SerializerMethodField()

    class Meta:
        model = GalleryItem
        fields = ["id", "position", "result", "garments", "image"]
        read_only_fields = fields

    def get_result(self, item: GalleryItem) -> int | None:
        user: Any = self.context["request"].user
        return item.result_id if user.has_perm("jobs.view_result") else None

    @extend_schema_field(WornShape(many=True))
    def get_garments(self, item: GalleryItem) -> list[dict[str, str]]:
        garments = item.result.job.garments().values()
        return [{"name": garment.name, "sku": garment.sku} for garment in garments]

    @extend_schema_field(PublicImageShape(allow_null=True))
    def get_image(self, item: GalleryItem) -> dict[str, Any] | None:
        """Null until its public files are made."""
        public: PublicImage | None = getattr(item.result, "public", None)
        if public is None or not public.width:
            return None
        absolute = self.context["request"].build_absolute_uri
        variants = [{"url": absolute(public.url(w)), "width": w} for w in public.widths]
        return {
            "id": f"public-{item.result_id}",
            "version": public.name[:16],
            "url": absolute(public.src),
            "url_expires_at": None,
            "variants": variants,
            "width": public.width,
            "height": public.height,
            "placeholder": item.result.colour or None,
        }


class Galleries(ReadOnlyResource):
    tag = "galleries"
    model = Gallery
    serializer_class = GallerySerializer
    required_permissions: ClassVar = dict.fromkeys(["list", "retrieve", "items"], SIGNED_IN)

    def changed(self, rows: Any, since: datetime) -> QuerySet:
        """Also what time alone has opened."""
        opened = Q(shown_from__gte=since, shown_from__lte=timezone.now())
        found: QuerySet = rows.filter(Q(updated_at__gte=since) | opened)
        return found

    def own(self, rows: Any) -> Any:
        return rows.filter(owner=None)

    def withdrawn(self, since: datetime) -> Any:
        seen = Gallery.objects.visible_to(self.request.user).order_by().values("pk")
        ended = Q(shown_until__gte=since, shown_until__lte=timezone.now())
        rows = Gallery.objects.filter(Q(updated_at__gte=since) | ended)
        return rows.exclude(pk__in=seen).values_list("pk", flat=True)

    @extend_schema(responses=ItemSerializer(many=True), operation_id="listGalleryItems")
    @action(
        detail=True,
        methods=["get"],
        serializer_class=ItemSerializer,
        pagination_class=ItemPages,
        filterset_class=None,
    )
    def items(self, request: Request, pk: str) -> Response:
        """What it shows, page by page."""
        gallery: Any = self.get_object()
        staff = request.user.has_perm("galleries.view_gallery")
        items = gallery.items.all() if staff else gallery.items.showable()
        worn = [f"result__job__{slot}" for slot in ("top", "bottom", "dress")]
        page = self.paginate_queryset(items.prefetch_related("result__public", *worn))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
