"""One job: its images or its error, its steps, and the decisions about it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from galleries.models import Gallery
from jobs import result_warnings
from jobs.batches import failures, spend
from jobs.launch import create
from jobs.models import Result, TryOnJob
from jobs.recipe import Recipe
from jobs.views.lineage import cost, finals, stages, with_lineage
from jobs.wakeups import wake_dispatcher
from portal.authenticated_request import AuthenticatedRequest
from portal.posts import action, back
from review import attempts
from review.decide import confirmation_text
from review.decide import decide as decide_result
from review.models import Decision, DecisionRefused
from review.views.forms import DecisionForm


@login_required
@require_safe
def result(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    result = get_object_or_404(Result.objects.team_owned(), pk=pk)
    return _job_page(request, with_lineage().get(pk=result.job_id), result)


@login_required
@require_safe
def job(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return _job_page(request, get_object_or_404(with_lineage().team_owned(), pk=pk), None)


def _job_page(request: AuthenticatedRequest, job: TryOnJob, result: Result | None) -> HttpResponse:
    job_stages = stages(job)
    images = finals(job_stages)
    result = result or (images[0] if images else None)
    decisions = Decision.objects.filter(result=result).select_related("by") if result else []
    context = {
        "job": job,
        "recipe": Recipe.load(job.recipe),
        "result": result,
        "images": images,
        "stages": job_stages,
        "cost": cost(job_stages),
        "warnings": [result_warnings.sentence(code) for code in result.warnings] if result else [],
        "decisions": decisions,
        "attempts": attempts.all_attempts(job),
        "reasons": Decision.Reason.choices,
        "remedy": failures.remedy_of_job(job),
        "targets": Gallery.objects.addable_by(request.user) if _may_be_in_galleries(result) else [],
        "repetition": getattr(job, "repeated_by", None),
    }
    return render(request, "review/result.html", context)


def _may_be_in_galleries(result: Result | None) -> bool:
    return result is not None and result.review == Result.Review.APPROVED


@action("result", "jobs.change_result")
def decide(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    result = get_object_or_404(Result.objects.final(), pk=pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("This decision is not known."))
    fields = form.cleaned_data
    try:
        decision = decide_result(result, fields.pop("verdict"), request.user, **fields)
    except DecisionRefused as refused:
        if refused.code == "rival":
            # Of two attempts at one cell the better is kept: that is a choice of its own.
            return redirect("choose", result.pk)
        messages.warning(request, str(refused))
        return back(request, result)
    messages.success(request, confirmation_text(decision))
    return back(request, result)


@action("job", "jobs.change_tryonjob")
def repeat(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    old = get_object_or_404(TryOnJob.objects.team_owned().with_pictures(), pk=pk)
    try:
        new = create.repeat(old, request.user)
    except create.LaunchRefused as refused:
        messages.error(request, " ".join(refused.reasons))
        return back(request, old)
    if new is None:
        messages.warning(request, _("It has not ended yet, so it cannot be tried again."))
        return back(request, old)
    messages.success(request, _("Queued again."))
    return back(request, new)


@action("job", "jobs.change_tryonjob")
def cancel(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    stopped = get_object_or_404(TryOnJob.objects.team_owned().select_related("account"), pk=pk)
    if stopped.ask_to_cancel(by=request.user):
        messages.success(request, _("Canceled. It cost nothing."))
    elif stopped.state in TryOnJob.UNFINISHED and spend.provider_can_cancel(stopped.account):
        wake_dispatcher()
        text = _("The provider has it: it is asked to stop it if it has not begun.")
        messages.warning(request, text)
    else:
        messages.warning(request, _("Too late: the provider already has it, and it will finish."))
    return back(request, stopped)


@action("job", "jobs.change_tryonjob")
def settle(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    unanswered = get_object_or_404(TryOnJob.objects.team_owned(), pk=pk)
    billed = request.POST.get("billed") != "no"
    if unanswered.settle(by=request.user, billed=billed):
        messages.success(request, _("Given up. It can be tried again now."))
    else:
        messages.warning(request, _("It needs no decision any more."))
    return back(request, unanswered)
