"""The ledger and the month's totals: read here, written only by the moves of steps."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jobs.models import LedgerEntry, MonthTotal

from .readonly import ReadOnlyAdmin
from .search import batches_named, numbered


@admin.register(LedgerEntry)
class LedgerAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "amount", "account", "model", "batch", "step_id", "month"]
    list_filter = ["kind", "account", "month"]
    list_select_related = ["account", "batch"]
    search_fields = ["=step__id"]  # shows the box; see get_search_results
    search_help_text = _("Step number, batch")
    ordering = ["-id"]
    fields = ["at", "month", "kind", "amount", "free_images", "paid_images"]
    fields += ["account", "model", "batch", "step"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term:
            return queryset, False
        either = Q(batch__in=batches_named(search_term))
        return queryset.filter(either | Q(step=numbered(search_term) or 0)), False


@admin.register(MonthTotal)
class MonthTotalAdmin(ReadOnlyAdmin):
    list_display = ["month", "account", "model", "billed", "reserved", "paid_images", "free_images"]
    list_filter = ["account", "month"]
    list_select_related = ["account"]
    fields = ["month", "account", "model", "billed", "reserved", "paid_images", "free_images"]
