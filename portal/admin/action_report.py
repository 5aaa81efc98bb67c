"""Messages after an admin action: how many rows it changed, and why others were not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def apply_to_each(
    request: HttpRequest, rows: Iterable[Any], act: Callable[[Any], str], done: Any
) -> None:
    """Do `act` to every row. It returns "" where it changed the row, else the reason why not.

    `done` is an ngettext_lazy of the number `n` of changed rows.
    """
    reasons = Counter(act(row) for row in rows)
    filtered_out = _selected_count(request) - reasons.total()
    if filtered_out > 0:
        # Django drops what the list's filter no longer matches, and says nothing.
        reasons[_("no longer in this list")] = filtered_out
    add_messages(request, done, reasons.pop("", 0), reasons)


def add_messages(request: HttpRequest, done: Any, changed: int, reasons: Mapping[str, int]) -> None:
    level = messages.SUCCESS if changed else messages.WARNING
    messages.add_message(request, level, done % {"n": changed})
    for why, n in sorted(reasons.items(), key=lambda item: -item[1]):
        text = ngettext(
            "%(n)d was left as it is: %(why)s.", "%(n)d were left as they are: %(why)s.", n
        )
        messages.warning(request, text % {"n": n, "why": why.rstrip(".")})


def _selected_count(request: HttpRequest) -> int:
    """Return how many rows were ticked; 0 if they were chosen by "select all"."""
    if request.POST.get("select_across", "0") not in ("", "0"):
        return 0
    return len(set(request.POST.getlist(ACTION_CHECKBOX_NAME)))
