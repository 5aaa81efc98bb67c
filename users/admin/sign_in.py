"""How people sign in: devices that can be ended, a lost second factor that can be taken away."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

admin.site.unregister(Authenticator)
admin.site.unregister(UserSession)


class ViewAndDeleteOnly(admin.ModelAdmin):
    """Rows can be viewed and deleted; users create their own."""

    list_select_related = ("user",)
    search_fields = ("user__username", "user__email")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Authenticator)
class SecondFactorAdmin(ViewAndDeleteOnly):
    list_display = ("user", "type", "created_at", "last_used_at")
    # The data is the secret itself.
    fields = list_display


@admin.register(UserSession)
class DeviceAdmin(ViewAndDeleteOnly):
    list_display = ("user", "user_agent", "ip", "created_at", "last_seen_at")
    fields = list_display

    def delete_model(self, request: HttpRequest, obj: UserSession) -> None:
        """End the session too, or its token would stay valid."""
        obj.end()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for device in queryset:
            device.end()
