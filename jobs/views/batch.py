"""Batches: the list, one with its cells, its live numbers, cancelling and retrying."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .. import launch, pipeline, progress
from ..amounts import count
from ..marks import mark
from ..models import Batch, Result, TryOnJob
from ..progress import Progress
from ..recipe import Recipe
from ..remedies import remedy, retryable_kinds
from .forms import BudgetForm, CauseForm
from .paging import KeysetPage, number
from .posts import action, back

CELLS = 60
BATCHES = 30


@login_required
@require_safe
def batch_list(request: HttpRequest) -> HttpResponse:
    page = KeysetPage(request, Batch.objects.select_related("account", "created_by"), BATCHES)
    found = {row.pk: dict.fromkeys(TryOnJob.State.values, 0) for row in page.rows}
    jobs = TryOnJob.objects.current().filter(batch__in=page.rows).order_by()
    for pk, state, n in jobs.values_list("batch", "state").annotate(n=Count("id")):
        found[pk][state] = n
    rows = [(row, Progress(found[row.pk])) for row in page.rows]
    return render(
        request, "jobs/batch_list.html", {"page": page, "rows": rows, "section": "batches"}
    )


@login_required
@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Batch.objects.select_related("account", "created_by"), pk=pk)
    now, at = Progress(shown.counts()), timezone.now()
    causes = progress.causes(shown)
    context = {
        "batch": shown,
        "recipe": Recipe.load(shown.recipe),
        "progress": now,
        "eta": progress.eta(shown, now, at),
        "clock": progress.clock(shown, at),
        "spend": progress.spend(shown),
        "budget": progress.budget(shown),
        "offered": shown.offered.with_pictures().prefetch_related(_finals()).order_by("id")[:CELLS],
        "causes": causes,
        "retryable": [cause.count for cause in causes if cause.remedy.retry],
        "stoppable": progress.stoppable(shown),
        "page": KeysetPage(request, _cells(shown, request.GET), CELLS),
        "section": "batches",
    }
    return render(request, "jobs/batch.html", context)


def _cells(shown: Batch, wanted: Any) -> QuerySet:
    """The jobs that the page shows as cards; the address may narrow them."""
    jobs = shown.jobs.current().with_pictures().prefetch_related(_finals())
    if wanted.get("state") in TryOnJob.State.values:
        jobs = jobs.filter(state=wanted["state"])
    return _of_cause(jobs, wanted)


def _finals() -> Prefetch:
    return Prefetch("results", Result.objects.final().order_by("id"), to_attr="finals")


def _of_cause(jobs: QuerySet, wanted: Any) -> QuerySet:
    """Only the jobs that failed with the given code, where one is given."""
    if "code" not in wanted:
        return jobs
    form = CauseForm(wanted)
    if not form.is_valid():
        return jobs.none()
    return jobs.filter(state=TryOnJob.State.FAILED, error_code=form.cleaned_data["code"])


@login_required
@require_safe
@never_cache
def batch_progress(request: HttpRequest, pk: int) -> JsonResponse:
    """What has changed on the page; `?jobs=1,2` are the cells that it still waits for."""
    shown = get_object_or_404(Batch, pk=pk)
    now = Progress(shown.counts())
    ids = [number(n) for n in request.GET.get("jobs", "").split(",")[:CELLS]]
    whole = now.mark
    answer = {
        "segments": {
            s.state: {"count": s.count, "shown": str(count(s.count)), "x": s.x, "width": s.width}
            for s in now.segments()
        },
        "words": now.words,
        "eta": progress.eta(shown, now, timezone.now()),
        "spend": progress.spend(shown),
        "mark": {"css": whole.css, "icon": whole.icon, "word": whole.word},
        "live": bool(now.left),
        "cells": [_cell(job) for job in _cells(shown, {}).filter(pk__in=ids)],
    }
    return JsonResponse(answer)


def _cell(job: Any) -> dict[str, Any]:
    look = mark(job.state)
    return {
        "id": job.pk,
        "state": job.state,
        "mark": {"css": look.css, "icon": look.icon, "word": look.word},
        "thumb": job.finals[0].thumb.url if job.finals else "",
        "note": str(remedy(job.error_kind).title) if job.state == job.State.FAILED else "",
    }


@action("batch", "jobs.change_tryonjob")
def batch_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    stopped = get_object_or_404(Batch, pk=pk)
    done, left = stopped.cancel(request.user)
    messages.success(
        request, ngettext("%(n)s job canceled.", "%(n)s jobs canceled.", done) % {"n": count(done)}
    )
    if left:
        messages.info(
            request,
            ngettext(
                "%(n)s job is already at the provider and will finish.",
                "%(n)s jobs are already at the provider and will finish.",
                left,
            )
            % {"n": count(left)},
        )
    return back(request, stopped)


@action("batch", "jobs.add_batch")
def batch_budget(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what the batch may spend; one that had stopped goes on if that is enough."""
    changed = get_object_or_404(Batch, pk=pk)
    form = BudgetForm(request.POST)
    if form.is_valid():
        with transaction.atomic():
            changed.set_budget(form.cleaned_data["budget"])
            pipeline.ring_dispatch()
        messages.success(request, _("The budget is changed."))
    else:
        messages.error(request, _("A budget is an amount in CNY, such as 12.50."))
    return back(request, changed)


@action("batch", "jobs.change_tryonjob")
def batch_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Repeat failed jobs, of one cause or of every cause that a retry can help."""
    tried = get_object_or_404(Batch, pk=pk)
    failed = tried.jobs.current().filter(state=TryOnJob.State.FAILED)
    failed = failed.filter(error_kind__in=retryable_kinds()).with_pictures().order_by("id")
    n, refusals = _repeated(_of_cause(failed, request.POST), request.user)
    text = ngettext("%(n)s job queued again.", "%(n)s jobs queued again.", n)
    messages.add_message(request, messages.SUCCESS if n else messages.INFO, text % {"n": count(n)})
    if refusals:
        messages.error(request, " ".join(refusals))
    return back(request, tried)


def _repeated(jobs: QuerySet, by: Any) -> tuple[int, list[str]]:
    """How many were queued again, and why others were not; each reason once."""
    n, refusals = 0, dict[str, None]()
    for job in jobs:
        try:
            n += launch.repeat(job, by) is not None
        except launch.LaunchRefused as refused:
            refusals |= dict.fromkeys(refused.reasons)
    return n, list(refusals)
