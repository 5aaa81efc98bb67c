"""What the signed-in person was told; the bell's number; marking it as read."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from notifications.models import Notification
from portal.paging import KeysetPage

PAGE = 50
# The bell shows "99+" beyond it.
MOST = 99


@never_cache
@login_required
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    mine = Notification.objects.filter(user=request.user.pk).select_related("batch")
    page = KeysetPage(request, mine, PAGE)
    context = {
        "page": page,
        "any_unread": any(told.read_at is None for told in page.rows),
        "section": "notifications",
    }
    return render(request, "notifications/notifications.html", context)


@never_cache
def unread(request: HttpRequest) -> HttpResponse:
    """How many are unread, up to MOST + 1; none of somebody whose session has ended."""
    if not request.user.is_authenticated:
        return JsonResponse({"n": 0})
    mine = Notification.objects.filter(user=request.user.pk).unread().order_by()
    n = len(mine.values_list("pk", flat=True)[: MOST + 1])
    return JsonResponse({"n": n, "text": f"{MOST}+" if n > MOST else str(n)})


@login_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark all as read, as of now."""
    Notification.objects.filter(user=request.user.pk).read(timezone.now())
    return redirect("notifications")


@login_required
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and go to what it is about; by a link nothing is marked."""
    told = get_object_or_404(Notification, pk=pk, user=request.user.pk)
    if request.method == "POST":
        Notification.objects.filter(pk=pk).read(timezone.now())
    return redirect("batch", told.batch_id)
