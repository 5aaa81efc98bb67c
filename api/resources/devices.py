"""Where somebody is signed in; each can be signed out from any other."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.usersessions.models import UserSession
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework.serializers import ResourceSerializer
from api.framework.viewsets import SIGNED_IN, Api


class DeviceSerializer(ResourceSerializer):
    is_current = serializers.SerializerMethodField()

    class Meta:
        model = UserSession
        fields = ["id", "ip", "user_agent", "is_current", "created_at", "last_seen_at"]
        read_only_fields = fields

    def get_is_current(self, device: UserSession) -> bool:
        return device.session_key == self.context["current"]


class Devices(mixins.ListModelMixin, mixins.DestroyModelMixin, Api):
    """One for each token and each browser."""

    tag = basename = "devices"
    serializer_class = DeviceSerializer
    required_permissions: ClassVar = {"list": SIGNED_IN, "destroy": SIGNED_IN}

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return UserSession.objects.none()
        return UserSession.objects.filter(user=self.request.user)

    def get_serializer_context(self) -> dict[str, Any]:
        return super().get_serializer_context() | {"current": current_key(self.request)}

    @extend_schema(operation_id="listDevices")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Where you are signed in."""
        return super().list(request, *args, **kwargs)

    @extend_schema(operation_id="deleteDevice", responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Sign it out: its token ends with this answer."""
        return super().destroy(request, *args, **kwargs)

    def perform_destroy(self, device: UserSession) -> None:
        device.end()


def current_key(request: Request) -> str:
    """The session of the token that was sent; "" where there is none."""
    session = getattr(request.auth, "session_key", None) or getattr(request.auth, "key", "")
    return str(session or "")
