"""What happened: events, decisions and signs of life. Written by the code, read by people."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from jobs.models import Decision, Event, Heartbeat

from .readonly import ReadOnlyAdmin


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "object_id", "from_state", "to_state", "by", "worker", "why"]
    list_filter = ["kind", "to_state", "at"]
    list_select_related = ["by"]
    search_fields = ["=object_id", "why"]
    search_help_text = _("Object number, reason")
    ordering = ["-id"]
    fields = ["at", "kind", "object_id", "job", "from_state", "to_state", "by", "worker", "why"]


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ["at", "result", "verdict", "reason", "by", "note"]
    list_filter = ["verdict", "reason", "at"]
    list_select_related = ["result", "by"]
    search_fields = ["note", "by__username"]
    ordering = ["-id"]
    fields = ["at", "result", "verdict", "reason", "note", "by"]


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ["lane", "at", "pid"]
    fields = ["lane", "at", "pid"]
