"""The result of a comparison: which provider's images were best, at which price."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jobs.models import Comparison
from portal.authenticated_request import AuthenticatedRequest
from reports import charts
from reports.approval_statistics.report import Period, report
from reports.approval_statistics.scope import Scope
from reports.comparison_preferences import preferences
from reports.views.approval_statistics import table_rows
from review.comparison.blind import BlindComparison
from review.comparison.choices import may_see_providers


@login_required
@permission_required("jobs.view_comparison", raise_exception=True)
@require_safe
def results(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    compared = get_object_or_404(Comparison, pk=pk)
    blind = BlindComparison(compared, request.user)
    if not may_see_providers(compared, blind, request.user):
        text = _("Choose in every cell first. Then you can see which provider made which image.")
        messages.warning(request, text)
        return redirect("comparison", pk)
    found = preferences(compared)
    now = timezone.now()
    began = timezone.localdate(compared.created_at)
    period = Period(began, timezone.localdate(now))
    rates = report(period, now, Scope(batches=tuple(blind.batches))) if blind.batches else None
    context = {
        "comparison": compared,
        "blind": blind,
        "preferences": found,
        "shares": [(each, charts.interval(each)) for each in found.providers],
        "rows": table_rows(rates) if rates else [],
        "sees_money": request.user.has_perm("jobs.view_ledgerentry"),
        "section": "statistics",
    }
    return render(request, "reports/comparison_results.html", context)
