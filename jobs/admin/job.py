"""Try-ons: pictures, what happened, and what a person may do about it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from jobs.admin.search import about
from jobs.launch.create import LaunchRefused, repeat
from jobs.models import Event, Result, Step, TryOnJob
from portal.admin.action_report import apply_to_each
from portal.admin.readonly import ReadOnlyAdmin, ReadOnlyInline
from portal.admin.thumbnails import state, thumb, thumbs


class StepInline(ReadOnlyInline):
    model = Step
    fields = ["position", "operation", "state", "model", "remote_id", "submitted_at", "ended_at"]
    fields += ["cost", "error_code"]
    show_change_link = True


class ResultInline(ReadOnlyInline):
    model = Result
    fields = ["picture", "role", "part", "review", "published_at", "warnings"]
    show_change_link = True

    @admin.display(description=_("picture"))
    def picture(self, result: Result) -> str:
        return thumb(result)


class EventInline(ReadOnlyInline):
    model = Event
    fields = ["at", "kind", "object_id", "from_state", "to_state", "by", "worker", "why"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("by")


class ErrorCodeFilter(admin.SimpleListFilter):
    """Only the codes that occur, and not the empty one of every job that went well."""

    title = _("error code")
    parameter_name = "error_code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        codes = TryOnJob.objects.team_owned().exclude(error_code="").order_by("error_code")
        return [(code, code) for code in codes.values_list("error_code", flat=True).distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(error_code=self.value()) if self.value() else queryset


@admin.register(TryOnJob)
class TryOnJobAdmin(ReadOnlyAdmin):
    list_display = ["id", "person_picture", "outfit_pictures", "result_picture", "__str__"]
    list_display += ["shown_state", "account", "error_code", "batch", "created_at"]
    list_display_links = ["id", "__str__"]
    list_filter = ["state", "account", ErrorCodeFilter, "created_at"]
    list_per_page = 50
    search_fields = ["person__name"]  # shows the box; see get_search_results
    search_help_text = _("Person, garment, SKU, remote id")
    fields = ["person_picture", "outfit_pictures", "result_picture", "shown_state", "person"]
    fields += ["top", "bottom", "dress", "batch", "account", "recipe", "error_code"]
    fields += ["error_message", "error_kind", "repeat_of", "created_by", "created_at"]
    fields += ["started_at", "finished_at"]
    inlines = [StepInline, ResultInline, EventInline]
    actions = ["cancel", "retry", "give_up", "give_up_unbilled"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        final = Prefetch("results", Result.objects.final(), to_attr="shown_results")
        return TryOnJob.objects.team_owned().with_pictures().prefetch_related(final)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term:
            return queryset, False
        return queryset.filter(about(search_term)), False

    def has_act_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.change_tryonjob")

    @admin.display(description=_("person"))
    def person_picture(self, job: TryOnJob) -> str:
        return thumb(job.person)

    @admin.display(description=_("garments"))
    def outfit_pictures(self, job: TryOnJob) -> str:
        return thumbs(job.garments().values())

    @admin.display(description=_("result"))
    def result_picture(self, job: TryOnJob) -> str:
        return thumbs(getattr(job, "shown_results", ()))

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, job: TryOnJob) -> str:
        return state(job.state, job.get_state_display())

    @admin.action(description=_("Cancel"), permissions=["act"])
    def cancel(self, request: HttpRequest, queryset: QuerySet) -> None:
        done = ngettext_lazy("%(n)d try-on cancelled.", "%(n)d try-ons cancelled.", "n")
        apply_to_each(request, queryset, lambda job: _cancel(job, request.user), done)

    @admin.action(description=_("Retry as new try-ons"), permissions=["act"])
    def retry(self, request: HttpRequest, queryset: QuerySet) -> None:
        done = ngettext_lazy("%(n)d try-on queued again.", "%(n)d try-ons queued again.", "n")
        rows = queryset.select_related("batch__account", "repeated_by")
        apply_to_each(request, rows, lambda job: _retry(job, request.user), done)

    @admin.action(
        description=_("Give up a call of unknown outcome: it was billed"), permissions=["act"]
    )
    def give_up(self, request: HttpRequest, queryset: QuerySet) -> None:
        _give_up(request, queryset, billed=True)

    @admin.action(
        description=_("Give up a call of unknown outcome: it was not billed"), permissions=["act"]
    )
    def give_up_unbilled(self, request: HttpRequest, queryset: QuerySet) -> None:
        _give_up(request, queryset, billed=False)


def _give_up(request: HttpRequest, queryset: QuerySet, *, billed: bool) -> None:
    def act(job: TryOnJob) -> str:
        settled = job.settle(by=request.user, billed=billed)
        return "" if settled else _t("it did not need attention")

    done = ngettext_lazy("%(n)d try-on given up.", "%(n)d try-ons given up.", "n")
    apply_to_each(request, queryset, act, done)


def _cancel(job: TryOnJob, by: Any) -> str:
    if job.cancel(by=by):
        return ""
    # The list may be minutes old: the reason is that of now.
    job.refresh_from_db(fields=["state"])
    if job.state in job.UNFINISHED:
        return _t("the provider already has it and finishes it")
    if job.state == job.State.NEEDS_ATTENTION:
        return _t("its outcome is unknown: give it up instead")
    return _t("it had already ended (%(state)s)") % {"state": job.get_state_display()}


def _retry(job: TryOnJob, by: Any) -> str:
    if hasattr(job, "repeated_by"):
        return _t("it was already repeated")
    try:
        if repeat(job, by):
            return ""
    except LaunchRefused as refused:
        return " ".join(refused.reasons)
    if job.state == job.State.NEEDS_ATTENTION:
        return _t("its outcome is unknown: give it up first")
    return _t("it has not ended")
