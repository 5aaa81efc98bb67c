"""Webhook endpoints and deliveries: read here, changed by their owners through the API."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.admin.readonly import ReadOnlyAdmin, ReadOnlyInline
from portal.admin.thumbnails import state
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnlyAdmin):
    """Without its secrets, and without the address's query, which may be one."""

    list_display = ["address", "owner", "description", "enabled", "disabled_why", "failing_since"]
    list_select_related = ["owner"]
    list_filter = ["disabled_why"]
    search_fields = ["description", "owner__username"]
    fields = (
        *("address", "owner", "description", "events", "enabled", "disabled_at"),
        *("disabled_why", "failing_since", "previous_until", "created_at"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """All endpoints for users who may see all deliveries, else their own."""
        rows = super().get_queryset(request)
        if request.user.has_perm("webhooks.view_webhookdelivery"):
            return rows
        return rows.filter(owner=request.user.pk)

    @admin.display(description=_("address"))
    def address(self, endpoint: WebhookEndpoint) -> str:
        return endpoint.address_without_query()

    @admin.display(description=_("enabled"), boolean=True)
    def enabled(self, endpoint: WebhookEndpoint) -> bool:
        return endpoint.is_enabled


class AttemptInline(ReadOnlyInline):
    model = WebhookAttempt
    fields = ["at", "status", "code", "duration_ms", "body"]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "endpoint", "shown_state", "attempts", "due_at", "delivered_at"]
    list_filter = ["state"]
    list_select_related = ["message", "endpoint"]
    search_fields = ["message__id__exact"]
    search_help_text = _("Message id")
    ordering = ["-id"]
    fields = (
        *("message_id", "kind", "payload", "endpoint", "shown_state", "attempts", "due_at"),
        *("claimed_until", "delivered_at", "created_at"),
    )
    inlines = [AttemptInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Joined: a delivery whose endpoint was deleted while it was made is not shown."""
        return super().get_queryset(request).filter(endpoint__url__isnull=False)

    @admin.display(description=_("type"))
    def kind(self, delivery: WebhookDelivery) -> str:
        return delivery.message.type

    @admin.display(description=_("payload"))
    def payload(self, delivery: WebhookDelivery) -> str:
        return delivery.message.body()

    @admin.display(description=_("state"))
    def shown_state(self, delivery: WebhookDelivery) -> str:
        return state(delivery.state, delivery.get_state_display())
