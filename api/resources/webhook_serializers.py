"""Endpoints of webhooks and their deliveries as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from api.framework.serializers import ResourceSerializer, StrictSerializer
from webhooks import endpoints
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint


class WebhookSerializer(ResourceSerializer):
    enabled = serializers.BooleanField(source="is_enabled", read_only=True)
    events = serializers.ListField(
        child=serializers.ChoiceField(endpoints.EVENTS), help_text="Empty: all."
    )

    class Meta:
        model = WebhookEndpoint
        fields = [
            *("id", "url", "description", "events", "enabled", "disabled_at", "disabled_why"),
            *("failing_since", "previous_until", "created_at"),
        ]
        read_only_fields = fields


class NewWebhook(StrictSerializer):
    """https, a public host, port 443 or 8443. `events`: all, unless some are named."""

    url = serializers.CharField(max_length=500)
    description = serializers.CharField(required=False, allow_blank=True, max_length=200)
    events = serializers.ListField(
        child=serializers.ChoiceField(endpoints.EVENTS), required=False, max_length=50
    )


class WebhookWithSecret(WebhookSerializer):
    """The secret is shown here and never again."""

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class AttemptSerializer(ResourceSerializer):
    class Meta:
        model = WebhookAttempt
        fields = ["at", "status", "code", "duration_ms", "body"]
        read_only_fields = fields


class DeliverySerializer(ResourceSerializer):
    message = serializers.CharField(source="message_id", read_only=True)
    type = serializers.CharField(source="message.type", read_only=True)
    payload = serializers.DictField(source="message.payload", read_only=True)
    log = AttemptSerializer(many=True, read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = [
            *("id", "message", "type", "payload", "state", "attempts", "due_at"),
            *("delivered_at", "created_at", "log"),
        ]
        read_only_fields = fields
