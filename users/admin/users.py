"""Users with their roles."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jobs.models import Quota

admin.site.unregister(User)
admin.site.unregister(Group)


class QuotaInline(admin.StackedInline):
    """What this user may launch each day, in place of the settings."""

    model = Quota
    max_num = 1


@admin.register(User)
class RolesUserAdmin(UserAdmin):
    list_display = ("username", "roles", "first_name", "last_name", "is_staff", "last_login")
    list_filter = ("groups", "is_staff", "is_superuser", "is_active")
    inlines = (QuotaInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        """The groups, or “everything” for superusers."""
        if user.is_superuser:
            return str(_("everything"))
        return ", ".join(group.name for group in user.groups.all()) or "–"


@admin.register(Group)
class RolesGroupAdmin(GroupAdmin):
    list_display = ("name", "members")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(member_count=Count("user"))

    @admin.display(description=_("members"), ordering="member_count")
    def members(self, group: Group) -> int:
        return group.member_count  # type: ignore[attr-defined]
