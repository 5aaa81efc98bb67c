"""The same cells by several providers, side by side, without the providers' names."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import User
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs.models import Comparison, Result
from portal.authenticated_request import AuthenticatedRequest
from portal.paging import KeysetPage
from portal.posts import action
from review.comparison import choices
from review.comparison.blind import BlindComparison, Cell
from review.comparison.choices import may_see_providers
from review.models import Decision, Preference
from review.views.comparison_form import ChoiceForm

PAGE_SIZE = 30


class Candidate(NamedTuple):
    """One image of a cell. `best`: this reviewer chose it."""

    letter: str
    number: int
    result: Result
    best: bool


@login_required
@permission_required("jobs.view_comparison", raise_exception=True)
@require_safe
def comparisons(request: AuthenticatedRequest) -> HttpResponse:
    rows = Comparison.objects.annotate(providers=Count("batches__account", distinct=True))
    page = KeysetPage(request, rows, PAGE_SIZE)
    own_choices = Preference.objects.filter(
        comparison__in=[row.pk for row in page.rows], by=request.user.pk
    )
    counts = dict(own_choices.order_by().values_list("comparison").annotate(n=Count("pk")))
    context = {
        "page": page,
        "rows": [(row, counts.get(row.pk, 0)) for row in page.rows],
        "section": "statistics",
    }
    return render(request, "review/comparisons.html", context)


@never_cache
@login_required
@permission_required("jobs.view_comparison", raise_exception=True)
@require_safe
def comparison(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """One cell: `?cell=KEY`, or the first that has no choice yet."""
    comparison = get_object_or_404(Comparison, pk=pk)
    blind = BlindComparison(comparison, request.user)
    key = request.GET.get("cell", "")
    if key not in blind.cells:
        key = blind.next_without_choice()
    context: dict[str, Any] = {
        "comparison": comparison,
        "blind": blind,
        "section": "statistics",
        "reasons": Decision.Reason.choices,
        "undoable": _last_chosen_cell(comparison, request.user),
        "open": may_see_providers(comparison, blind, request.user),
    }
    if key:
        context |= _cell_context(blind, blind.cells[key])
    return render(request, "review/comparison.html", context)


def _last_chosen_cell(comparison: Comparison, user: User) -> str:
    """The cell in which this user chose last; "" if none."""
    own_choices = Preference.objects.filter(comparison=comparison, by=user).order_by("-pk")
    return own_choices.values_list("cell", flat=True).first() or ""


def _cell_context(blind: BlindComparison, cell: Cell) -> dict[str, Any]:
    related = ("job__person", "job__top", "job__bottom", "job__dress")
    rows = Result.objects.select_related(*related).in_bulk(cell.shown_ids)
    own_choices = Preference.objects.filter(
        comparison=blind.comparison, by=blind.user, cell=cell.key
    )
    choice = own_choices.first()
    candidates = [
        Candidate(letter, number, rows[pk], bool(choice and choice.result_id == pk))
        for number, (letter, pk) in enumerate(cell.ids_by_letter.items(), 1)
        if pk in rows
    ]
    before, after = blind.neighbours(cell.key)
    return {
        "cell": cell,
        "choice": choice,
        "candidates": candidates,
        "job": candidates[0].result.job if candidates else None,
        "number": blind.keys.index(cell.key) + 1,
        "before": before,
        "after": after,
        "skip": blind.next_without_choice(cell.key),
    }


@action("comparison", "jobs.change_result")
def choose(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    comparison = get_object_or_404(Comparison, pk=pk)
    blind = BlindComparison(comparison, request.user)
    cell = blind.cells.get(request.POST.get("cell", ""))
    if cell is None:
        messages.error(request, _("This cell is not there any more."))
        return redirect("comparison", pk)
    form = ChoiceForm(request.POST, cell=cell)
    if not form.is_valid():
        for error in form.errors.values():
            messages.error(request, str(error[0]))
        return _redirect_to_cell(pk, cell.key)
    outcome = choices.choose(comparison, cell, request.user, form.result, form.verdicts)
    _add_messages(request, outcome)
    blind.chosen.add(cell.key)
    return _redirect_to_cell(pk, blind.next_without_choice(cell.key))


def _add_messages(request: AuthenticatedRequest, outcome: choices.ChoiceOutcome) -> None:
    if not outcome.is_new:
        messages.warning(request, _("You had chosen here before: undo that first."))
    if outcome.overtaken:
        text = ngettext(
            "The choice is kept. Somebody was faster with the verdict on %(n)d image.",
            "The choice is kept. Somebody was faster with the verdicts on %(n)d images.",
            outcome.overtaken,
        )
        messages.warning(request, text % {"n": outcome.overtaken})


@action("comparison", "jobs.change_result")
def undo(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    comparison = get_object_or_404(Comparison, pk=pk)
    key = request.POST.get("cell", "")
    if choices.undo(comparison, key[:80], request.user):
        messages.success(request, _("Undone: choose again."))
    else:
        messages.warning(request, _("There was nothing to undo."))
    return _redirect_to_cell(pk, key)


def _redirect_to_cell(pk: int, cell: str) -> HttpResponse:
    address = reverse("comparison", args=[pk])
    return redirect(f"{address}?{urlencode({'cell': cell})}" if cell else address)
