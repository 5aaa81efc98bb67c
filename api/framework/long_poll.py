"""Long polls: an answer that is held back until there is news, for a while and for a few only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.utils.translation import gettext as _
from rest_framework.request import Request

from api.framework.problems import Problem

MOST_S = 25
EVERY_S = 0.5
# Each holds a thread of the web server, which has eight: half of them go on serving others.
_slots = threading.BoundedSemaphore(4)


def seconds(request: Request) -> int:
    """What `?wait=` asks for. Raises Problem."""
    text = request.query_params.get("wait", "0")
    if not (text.isascii() and text.isdecimal() and len(text) < 3 and int(text) <= MOST_S):
        words = _("Wait for 0 to %d seconds.") % MOST_S
        raise Problem("invalid", errors=[Problem.error("?wait", words)])
    return int(text)


def until(news: Callable[[], bool], most_s: int) -> None:
    """Return once there is news, after `most_s`, or at once where too many wait already."""
    if not most_s or not _slots.acquire(blocking=False):
        return
    try:
        deadline = time.monotonic() + most_s
        while not news() and time.monotonic() < deadline:
            time.sleep(EVERY_S)
    finally:
        _slots.release()
