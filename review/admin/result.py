"""Results: the images, and what reviewers decided about them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from jobs.admin.event_table import WithEvents
from jobs.admin.search import about
from jobs.models import PublishRefused, Result, TryOnJob
from portal.admin.action_report import apply_to_each
from portal.admin.readonly import ReadOnlyAdmin, ReadOnlyInline
from portal.admin.shared_rows import TeamOwnedOnly
from portal.admin.thumbnails import state, thumb
from review.admin.reject_form import RejectForm
from review.decide import decide
from review.models import Decision, DecisionRefused

# The page in between names every row in a field of its own; Django refuses more than 1000 fields.
MAX_REJECTED = 500


class DecisionInline(ReadOnlyInline):
    model = Decision
    fields = ["at", "verdict", "reason", "note", "by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("by")


@admin.register(Result)
class ResultAdmin(TeamOwnedOnly, WithEvents, ReadOnlyAdmin):
    list_display = ["id", "picture", "job", "role", "shown_review", "published_at", "created_at"]
    list_filter = ["review", "role", "job__account", "created_at"]
    list_per_page = 50
    list_select_related = ["job__person", "job__top", "job__bottom", "job__dress"]
    search_fields = ["job__person__name"]  # shows the box; see get_search_results
    search_help_text = _("Person, garment, SKU")
    fields = ["large_picture", "job", "step", "role", "part", "shown_review", "published_at"]
    fields += ["warnings", "width", "height", "sha256", "created_at"]
    inlines = [DecisionInline]
    actions = ["approve", "reject", "undo", "publish", "unpublish"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term:
            return queryset, False
        jobs = TryOnJob.objects.filter(about(search_term))
        return queryset.filter(job__in=jobs.values("pk")), False

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.change_result")

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("jobs.publish_result")

    @admin.display(description=_("picture"))
    def picture(self, result: Result) -> str:
        return thumb(result)

    @admin.display(description=_("picture"))
    def large_picture(self, result: Result) -> str:
        return thumb(result, height=240)

    @admin.display(description=_("review"), ordering="review")
    def shown_review(self, result: Result) -> str:
        return state(result.review, result.get_review_display())

    @admin.action(description=_("Approve"), permissions=["review"])
    def approve(self, request: HttpRequest, queryset: QuerySet) -> None:
        done = ngettext_lazy("%(n)d result approved.", "%(n)d results approved.", "n")
        apply_to_each(
            request,
            queryset,
            lambda r: _decide_or_explain(r, Result.Review.APPROVED, request.user),
            done,
        )

    @admin.action(description=_("Reject …"), permissions=["review"])
    def reject(self, request: HttpRequest, queryset: QuerySet) -> TemplateResponse | None:
        if queryset.count() > MAX_REJECTED:
            text = _t("Choose at most %(n)d results at a time. Nothing was changed.")
            messages.error(request, text % {"n": MAX_REJECTED})
            return None
        form = RejectForm(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            return self._reason_page(request, queryset, form)
        reason_and_note = form.cleaned_data
        done = ngettext_lazy("%(n)d result rejected.", "%(n)d results rejected.", "n")
        apply_to_each(
            request,
            queryset,
            lambda r: _decide_or_explain(
                r, Result.Review.REJECTED, request.user, **reason_and_note
            ),
            done,
        )
        return None

    @admin.action(description=_("Undo: back to pending"), permissions=["review"])
    def undo(self, request: HttpRequest, queryset: QuerySet) -> None:
        done = ngettext_lazy("%(n)d result is pending.", "%(n)d results are pending.", "n")
        apply_to_each(
            request,
            queryset,
            lambda r: _decide_or_explain(r, Result.Review.PENDING, request.user),
            done,
        )

    @admin.action(description=_("Publish"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet) -> None:
        done = ngettext_lazy("%(n)d result published.", "%(n)d results published.", "n")
        apply_to_each(request, queryset, lambda r: _publish_or_explain(r, request.user), done)

    @admin.action(description=_("Unpublish"), permissions=["publish"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet) -> None:
        def act(result: Result) -> str:
            return "" if result.unpublish(request.user) else _t("it was not published")

        done = ngettext_lazy("%(n)d result unpublished.", "%(n)d results unpublished.", "n")
        apply_to_each(request, queryset, act, done)

    def _reason_page(
        self, request: HttpRequest, queryset: QuerySet, form: RejectForm
    ) -> TemplateResponse:
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Reject results"),
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "rows": [(result, thumb(result)) for result in queryset],
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/review/reject.html", context)


def _publish_or_explain(result: Result, by: User | AnonymousUser) -> str:
    try:
        if result.publish(by):
            return ""
    except PublishRefused as refused:
        return str(refused)
    result.refresh_from_db(fields=["review", "published_at"])
    return _t("it was already published") if result.published_at else _t("it is not approved")


def _decide_or_explain(
    result: Result, verdict: str, by: User | AnonymousUser, **options: Any
) -> str:
    """Decide; return "" if that was done, else why not, as of now."""
    try:
        decide(result, verdict, by, **options)
        return ""
    except DecisionRefused as refused:
        if refused.code not in ("taken", "role"):
            return str(refused)
    if result.role != Result.Role.FINAL:
        return _t("only final images are reviewed")
    # The list may be minutes old, and another reviewer may have won.
    result.refresh_from_db(fields=["review"])
    return _t("its review was already “%(review)s”") % {"review": result.get_review_display()}
