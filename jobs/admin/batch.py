"""Batches: what was launched, and how far it has come."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from jobs.models import Batch, Step, TryOnJob

from .readonly import ReadOnlyAdmin, page_of
from .tally import tell

State = TryOnJob.State


class BatchChangeList(ChangeList):
    """Counts and costs of the batches on this page only, in two queries for all of them.

    As annotations they would be computed for every batch there ever was before the first page
    could be sorted.
    """

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        batches = list(self.result_list)
        jobs = TryOnJob.objects.current().filter(batch__in=batches).order_by()
        steps = Step.objects.filter(batch__in=batches).order_by()
        costs = dict(steps.values_list("batch").annotate(total=Sum("cost")))
        counts: dict[int, dict[str, int]] = {batch.pk: {} for batch in batches}
        for batch_id, value, n in jobs.values_list("batch", "state").annotate(n=Count("id")):
            counts[batch_id][value] = n
        for batch in batches:
            batch.shown_counts = counts[batch.pk]
            batch.shown_cost = costs.get(batch.pk)
        self.result_list = batches


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    list_display = ["name", "account", "progress", "cost", "page", "created_by", "created_at"]
    list_filter = ["account", "interactive", "created_at"]
    # Each row adds up hundreds of jobs.
    list_per_page = 40
    list_select_related = ["account", "created_by"]
    search_fields = ["name"]
    fields = [
        "name",
        "account",
        "recipe",
        "interactive",
        "progress",
        "cost",
        "budget",
        "stopped_at",
    ]
    fields += ["page"]
    fields += ["created_by", "created_at"]
    actions = ["cancel"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BatchChangeList

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.change_tryonjob")

    @admin.display(description=_("progress"))
    def progress(self, batch: Batch) -> str:
        counts = getattr(batch, "shown_counts", None)
        counts = Counter(batch.counts() if counts is None else counts)
        ended = counts.total() - sum(counts[s] for s in TryOnJob.UNFINISHED)
        bad = counts[State.FAILED] + counts[State.NEEDS_ATTENTION]
        return format_html(
            '<progress value="{}" max="{}" aria-label="{}"></progress> {}',
            ended,
            max(1, counts.total()),
            batch,
            _t("%(ended)d of %(all)d ended, %(bad)d failed")
            % {"ended": ended, "all": counts.total(), "bad": bad},
        )

    @admin.display(description=_("cost (CNY)"))
    def cost(self, batch: Batch) -> Decimal:
        if hasattr(batch, "shown_cost"):
            return batch.shown_cost or Decimal(0)
        return batch.spend()["billed"]

    @admin.display(description=_("page"))
    def page(self, batch: Batch) -> str:
        url = page_of(batch)
        return format_html('<a href="{}">{}</a>', url, _t("Open")) if url else "–"

    @admin.action(description=_("Cancel what has not begun"), permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet) -> None:
        reasons: Counter[str] = Counter()
        cancelled = 0
        for batch in queryset:
            done, left = batch.cancel(request.user)
            cancelled += done
            reasons[_t("the provider already has it and finishes it")] += left
            reasons[_t("nothing in this batch was unfinished")] += not (done or left)
        text = ngettext_lazy("%(n)d try-on cancelled.", "%(n)d try-ons cancelled.", "n")
        tell(request, text, cancelled, +reasons)
