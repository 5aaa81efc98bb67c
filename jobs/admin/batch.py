"""Batches: what was launched, and how far it has come."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from jobs.admin.event_table import WithEvents
from jobs.models import Batch, Step, TryOnJob
from jobs.wakeups import wake_dispatcher
from portal.admin.action_report import add_messages
from portal.admin.readonly import SafeActions, site_url
from portal.admin.shared_rows import TeamOwnedOnly

State = TryOnJob.State


class BatchChangeList(ChangeList):
    """Counts and costs of the batches on this page only, in three queries for all of them.

    As annotations they would be computed for every batch there ever was before the first page
    could be sorted.
    """

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        batches = list(self.result_list)
        steps = Step.objects.filter(batch__in=batches).order_by()
        costs = dict(steps.values_list("batch").annotate(total=Sum("cost")))
        counts = TryOnJob.objects.counts_of([batch.pk for batch in batches])
        for batch in batches:
            batch.shown_counts = counts[batch.pk]
            batch.shown_cost = costs.get(batch.pk)
        self.result_list = batches


class BatchForm(forms.ModelForm):
    """What may be changed while workers are at it: none of it is written by them."""

    # Under a name of its own: the model's column is not for forms that save whole rows.
    rank = forms.TypedChoiceField(label=_("Priority"), choices=Batch.Priority, coerce=int)

    class Meta:
        model = Batch
        fields = ("name", "budget")
        help_texts: ClassVar[Any] = {
            "budget": _("It stops before it would spend more. Empty: no limit of its own."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("rank", self.instance.priority)


@admin.register(Batch)
class BatchAdmin(TeamOwnedOnly, WithEvents, SafeActions):
    form = BatchForm
    list_display = ["name", "account", "progress", "cost", "page", "created_by", "created_at"]
    list_filter = ["account", "interactive", "priority", "created_at"]
    # Each row adds up hundreds of jobs.
    list_per_page = 40
    list_select_related = ["account", "created_by"]
    search_fields = ["name"]
    shown: tuple[str, ...] = ("account", "recipe", "interactive", "progress", "estimate", "cost")
    shown += ("stopped_at", "paused_at", "page", "created_by", "created_at")
    actions = ["cancel"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A launch makes batches."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A user who may launch may set its budget."""
        return request.user.has_perm("jobs.add_batch")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        rank = "rank" if self.has_change_permission(request, obj) else "priority"
        return ("name", "budget", rank, *self.shown)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), *self.shown, "priority")

    def save_model(self, request: HttpRequest, obj: Batch, form: Any, change: bool) -> None:
        """Write what was typed and nothing else: the rest of the row is the dispatcher's."""
        said = {name: form.cleaned_data[name] for name in form.changed_data}
        if "budget" in said:
            obj.set_budget(said["budget"], by=request.user)
        if "rank" in said:
            obj.set_priority(Batch.Priority(said["rank"]), by=request.user)
        if "name" in said:
            obj.rename(said["name"], by=request.user)
        if said:
            wake_dispatcher()

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
        url = site_url(batch)
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
        add_messages(request, text, cancelled, +reasons)
