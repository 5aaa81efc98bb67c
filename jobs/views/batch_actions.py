"""What can be done to a batch: pause, resume, put first, give a budget, cancel, retry."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.batches import failures, progress
from jobs.batches.spend import CancelPreview
from jobs.launch import create
from jobs.models import Batch
from jobs.views.batch import of_cause, with_account
from jobs.views.forms import BudgetForm, PriorityForm
from jobs.wakeups import wake_dispatcher
from portal.number_format import count
from portal.posts import action, back
from providers.error_help import retryable_kinds


@action("batch", "jobs.add_batch")
def batch_pause(request: HttpRequest, pk: int) -> HttpResponse:
    paused = get_object_or_404(Batch.objects.team_owned(), pk=pk)
    if paused.pause(by=request.user):
        messages.success(request, _("Paused. Jobs already sent will finish; no new ones start."))
    else:
        messages.info(request, _("It is paused already."))
    return back(request, paused)


@action("batch", "jobs.add_batch")
def batch_resume(request: HttpRequest, pk: int) -> HttpResponse:
    resumed = get_object_or_404(Batch.objects.team_owned(), pk=pk)
    with transaction.atomic():
        done = resumed.resume(by=request.user)
        wake_dispatcher()
    if done:
        messages.success(request, _("Resumed."))
    else:
        messages.info(request, _("It is not paused."))
    return back(request, resumed)


@action("batch", "jobs.add_batch")
def batch_priority(request: HttpRequest, pk: int) -> HttpResponse:
    changed = get_object_or_404(Batch.objects.team_owned(), pk=pk)
    form = PriorityForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose before others, in turn, or after others."))
    elif changed.set_priority(Batch.Priority(form.cleaned_data["priority"]), by=request.user):
        messages.success(request, _("Priority changed."))
    else:
        messages.info(request, _("Nothing was changed."))
    return back(request, changed)


@action("batch", "jobs.add_batch")
def batch_budget(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what the batch may spend; one that had stopped goes on if that is enough."""
    changed = get_object_or_404(Batch.objects.team_owned(), pk=pk)
    form = BudgetForm(request.POST)
    if form.is_valid():
        with transaction.atomic():
            changed.set_budget(form.cleaned_data["budget"], by=request.user)
            wake_dispatcher()
        messages.success(request, _("The budget is changed."))
    else:
        messages.error(request, _("A budget is an amount in CNY, such as 12.50."))
    return back(request, changed)


@action("batch", "jobs.change_tryonjob")
def batch_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    stopped = get_object_or_404(with_account(), pk=pk)
    done, _left = stopped.cancel(request.user)
    wake_dispatcher()
    text = ngettext("%(n)s job canceled.", "%(n)s jobs canceled.", done)
    messages.success(request, text % {"n": count(done)})
    for sentence in CancelPreview.of(
        stopped, progress.progress_of(stopped), stopped.spend()
    ).remaining():
        messages.info(request, sentence)
    return back(request, stopped)


@action("batch", "jobs.change_tryonjob")
def batch_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Repeat failed jobs, of one cause or of every cause that a retry can help."""
    tried = get_object_or_404(Batch.objects.team_owned(), pk=pk)
    failed = (
        failures.failed_jobs(tried)
        .filter(error_kind__in=retryable_kinds())
        .with_pictures()
        .order_by("id")
    )
    n, refusals = _repeat(of_cause(failed, request.POST), request.user)
    text = ngettext("%(n)s job queued again.", "%(n)s jobs queued again.", n)
    messages.add_message(request, messages.SUCCESS if n else messages.INFO, text % {"n": n})
    if refusals:
        messages.error(request, " ".join(refusals))
    return back(request, tried)


def _repeat(jobs: QuerySet, by: Any) -> tuple[int, list[str]]:
    """How many were queued again, and why others were not; each reason once."""
    n, refusals = 0, dict[str, None]()
    for job in jobs:
        try:
            n += create.repeat(job, by) is not None
        except create.LaunchRefused as refused:
            refusals |= dict.fromkeys(refused.reasons)
    return n, list(refusals)
