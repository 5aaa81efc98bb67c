"""How good, how fast and how expensive each provider's model is, and what was rejected."""

from __future__ import annotations

import csv
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.models import Collection
from jobs.models import Batch
from portal.authenticated_request import AuthenticatedRequest
from portal.number_format import plain
from reports import charts
from reports.approval_statistics.report import Report, report
from reports.approval_statistics.row import StatisticsRow
from reports.views.approval_statistics_form import DAYS, StatisticsForm
from review.models import Decision

# A menu longer than this helps nobody; the newest come first.
MENU_SIZE = 50


class TableRow(NamedTuple):
    """One line of the table. `plot` is its interval; nothing where nothing was reviewed."""

    row: StatisticsRow
    whole: bool
    plot: str


class Reason(NamedTuple):
    value: str
    word: str
    css: str
    n: int
    share: float


@login_required
@permission_required("jobs.view_result", raise_exception=True)
@require_safe
def statistics(request: AuthenticatedRequest) -> HttpResponse:
    form = StatisticsForm(request.GET or None)
    found = _report(form)
    reasons = reason_shares(found)
    context: dict[str, Any] = {
        "section": "statistics",
        "form": form,
        "report": found,
        "rows": table_rows(found),
        "reasons": reasons,
        "weeks": [(week, [n[r.value] for r in reasons]) for week, n in found.weeks.items()],
        "weeks_plot": charts.weeks(found.weeks, [reason.value for reason in reasons]),
        "sees_money": request.user.has_perm("jobs.view_ledgerentry"),
        "spans": DAYS,
        "batches": _menu(Batch.objects.team_owned(), form.scope.batches),
        "collections": _menu(Collection.objects.all(), (form.scope.collection,)),
    }
    return render(request, "reports/approval_statistics.html", context)


def _report(form: StatisticsForm) -> Report:
    now = timezone.now()
    return report(form.period(now), now, form.scope)


def _menu(queryset: Any, chosen: tuple[int, ...]) -> list[Any]:
    """The newest, and what is chosen."""
    rows = queryset.order_by("-pk").only("name")
    newest = list(rows[:MENU_SIZE])
    missing = {*chosen} - {row.pk for row in newest} - {0}
    return [*newest, *rows.filter(pk__in=missing)] if missing else newest


def table_rows(found: Report) -> list[TableRow]:
    """Each model, and below it its kinds of outfits where there is more than one."""
    rows = []
    for whole, parts in found.models:
        rows.append(_row(whole, True))
        rows += [_row(part, False) for part in parts]
    return rows


def _row(row: StatisticsRow, whole: bool) -> TableRow:
    return TableRow(row, whole, charts.interval(row) if row.reviewed else "")


def reason_shares(found: Report) -> list[Reason]:
    labels = dict(Decision.Reason.choices) | {"": _("No reason given")}
    total = sum(n for _reason, n in found.reasons)
    return [
        Reason(value, str(labels.get(value, value)), charts.COLOURS.get(value, ""), n, n / total)
        for value, n in found.reasons
    ]


@login_required
@permission_required("jobs.view_result", raise_exception=True)
@require_safe
def statistics_csv(request: AuthenticatedRequest) -> HttpResponse:
    """The table of rates, or with `?table=reasons` that of rejections, for a spreadsheet."""
    form = StatisticsForm(request.GET or None)
    found = _report(form)
    wanted = "reasons" if request.GET.get("table") == "reasons" else "rates"
    name = f"{wanted}-{found.period.first}-{found.period.last}.csv"
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.write("\ufeff")  # without it, a spreadsheet takes Chinese for something else
    sees_money = request.user.has_perm("jobs.view_ledgerentry")
    rows = _weeks_table(found) if wanted == "reasons" else _rates_table(found, sees_money)
    csv.writer(answer).writerows(rows)
    return answer


def _weeks_table(found: Report) -> list[list[Any]]:
    head = ["week_from", "reason", "rejected"]
    rows = [[w, r or "none", n] for w, reasons in found.weeks.items() for r, n in reasons.items()]
    return [head, *rows]


def _rates_table(found: Report, sees_money: bool) -> list[list[Any]]:
    head = ["provider", "model", "outfit", "reviewed", "approved", "rejected"]
    head += ["approval_rate", "rate_low_95", "rate_high_95", "tryons_made", "median_seconds"]
    head += ["billed_cny", "billed_cny_per_approved"] if sees_money else []
    return [head, *(_rates(row, sees_money) for row in found.rows)]


def _rates(row: StatisticsRow, sees_money: bool) -> list[Any]:
    rates = [row.share, *row.interval] if row.reviewed else [None] * 3
    cells: list[Any] = [row.provider, row.model, row.kind]
    cells += [row.reviewed, row.approved, row.rejected]
    cells += [None if rate is None else f"{rate:.4f}" for rate in rates]
    cells += [row.made, row.median_s]
    each = row.per_approved
    money = [plain(row.billed), None if each is None else f"{each:.4f}"]
    return cells + money if sees_money else cells
