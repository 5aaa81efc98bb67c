"""The audit of decisions: who, what, when and why, newest first."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.paging import KeysetPage
from review.decision_log import AuditForm, csv_lines

PAGE_SIZE = 60

may_audit = permission_required("review.view_decision", raise_exception=True)

RELATED = ("person", "top", "bottom", "dress")


@login_required
@may_audit
@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    form = AuditForm(request.GET)
    few = bool({"by", "batch"} & form.wanted.keys())
    # Fetched apart: joined as well, they are more tables than PostgreSQL plans in one go, and it
    # would join every decision there is before it looks for the page's own.
    pictured = form.rows().prefetch_related(*(f"result__job__{name}" for name in RELATED))
    page = KeysetPage(request, pictured, PAGE_SIZE, sort_all=few)
    context = {"page": page, "form": form, "filtered": bool(form.wanted), "section": "decisions"}
    return render(request, "review/decisions.html", context)


@login_required
@may_audit
@require_safe
def decisions_export(request: HttpRequest) -> StreamingHttpResponse:
    """What the page's filters leave, as CSV."""
    rows = csv_lines(AuditForm(request.GET).rows())
    answer = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    name = f"decisions-{timezone.localdate():%Y-%m-%d}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
