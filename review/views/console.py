"""The review console: a page that works as forms, and the addresses that its scripts call."""

from __future__ import annotations

import json
import uuid
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.models import Result
from portal.authenticated_request import AuthenticatedRequest
from portal.paging import parse_id
from review.console import items, responses
from review.console.review_queue import ReviewQueue
from review.leases import LEASE, release, renew
from review.models import Decision

# The console loads so many: the one being looked at, and the next ones.
PRELOADED = 10
MAX_LEASED = 200

may_decide = permission_required("jobs.change_result", raise_exception=True)


@login_required
@may_decide
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: AuthenticatedRequest) -> HttpResponse:
    queue, now = ReviewQueue(request.user, request.GET), timezone.now()
    if request.method == "POST":
        return _posted(request, queue)
    ids = queue.lease(PRELOADED, now, parse_id(request.GET.get("after")))
    shown = items.console_items(ids, request.user)
    decided = queue.decided_count()
    context = {
        "queue": queue,
        "items": shown,
        "item": shown[0] if shown else None,
        "decided": decided,
        "total": decided + queue.available_count(now),
        "reasons": Decision.Reason.choices,
        "key": uuid.uuid4(),
        "console": {"items": shown, "until": _lease_end_ms(now), "user": request.user.pk},
    }
    return render(request, "review/console.html", context)


def _posted(request: AuthenticatedRequest, queue: ReviewQueue) -> HttpResponse:
    """One decision from the form, or none: then the next image is shown."""
    sent = request.POST.dict()
    if sent.get("verdict") != "skip":
        response = responses.decide_one(sent, request.user)
        done = response["status"] == 200
        (messages.success if done else messages.warning)(request, response["text"])
    after = f"after={parse_id(sent.get('result'))}"
    return redirect(f"{reverse('review')}?{'&'.join(filter(None, [queue.query, after]))}")


@login_required
@may_decide
@never_cache
@require_safe
def review_next(request: AuthenticatedRequest) -> HttpResponse:
    """Lease and describe the next results `after` an id; after the last one from the first."""
    now, after = timezone.now(), parse_id(request.GET.get("after"))
    ids = ReviewQueue(request.user, request.GET).lease(PRELOADED, now, after)
    return JsonResponse(
        {"items": items.console_items(ids, request.user), "until": _lease_end_ms(now)}
    )


@login_required
@may_decide
@require_POST
def review_decide(request: AuthenticatedRequest) -> HttpResponse:
    """Take decisions with their keys; a single one's status is also that of the response."""
    try:
        sent = json.loads(request.body)["decisions"]
    except (ValueError, KeyError, TypeError):
        sent = None
    if not isinstance(sent, list) or not 0 < len(sent) <= responses.MAX_DECISIONS:
        text = _("Send a list of 1 to %(n)s decisions.") % {"n": responses.MAX_DECISIONS}
        return JsonResponse({"text": text}, status=400)
    decided = responses.decide_each(sent, request.user)
    status = decided[0]["status"] if len(decided) == 1 else 200
    return JsonResponse({"answers": decided}, status=status)


@login_required
@may_decide
@require_POST
def review_beat(request: AuthenticatedRequest) -> HttpResponse:
    """Renew the leases of an open console; respond with those that this reviewer still has."""
    now = timezone.now()
    if (ids := _ids(request)) is None:
        return HttpResponseBadRequest(_("These are no results."))
    renewed = renew(Result.objects.pending_review(), request.user, ids, now)
    return JsonResponse({"held": renewed, "until": _lease_end_ms(now)})


@login_required
@may_decide
@require_POST
def review_release(request: AuthenticatedRequest) -> HttpResponse:
    """End the leases of a console that is being left; sent by a beacon."""
    ids, until = _ids(request), parse_id(request.POST.get("until"))
    if ids is None or until > 10**14:
        return HttpResponseBadRequest(_("These are no results."))
    at = datetime.fromtimestamp((until + 1) / 1000, tz=timezone.get_current_timezone())
    release(request.user, ids, at)
    return HttpResponse(status=204)


def _ids(request: AuthenticatedRequest) -> list[int] | None:
    parts = [part for part in request.POST.get("ids", "").split(",") if part]
    ids = [parse_id(part) for part in parts]
    return ids if all(ids) and len(ids) <= MAX_LEASED else None


def _lease_end_ms(now: datetime) -> int:
    """When a lease taken at `now` ends, in milliseconds since 1970."""
    return int((now + LEASE).timestamp() * 1000)
