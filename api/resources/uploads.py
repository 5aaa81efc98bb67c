"""Sending a photo before saying what it is: to the bucket where there is one, else to this site."""

from __future__ import annotations

import hashlib
import tempfile
from typing import Any, ClassVar

from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework.idempotency import Act, once
from api.framework.parsers import Json, check_length, too_large
from api.framework.problems import Problem
from api.framework.serializers import ResourceSerializer, StrictSerializer
from api.framework.viewsets import SIGNED_IN, Api, created
from catalog.models import Upload
from catalog.models.upload import LIFE
from catalog.photos.refusals import MAX_BYTES

CONTENT_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif")
# Announced and not yet used, by one user.
MOST_OPEN = 50
CHUNK = 64 * 1024


class UploadOrder(StrictSerializer):
    content_type = serializers.ChoiceField(CONTENT_TYPES)
    size = serializers.IntegerField(min_value=1, max_value=MAX_BYTES, help_text="Bytes.")
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}\Z", required=False)


class UploadSerializer(ResourceSerializer):
    """Send the bytes by `method` to `url` with exactly these `headers`, before `expires_at`."""

    method = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    headers = serializers.SerializerMethodField()
    received = serializers.BooleanField(source="is_received", read_only=True)

    class Meta:
        model = Upload
        fields = [
            *("id", "method", "url", "headers", "content_type", "size", "received"),
            *("created_at", "expires_at"),
        ]
        read_only_fields = fields

    def get_method(self, _upload: Upload) -> str:
        return "PUT"

    def get_url(self, upload: Upload) -> str:
        if hasattr(default_storage, "put_url"):
            left = int((upload.expires_at - timezone.now()).total_seconds())
            headers = {"content_type": upload.content_type, "size": upload.size}
            return str(default_storage.put_url(upload.file_name, expire=max(1, left), **headers))
        path = reverse("uploads-content", args=[upload.pk])
        return str(self.context["request"].build_absolute_uri(path))

    def get_headers(self, upload: Upload) -> dict[str, str]:
        """Beside `Authorization`, where `url` is of this site."""
        return {"Content-Type": upload.content_type, "Content-Length": str(upload.size)}


class Raw(BaseParser):
    """The body itself, as it comes."""

    media_type = "image/*"

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        return stream


class Uploads(mixins.RetrieveModelMixin, Api):
    tag = "uploads"
    serializer_class = UploadSerializer
    parser_classes = (Json,)
    idempotent_actions = {"create"}
    lookup_value_converter = "uuid"
    lookup_value_regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    throttle_scopes: ClassVar = {"create": "upload", "content": "upload"}
    required_permissions: ClassVar = dict.fromkeys(["create", "retrieve", "content"], SIGNED_IN)

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return Upload.objects.none()
        return Upload.objects.of(self.request.user, timezone.now())

    @extend_schema(request=UploadOrder, responses={201: UploadSerializer})
    def create(self, request: Request) -> Response:
        """Announce a photo, and learn where to send it."""
        return once(request, lambda: self._prepare(request))

    def _prepare(self, request: Request) -> Act:
        order = UploadOrder(data=request.data)
        order.is_valid(raise_exception=True)
        if self.get_queryset().count() >= MOST_OPEN:
            words = _("Too many photos are announced: use them, or wait an hour.")
            raise Problem("conflict", words)
        return lambda: self._announce(order.validated_data)

    def _announce(self, values: dict[str, Any]) -> Response:
        upload = Upload.objects.create(
            owner=self.request.user, expires_at=timezone.now() + LIFE, **values
        )
        address = reverse("uploads-detail", args=[upload.pk])
        data = self.get_serializer(upload).data
        return created(data, self.request.build_absolute_uri(address))

    @extend_schema(
        operation_id="sendUploadContent",
        request=dict.fromkeys(CONTENT_TYPES, OpenApiTypes.BINARY),
        responses={204: None},
    )
    @action(detail=True, methods=["put"], parser_classes=[Raw])
    def content(self, request: Request, pk: str) -> Response:
        """The bytes, where there is no bucket. Sent twice, they are the same."""
        upload: Upload = self.get_object()
        check_length(request, upload.size)
        with tempfile.TemporaryFile() as file:
            size, sha256 = _received(request, file, upload.size)
            if refusal := upload.refusal(size, sha256):
                errors = [Problem.error("", refusal, refusal.code)]
                raise Problem("photo-refused", str(refusal), errors=errors)
            file.seek(0)
            default_storage.save(upload.file_name, File(file))
        return Response(status=204)


def _received(request: Request, file: Any, most: int) -> tuple[int, str]:
    """Write the body to the disk, piece by piece; its size and hash. Raises Problem."""
    size, sha256 = 0, hashlib.sha256()
    while chunk := request._request.read(CHUNK):
        size += len(chunk)
        if size > most:
            raise too_large(most)
        sha256.update(chunk)
        file.write(chunk)
    return size, sha256.hexdigest()
