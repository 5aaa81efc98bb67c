"""The ledger and the month's totals: read here, written only by the moves of steps."""

from __future__ import annotations

from django.contrib import admin

from jobs.models import LedgerEntry, MonthTotal

from .readonly import ReadOnlyAdmin


@admin.register(LedgerEntry)
class LedgerAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "amount", "account", "model", "batch", "step_id", "month"]
    list_filter = ["kind", "account", "month"]
    list_select_related = ["account", "batch"]
    search_fields = ["=step__id", "batch__name"]
    ordering = ["-id"]
    fields = ["at", "month", "kind", "amount", "free_images", "paid_images"]
    fields += ["account", "model", "batch", "step"]


@admin.register(MonthTotal)
class MonthTotalAdmin(ReadOnlyAdmin):
    list_display = ["month", "account", "model", "billed", "reserved", "paid_images", "free_images"]
    list_filter = ["account", "month"]
    list_select_related = ["account"]
    fields = ["month", "account", "model", "billed", "reserved", "paid_images", "free_images"]
