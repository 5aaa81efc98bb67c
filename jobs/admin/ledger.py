"""The ledger and the month's totals: read here, written only by the moves of steps."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jobs.admin.search import batches_named, numbered
from jobs.models import LedgerEntry, MonthTotal, Step
from portal.admin.readonly import ReadOnlyAdmin


@admin.register(LedgerEntry)
class LedgerAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "amount", "account", "model", "house_batch", "house_step"]
    list_display += ["month"]
    list_filter = ["kind", "account", "month"]
    list_select_related = ["account", "batch"]
    search_fields = ["=step__id"]  # shows the box; see get_search_results
    search_help_text = _("Step number, batch")
    ordering = ["-id"]
    fields = ["at", "month", "kind", "amount", "free_images", "paid_images"]
    fields += ["account", "model", "house_batch", "house_step"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term:
            return queryset, False
        steps = Step.objects.team_owned().filter(pk=numbered(search_term) or 0)
        either = Q(batch__in=batches_named(search_term)) | Q(step__in=steps.values("pk"))
        return queryset.filter(either), False

    @admin.display(description=_("batch"))
    def house_batch(self, entry: LedgerEntry) -> str:
        """What shoppers cost is in the sums; for what, it does not say."""
        return str(entry.batch) if _is_team_owned(entry) else "–"

    @admin.display(description=_("step"))
    def house_step(self, entry: LedgerEntry) -> str:
        return str(entry.step_id or "–") if _is_team_owned(entry) else "–"


def _is_team_owned(entry: LedgerEntry) -> bool:
    return entry.batch is not None and entry.batch.owner_id is None


@admin.register(MonthTotal)
class MonthTotalAdmin(ReadOnlyAdmin):
    list_display = ["month", "account", "model", "billed", "reserved", "paid_images", "free_images"]
    list_filter = ["account", "month"]
    list_select_related = ["account"]
    fields = ["month", "account", "model", "billed", "reserved", "paid_images", "free_images"]
