"""What providers may push to us. It only makes us poll sooner: what a poll answers counts."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt

from jobs.models import Step
from jobs.wakeups import wake_dispatcher
from providers.dashscope.event_push import MalformedEvent, finished_task_id

# An event of EventBridge is about one kilobyte.
MAX_BYTES = 64 * 1024


@login_not_required
@csrf_exempt
def dashscope(request: HttpRequest, secret: str) -> HttpResponse:
    """A CloudEvent of EventBridge: a task has ended. Safe to receive twice, late, or never."""
    ours = settings.DASHSCOPE_PUSH_SECRET
    if not ours or not constant_time_compare(secret, ours):
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MAX_BYTES:
        return _plain_text("The event is too large.", 413)
    try:
        remote_id = finished_task_id(request.body)
    except MalformedEvent as error:
        return _plain_text(str(error), 400)
    if remote_id and Step.objects.filter(remote_id=remote_id).poll_now(timezone.now()):
        wake_dispatcher()
    return HttpResponse(status=202)


def _plain_text(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
