"""The signed-in user's notifications, how many are unread, marking them as read."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from notifications.models import Notification
from portal.paging import KeysetPage

PAGE_SIZE = 50
# The header shows "99+" beyond it.
MAX_SHOWN = 99


@never_cache
@login_required
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    own_notifications = Notification.objects.filter(user=request.user.pk).select_related("batch")
    page = KeysetPage(request, own_notifications, PAGE_SIZE)
    context = {
        "page": page,
        "any_unread": any(notification.read_at is None for notification in page.rows),
        "section": "notifications",
    }
    return render(request, "notifications/notifications.html", context)


@never_cache
def unread_count(request: HttpRequest) -> HttpResponse:
    """Count unread notifications up to MAX_SHOWN + 1; 0 for users whose session has ended."""
    if not request.user.is_authenticated:
        return JsonResponse({"n": 0})
    own_notifications = Notification.objects.filter(user=request.user.pk).unread().order_by()
    n = len(own_notifications.values_list("pk", flat=True)[: MAX_SHOWN + 1])
    return JsonResponse({"n": n, "text": f"{MAX_SHOWN}+" if n > MAX_SHOWN else str(n)})


@login_required
@require_POST
def mark_all_read(request: HttpRequest) -> HttpResponse:
    """Mark all as read, as of now."""
    Notification.objects.filter(user=request.user.pk).mark_read(timezone.now())
    return redirect("notifications")


@login_required
def open_notification(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to the batch of a notification; a POST marks it as read, a link does not."""
    notification = get_object_or_404(Notification, pk=pk, user=request.user.pk)
    if request.method == "POST":
        Notification.objects.filter(pk=pk).mark_read(timezone.now())
    return redirect("batch", notification.batch_id)
