"""What providers may tell us unasked. It only makes us ask sooner: polling stays the truth."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt

from .. import pipeline
from ..models import Step

# An event of EventBridge is about one kilobyte.
MAX_BYTES = 64 * 1024
FINISHED = "dashscope:System:AsyncTaskFinish"


class Malformed(ValueError):
    """Not the event that is expected here; the text says why, to whoever sets it up."""


@csrf_exempt
def dashscope(request: HttpRequest, secret: str) -> HttpResponse:
    """A CloudEvent of EventBridge: a task has ended. Safe to receive twice, late, or never.

    Source: Model Studio's page on asynchronous tasks, event notification (read 2026-11-20).
    """
    ours = settings.DASHSCOPE_PUSH_SECRET
    if not ours or not constant_time_compare(secret, ours):
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MAX_BYTES:
        return _said("The event is too large.", 413)
    try:
        task_id = _finished_task(request.body)
    except Malformed as error:
        return _said(str(error), 400)
    if task_id and Step.objects.filter(remote_id=task_id).hurry(timezone.now()):
        pipeline.ring_dispatch()
    return HttpResponse(status=202)


def _finished_task(body: bytes) -> str:
    """The task that an event tells of; "" for an event of another kind. Raises Malformed."""
    event = _object(_decoded(body), "The event")
    kind = event.get("type")
    if not isinstance(kind, str):
        raise Malformed("The event has no type: is it a CloudEvent?")
    if kind != FINISHED:
        return ""
    task_id = _object(event.get("data"), "data").get("task_id")
    if not isinstance(task_id, str) or not 0 < len(task_id) <= 100 or not task_id.isprintable():
        raise Malformed("data.task_id is not the id of a task.")
    return task_id


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("The body is not JSON.") from None


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(f"{name} is not a JSON object.")
    return value


def _said(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
