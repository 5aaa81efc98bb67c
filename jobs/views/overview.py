"""The first page: what needs a person, and how everything is going."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.models import Garment, Person

from ..models import Batch
from ..overview import plots
from ..overview.accounts import shown
from ..overview.approval import DAYS, NEWEST, approvals
from ..overview.attention import attention
from ..overview.failures import failures
from ..overview.forgotten import forgotten
from ..overview.queue import queue
from ..overview.spend import spend
from ..overview.throughput import throughput


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    now, may = timezone.now(), request.user.has_perm
    begun = Batch.objects.of_the_house().exists()
    context: dict[str, Any] = {"now": now, "section": "overview", "begun": begun}
    accounts = shown(now)
    if may("jobs.view_provideraccount"):
        context["accounts"] = accounts
    context |= _figures(request.user, now, accounts) if begun else _first_steps()
    return render(request, "jobs/overview.html", context)


def _first_steps() -> dict[str, Any]:
    return {
        "has_persons": Person.objects.of_the_house().exists(),
        "has_garments": Garment.objects.exists(),
    }


def _figures(user: Any, now: Any, accounts: Any) -> dict[str, Any]:
    """Each panel that this user may see."""
    sees_accounts = user.has_perm("jobs.view_provideraccount")
    panels: dict[str, Any] = {}
    if user.has_perm("jobs.view_tryonjob"):
        panels |= {"queue": queue(accounts), "forgotten": forgotten(now)} | _ended(now)
    if user.has_perm("jobs.view_ledgerentry"):
        month = spend(now, accounts)
        panels |= {"spend": month, "spend_plot": plots.month(month)}
    if user.has_perm("jobs.view_result"):
        rates = [(each, plots.interval(each)) for each in approvals(now)]
        panels |= {"approvals": rates, "approval_days": DAYS, "approval_most": NEWEST}
    panels["empty"] = not panels and not sees_accounts
    seen = accounts if sees_accounts else []
    return panels | {"matters": attention(user, now, seen, panels.get("forgotten"))}


def _ended(now: Any) -> dict[str, Any]:
    """Throughput, and the failures among it."""
    ended, failed = throughput(now), failures(now)
    most = max((kind.count for kind in failed.kinds), default=0)
    bars = [
        (kind, plots.bar(kind.count, most, "fill-warn" if kind.passing else "fill-bad"))
        for kind in failed.kinds
    ]
    drawn = {"hours_plot": plots.columns(ended.hours), "days_plot": plots.columns(ended.days)}
    return {"throughput": ended, "failures": failed, "failure_bars": bars} | drawn
