"""The first page: what needs attention, and how everything is going."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.models import Garment, Person
from jobs.models import Batch
from portal.authenticated_request import AuthenticatedRequest
from reports import charts
from reports.overview.accounts import AccountStatus, account_statuses
from reports.overview.approval import DAYS, NEWEST, approvals
from reports.overview.attention import attention_items
from reports.overview.expiring_images import expiring_images
from reports.overview.failures import failures
from reports.overview.job_queue import job_queue
from reports.overview.spend import spend
from reports.overview.throughput import throughput


@login_required
@require_safe
def overview(request: AuthenticatedRequest) -> HttpResponse:
    now, may = timezone.now(), request.user.has_perm
    begun = Batch.objects.team_owned().exists()
    context: dict[str, Any] = {"now": now, "section": "overview", "begun": begun}
    accounts = account_statuses(now)
    if may("jobs.view_provideraccount"):
        context["accounts"] = accounts
    context |= _figures(request.user, now, accounts) if begun else _first_steps()
    return render(request, "reports/overview.html", context)


def _first_steps() -> dict[str, Any]:
    return {
        "has_persons": Person.objects.team_owned().exists(),
        "has_garments": Garment.objects.exists(),
    }


def _figures(user: User, now: datetime, accounts: Sequence[AccountStatus]) -> dict[str, Any]:
    """Each panel that this user may see."""
    sees_accounts = user.has_perm("jobs.view_provideraccount")
    panels: dict[str, Any] = {}
    if user.has_perm("jobs.view_tryonjob"):
        panels |= {"queue": job_queue(accounts), "forgotten": expiring_images(now)} | _ended(now)
    if user.has_perm("jobs.view_ledgerentry"):
        month = spend(now, accounts)
        panels |= {"spend": month, "spend_plot": charts.month(month)}
    if user.has_perm("jobs.view_result"):
        rates = [(each, charts.interval(each)) for each in approvals(now)]
        panels |= {"approvals": rates, "approval_days": DAYS, "approval_most": NEWEST}
    panels["empty"] = not panels and not sees_accounts
    visible_accounts = accounts if sees_accounts else []
    return panels | {
        "matters": attention_items(user, now, visible_accounts, panels.get("forgotten"))
    }


def _ended(now: datetime) -> dict[str, Any]:
    """Throughput, and the failures among it."""
    ended, failed = throughput(now), failures(now)
    highest = max((kind.count for kind in failed.kinds), default=0)
    bars = [
        (kind, charts.bar(kind.count, highest, "fill-warn" if kind.passing else "fill-bad"))
        for kind in failed.kinds
    ]
    drawn = {"hours_plot": charts.columns(ended.hours), "days_plot": charts.columns(ended.days)}
    return {"throughput": ended, "failures": failed, "failure_bars": bars} | drawn
