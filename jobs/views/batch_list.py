"""All batches, newest first: what they are at, how far, and what they cost."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jobs.batches.progress import Progress
from jobs.models import Batch, TryOnJob
from jobs.views.forms import BatchFilter
from portal.paging import KeysetPage

BATCHES = 30


class Chip(NamedTuple):
    state: str
    icon: str
    label: str


@login_required
@require_safe
def batch_list(request: HttpRequest) -> HttpResponse:
    form = BatchFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {"state": "", "q": ""}
    batches = Batch.objects.team_owned().at(wanted["state"]).named(wanted["q"])
    page = KeysetPage(request, batches.select_related("account", "created_by"), BATCHES)
    counts = TryOnJob.objects.counts_of([row.pk for row in page.rows])
    context = {
        "page": page,
        "rows": [(row, Progress(counts[row.pk], row.paused_at is not None)) for row in page.rows],
        "wanted": wanted,
        "chips": chips(),
        "section": "batches",
    }
    return render(request, "jobs/batch_list.html", context)


def chips() -> list[Chip]:
    return [
        Chip("running", "running", _("Running")),
        Chip("paused", "pause", _("Paused")),
        Chip("attention", "attention", _("Needs attention")),
        Chip("finished", "check", _("Finished")),
    ]
