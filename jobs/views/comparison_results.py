"""What came of a comparison, once it is decided: whose images were best, at which price."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..blind import Blind
from ..models import Comparison, Preference
from ..overview import plots
from ..preferred import preferences
from ..statistics.report import Period, report
from ..statistics.scope import Scope
from .statistics import shown


def is_open(comparison: Comparison, blind: Blind, user: Any) -> bool:
    """Whether it may be told whose images these are.

    To whoever answers for the money at any time; to others when somebody has chosen in every
    cell, and they themselves have no choice before them that knowing would colour.
    """
    if user.has_perm("jobs.view_ledgerentry"):
        return True
    if not blind.cells or blind.waiting:
        return False
    if user.has_perm("jobs.change_result"):
        return not blind.left
    said = Preference.objects.filter(comparison=comparison).values_list("cell", flat=True)
    return blind.cells.keys() <= set(said)


@login_required
@permission_required("jobs.view_comparison", raise_exception=True)
@require_safe
def results(request: HttpRequest, pk: int) -> HttpResponse:
    compared = get_object_or_404(Comparison, pk=pk)
    blind = Blind(compared, request.user)
    if not is_open(compared, blind, request.user):
        text = _("Choose in every cell first: then it is told whose images these are.")
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
        "shares": [(each, plots.interval(each)) for each in found.providers],
        "rows": shown(rates) if rates else [],
        "sees_money": request.user.has_perm("jobs.view_ledgerentry"),
        "section": "statistics",
    }
    return render(request, "jobs/comparison_results.html", context)
