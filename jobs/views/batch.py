"""One batch with its cells, and the numbers that keep its page live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs.batches import failures, history, progress
from jobs.batches.eta import eta
from jobs.batches.progress import concurrency_text
from jobs.batches.spend import CancelPreview, Spend
from jobs.models import Batch, Result, TryOnJob
from jobs.recipe import Recipe
from jobs.views.forms import CauseForm
from portal.badges import badge
from portal.paging import KeysetPage, parse_id
from providers.error_help import remedy

CELLS = 60


def with_account() -> QuerySet:
    return Batch.objects.team_owned().select_related("account", "created_by")


@login_required
@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(with_account(), pk=pk)
    now, sums = progress.progress_of(shown), shown.spend()
    causes = failures.causes(shown)
    page = KeysetPage(request, _cells(shown, request.GET).only("batch"), CELLS)
    page.rows = _pictured([job.pk for job in page.rows])
    context = {
        "batch": shown,
        "recipe": Recipe.load(shown.recipe),
        "progress": now,
        "eta": eta(shown, now, timezone.now()),
        "at_once": concurrency_text(shown) if now.left else "",
        "held": held_by(shown),
        "clock": progress.expiry_clock(shown, timezone.now()),
        "spend": Spend.of(shown, now, sums),
        "cancel_preview": CancelPreview.of(shown, now, sums) if now.left else None,
        "compared": compared(shown),
        "offered": _offered(shown),
        "causes": causes,
        "charged": failures.billed_for_failures(shown) if causes else 0,
        "retryable": [cause.count for cause in causes if cause.remedy.retry],
        "history": history.history_rows(shown),
        "priorities": Batch.Priority.choices,
        "to_review": Result.objects.pending_review().filter(job__batch=shown).order_by().count(),
        "page": page,
        "section": "batches",
    }
    return render(request, "jobs/batch.html", context)


def compared(shown: Batch) -> list[Batch]:
    """The other batches of its comparison."""
    if shown.comparison_id is None:
        return []
    others = Batch.objects.filter(comparison=shown.comparison_id).exclude(pk=shown.pk)
    return list(others.select_related("account").order_by("id"))


def held_by(shown: Batch) -> str:
    """What its waiting jobs wait for, as one word: an open page notices that it has changed."""
    reasons = {
        "paused": shown.paused_at is not None,
        "budget": shown.stopped_at is not None,
        "account": shown.account.state == "paused",
    }
    return " ".join(name for name, is_so in reasons.items() if is_so)


def _cells(shown: Batch, wanted: QueryDict) -> QuerySet:
    """The jobs that the page shows as cards; the address may narrow them."""
    jobs = shown.current_jobs()
    if wanted.get("state") in TryOnJob.State.values:
        jobs = jobs.filter(state=wanted["state"])
    return of_cause(jobs, wanted)


def _pictured(ids: Sequence[int]) -> list[TryOnJob]:
    """What cards show, for few jobs that are known by now: joined for all, it would be slow."""
    if not ids:
        return []
    finals = Prefetch("results", Result.objects.final().order_by("id"), to_attr="finals")
    jobs = TryOnJob.objects.filter(pk__in=ids).select_related("person", "top", "bottom", "dress")
    return list(jobs.prefetch_related(finals).order_by("-id"))


def _offered(shown: Batch) -> list[TryOnJob]:
    """What it need not make again: the first page of it."""
    pairs = Batch.reused_jobs.through.objects.filter(batch=shown).order_by("tryonjob_id")
    return _pictured(list(pairs.values_list("tryonjob_id", flat=True)[:CELLS]))


def of_cause(jobs: QuerySet, wanted: QueryDict) -> QuerySet:
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
    shown = get_object_or_404(with_account(), pk=pk)
    now = progress.progress_of(shown)
    ids = [n for n in map(parse_id, request.GET.get("jobs", "").split(",")[:CELLS]) if n]
    whole = now.badge
    answer = {
        "segments": {
            s.state: {"count": s.count, "count_text": s.count_text, "x": s.x, "width": s.width}
            for s in now.segments()
        },
        "text": now.text,
        "eta": eta(shown, now, timezone.now()),
        "at_once": concurrency_text(shown),
        "held": held_by(shown),
        "spend": Spend.of(shown, now, shown.spend()).texts,
        "badge": {"css": whole.css, "icon": whole.icon, "word": whole.word},
        "live": bool(now.left),
        "cells": [_cell(job) for job in _pictured(ids) if job.batch_id == shown.pk],
    }
    return JsonResponse(answer)


def _cell(job: Any) -> dict[str, Any]:
    look = badge(job.state)
    return {
        "id": job.pk,
        "state": job.state,
        "badge": {"css": look.css, "icon": look.icon, "word": look.word},
        "thumb": job.finals[0].thumb.url if job.finals else "",
        "note": str(remedy(job.error_kind).title) if job.state == job.State.FAILED else "",
    }
