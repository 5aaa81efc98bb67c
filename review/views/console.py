"""The review console: a page that works as forms, and what its scripts ask for behind it."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.models import Result
from portal.paging import number
from review.console import items, responses
from review.console.review_queue import Queue
from review.leases import LEASE, release, renew
from review.models import Decision

# The console has so many at hand: what is being looked at, and the next ones.
AHEAD = 10
MOST_HELD = 200

may_decide = permission_required("jobs.change_result", raise_exception=True)


@login_required
@may_decide
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    queue, now = Queue(request.user, request.GET), timezone.now()
    if request.method == "POST":
        return _posted(request, queue)
    ids = queue.lease(AHEAD, now, number(request.GET.get("after")))
    shown = items.items(ids, request.user)
    decided = queue.decided()
    context = {
        "queue": queue,
        "items": shown,
        "item": shown[0] if shown else None,
        "decided": decided,
        "total": decided + queue.left(now),
        "reasons": Decision.Reason.choices,
        "key": uuid.uuid4(),
        "console": {"items": shown, "until": _until(now), "user": request.user.pk},
    }
    return render(request, "review/console.html", context)


def _posted(request: HttpRequest, queue: Queue) -> HttpResponse:
    """One decision from the form, or none: then the next image is shown."""
    sent = request.POST.dict()
    if sent.get("verdict") != "skip":
        said = responses.answer(sent, request.user)
        done = said["status"] == 200
        (messages.success if done else messages.warning)(request, said["words"])
    after = f"after={number(sent.get('result'))}"
    return redirect(f"{reverse('review')}?{'&'.join(filter(None, [queue.query, after]))}")


@login_required
@may_decide
@never_cache
@require_safe
def review_next(request: HttpRequest) -> HttpResponse:
    """The next to load, `after` an id, lent to whoever asks; from the first one after the last."""
    now, after = timezone.now(), number(request.GET.get("after"))
    ids = Queue(request.user, request.GET).lease(AHEAD, now, after)
    return JsonResponse({"items": items.items(ids, request.user), "until": _until(now)})


@login_required
@may_decide
@require_POST
def review_decide(request: HttpRequest) -> HttpResponse:
    """Decisions with their keys; the status of a single one is that of the answer as well."""
    try:
        sent = json.loads(request.body)["decisions"]
    except (ValueError, KeyError, TypeError):
        sent = None
    if not isinstance(sent, list) or not 0 < len(sent) <= responses.MOST:
        text = _("Send a list of 1 to %(n)s decisions.") % {"n": responses.MOST}
        return JsonResponse({"words": text}, status=400)
    said = responses.answers(sent, request.user)
    status = said[0]["status"] if len(said) == 1 else 200
    return JsonResponse({"answers": said}, status=status)


@login_required
@may_decide
@require_POST
def review_beat(request: HttpRequest) -> HttpResponse:
    """Keep what an open console has loaded; says which of it this reviewer still has."""
    now = timezone.now()
    if (ids := _ids(request)) is None:
        return HttpResponseBadRequest(_("These are no results."))
    held = renew(Result.objects.pending_review(), request.user, ids, now)
    return JsonResponse({"held": held, "until": _until(now)})


@login_required
@may_decide
@require_POST
def review_release(request: HttpRequest) -> HttpResponse:
    """Give back what a console that is being left had; sent by a beacon."""
    ids, until = _ids(request), number(request.POST.get("until"))
    if ids is None or until > 10**14:
        return HttpResponseBadRequest(_("These are no results."))
    at = datetime.fromtimestamp((until + 1) / 1000, tz=timezone.get_current_timezone())
    release(request.user, ids, at)
    return HttpResponse(status=204)


def _ids(request: HttpRequest) -> list[int] | None:
    parts = [part for part in request.POST.get("ids", "").split(",") if part]
    ids = [number(part) for part in parts]
    return ids if all(ids) and len(ids) <= MOST_HELD else None


def _until(now: Any) -> int:
    """When what was lent at `now` is void, in milliseconds."""
    return int((now + LEASE).timestamp() * 1000)
