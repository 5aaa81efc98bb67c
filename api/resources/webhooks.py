"""One's own endpoints of webhooks: made, tried, rotated, and what came of every delivery."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework.idempotency import Act, once
from api.framework.problems import Problem
from api.framework.viewsets import Api, created
from api.resources.webhook_serializers import (
    DeliverySerializer,
    NewWebhook,
    WebhookSerializer,
    WebhookWithSecret,
)
from webhooks import endpoints, outbox
from webhooks.models import WebhookDelivery, WebhookEndpoint


class Webhooks(mixins.ListModelMixin, mixins.RetrieveModelMixin, Api):
    tag = "webhooks"
    serializer_class = WebhookSerializer
    idempotent_actions = {"create"}
    required_permissions: ClassVar = {
        **dict.fromkeys(("list", "retrieve", "deliveries"), "webhooks.view_webhookendpoint"),
        "create": "webhooks.add_webhookendpoint",
        "destroy": "webhooks.delete_webhookendpoint",
        **dict.fromkeys(
            ("partial_update", "rotate", "enable", "test", "redeliver"),
            "webhooks.change_webhookendpoint",
        ),
    }

    def get_queryset(self) -> QuerySet:
        if getattr(self, "swagger_fake_view", False):
            return WebhookEndpoint.objects.none()
        return WebhookEndpoint.objects.of(self.request.user)

    @extend_schema(request=NewWebhook, responses={201: WebhookWithSecret})
    def create(self, request: Request) -> Response:
        """Send events to an address of yours. Only this answer has the secret."""
        return once(request, lambda: self._prepare(request))

    def _prepare(self, request: Request) -> Act:
        order = NewWebhook(data=request.data)
        order.is_valid(raise_exception=True)
        return lambda: self._add(order.validated_data)

    def _add(self, values: dict[str, Any]) -> Response:
        try:
            made = endpoints.create_endpoint(self.request.user, **values)
        except endpoints.EndpointRefused as refused:
            raise _refusal(refused) from refused
        address = reverse("webhooks-detail", args=[made.pk])
        data = WebhookWithSecret(made).data
        return created(data, self.request.build_absolute_uri(address))

    @extend_schema(request=NewWebhook, responses=WebhookSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change its address, description or events."""
        endpoint: WebhookEndpoint = self.get_object()
        order = NewWebhook(data=request.data, partial=True)
        order.is_valid(raise_exception=True)
        try:
            if order.validated_data:
                endpoints.update_endpoint(endpoint, **order.validated_data)
        except endpoints.EndpointRefused as refused:
            raise _refusal(refused) from refused
        return self._now()

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Delete an endpoint with its deliveries: it gets no more events."""
        self.get_object().delete()
        return Response(status=204)

    @extend_schema(request=None, responses=WebhookWithSecret)
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        """Make a new secret, which is shown once. For a day the old one signs as well."""
        endpoint: WebhookEndpoint = self.get_object()
        if not endpoint.rotate(timezone.now()):
            raise Problem("conflict", _("Its secret has just been changed by somebody else."))
        return Response(WebhookWithSecret(endpoint).data)

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, pk: str) -> Response:
        """Tell it again what happens from now on. Done twice, it is done."""
        self.get_object().enable()
        return self._now()

    @extend_schema(request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send it an event that means nothing."""
        delivery = outbox.send_test(self.get_object())
        if delivery is None:
            raise Problem("conflict", _("It is disabled: enable it first."))
        return Response(DeliverySerializer(delivery).data, 202)

    @extend_schema(operation_id="listDeliveries", responses=DeliverySerializer(many=True))
    @action(detail=True, methods=["get"], serializer_class=DeliverySerializer)
    def deliveries(self, request: Request, pk: str) -> Response:
        """The deliveries of the last 30 days with every attempt, the newest first."""
        rows = WebhookDelivery.objects.filter(endpoint=self.get_object())
        page = self.paginate_queryset(rows.select_related("message").prefetch_related("log"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="redeliver",
        request=None,
        responses={202: DeliverySerializer},
        parameters=[OpenApiParameter("delivery", OpenApiTypes.INT, OpenApiParameter.PATH)],
    )
    def redeliver(self, request: Request, pk: str, delivery: str) -> Response:
        """Send it anew, under the same id, with all its retries."""
        rows = WebhookDelivery.objects.filter(endpoint=self.get_object(), pk=delivery)
        if not outbox.redeliver(get_object_or_404(rows)):
            raise Problem("conflict", _("It is on its way, or the endpoint is disabled."))
        found = get_object_or_404(rows.select_related("message"))
        return Response(DeliverySerializer(found).data, 202)

    def _now(self) -> Response:
        """As it is after what was done; 404 where it was deleted meanwhile."""
        return Response(self.get_serializer(self.get_object()).data)


def _refusal(refused: endpoints.EndpointRefused) -> Problem:
    if not refused.field:
        return Problem("conflict", str(refused))
    errors = [Problem.error(f"/{refused.field}", refused, refused.code)]
    return Problem("invalid", errors=errors)
