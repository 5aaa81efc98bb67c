"""Another attempt: what may help, what it costs, launching it, and choosing the better one."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.launch.create import LaunchRefused
from jobs.launch.selection import parse_ids
from jobs.models import Result
from portal.authenticated_request import AuthenticatedRequest
from portal.form_tokens import is_valid, new_token, run_once
from portal.posts import back
from review import attempts, retry
from review.decide import approve

# So many pictures of what is tried again are shown.
MAX_PICTURES = 12
RELATED = ("job__person", "job__top", "job__bottom", "job__dress", "job__account")


@login_required
@permission_required("jobs.add_batch", raise_exception=True)
@require_safe
def again(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """What can be done otherwise about one rejected result."""
    get_object_or_404(Result.objects.final(), pk=pk)
    return offer_attempts(request, [pk])


def offer_attempts(request: AuthenticatedRequest, pks: Sequence[int]) -> HttpResponse:
    """Render the page for one or many results; it says how many are not rejected and left out."""
    results = retry.rejected_results(pks)
    if not results:
        text = _("Only what was rejected is tried again: reject it first, with its reason.")
        messages.warning(request, text)
        return redirect("result", pks[0]) if len(pks) == 1 else back(request, "sheet")
    decisions = retry.last_rejections(results)
    reasons = [decision.reason for decision in decisions.values()] or [""]
    helping = retry.helpful_kinds(reasons)
    # After what may help comes all the rest that can be changed.
    proposals = retry.proposals(results, [*reasons, ""], timezone.now())
    context = {
        "results": results,
        "pictures": results[:MAX_PICTURES],
        "more": max(0, len(results) - MAX_PICTURES),
        "left_out": len(pks) - len(results),
        "decision": decisions.get(results[0].pk) if len(results) == 1 else None,
        "reasons": _count_each([d.get_reason_display() for d in decisions.values() if d.reason]),
        "likely": [proposal for proposal in proposals if proposal.change.kind in helping],
        "others": [proposal for proposal in proposals if proposal.change.kind not in helping],
        "token": new_token(),
        "section": "sheet",
    }
    return render(request, "review/retry.html", context)


def _count_each(labels: Sequence[str]) -> list[tuple[str, int]]:
    return [(label, labels.count(label)) for label in dict.fromkeys(labels)]


@login_required
@permission_required("jobs.add_batch", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def again_launch(request: AuthenticatedRequest) -> HttpResponse:
    pks = parse_ids(request.POST.getlist("ids"))
    token = request.POST.get("token", "")
    if request.method != "POST" or not pks or not is_valid(token):
        return redirect("sheet")
    key = request.POST.get("change", "")
    try:
        return redirect(run_once(request, token, lambda: _launch(request, pks, key)))
    except LaunchRefused as refused:
        for reason in refused.reasons:
            messages.error(request, reason)
    except LookupError:
        text = _("This is not possible any more: look at what can be done now.")
        messages.warning(request, text)
    return offer_attempts(request, pks)


def _launch(request: AuthenticatedRequest, pks: Sequence[int], key: str) -> str:
    """Launch the change, add the messages, and return the address of what was launched."""
    outcome = retry.launch(retry.rejected_results(pks), key, request.user)
    n = sum(batch.jobs.count() for batch in outcome.batches)
    if n:
        text = ngettext("%(n)d try-on launched.", "%(n)d try-ons launched.", n) % {"n": n}
        messages.success(request, text)
    if outcome.existing_jobs:
        text = _("%d had been tried so before: see it there, it costs nothing.")
        messages.info(request, text % len(outcome.existing_jobs))
    if n == 1:
        return outcome.batches[0].jobs.get().get_absolute_url()
    return (outcome.batches or outcome.existing_jobs)[0].get_absolute_url()


# --- choosing between two attempts ---


@login_required
@permission_required("jobs.change_result", raise_exception=True)
@require_safe
def choose(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show two attempts at one cell, of which one is approved, to choose between."""
    result = get_object_or_404(Result.objects.final().select_related(*RELATED), pk=pk)
    rival = attempts.approved_rivals([result]).get(result.pk)
    if rival is None or result.review != Result.Review.PENDING:
        return redirect(result)
    rival = Result.objects.select_related(*RELATED).get(pk=rival.pk)
    costs = {job.pk: getattr(job, "cost") for job in attempts.all_attempts(result.job)}  # noqa: B009
    pair = [(rival, costs.get(rival.job_id)), (result, costs.get(result.job_id))]
    context = {"shown": result, "rival": rival, "pair": pair, "section": "sheet"}
    return render(request, "review/keep_attempt.html", context)


@login_required
@permission_required("jobs.change_result", raise_exception=True)
@require_POST
def keep(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    result = get_object_or_404(Result.objects.final().select_related("job"), pk=pk)
    choice = request.POST.get("keep", "")
    rival = attempts.approved_rivals([result]).get(result.pk)
    if rival is None:
        messages.warning(request, _("Somebody was faster: see what they decided below."))
    elif choice == "both":
        _add_message(request, approve(result, request.user), _("Both are kept."))
    elif choice in (str(result.pk), str(rival.pk)):
        better, other = (result, rival) if choice == str(result.pk) else (rival, result)
        _add_message(
            request,
            attempts.approve_instead(better, other, request.user),
            _("The better one is kept."),
        )
    else:
        messages.error(request, _("Choose which one to keep."))
        return redirect(reverse("choose", args=[pk]))
    return back(request, result)


def _add_message(request: AuthenticatedRequest, done: bool, text: str) -> None:
    if done:
        messages.success(request, text)
    else:
        messages.warning(request, _("Somebody was faster: see what they decided below."))
