"""Recipes kept by name. What is in one is chosen on the launch page, where it is checked."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from jobs.models import Preset


@admin.register(Preset)
class PresetAdmin(admin.ModelAdmin):
    list_display = ("name", "account", "created_by", "created_at")
    list_filter = ("account",)
    list_select_related = ("account", "created_by")
    search_fields = ("name",)
    fields = ("name", "account", "recipe", "created_by", "created_at")
    readonly_fields = ("account", "recipe", "created_by", "created_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
