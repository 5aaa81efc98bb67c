"""What users did to a batch, as text."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from jobs.models import Batch, Event
from portal.badges import Badge, badge
from portal.number_format import yuan

# Older events are in the admin's history.
MAX_EVENTS = 30


class HistoryRow(NamedTuple):
    at: datetime
    badge: Badge
    text: str
    by: str


def history_rows(batch: Batch) -> list[HistoryRow]:
    """Newest first, the launch last."""
    events = list(batch.history().select_related("by")[:MAX_EVENTS])
    rows = [
        HistoryRow(event.at, *_describe(event), str(event.by or event.worker)) for event in events
    ]
    launched = Badge("", "plus", _("Launched"))
    return [*rows, HistoryRow(batch.created_at, launched, "", str(batch.created_by or ""))]


def _describe(event: Event) -> tuple[Badge, str]:
    if event.to_state == "paused":
        return badge("paused"), ""
    if event.to_state == "open":
        return Badge("is-run", "running", _("Resumed")), ""
    if event.to_state == "canceled":
        return badge("canceled"), _describe_cancel(event.why)
    if event.to_state == "budget":
        limit = _("no limit") if event.why == "none" else yuan(Decimal(event.why))
        return Badge("", "info", _("Budget")), limit
    if event.to_state == "changed":
        return Badge("", "tag", _("Renamed")), event.why
    names = {choice.name.lower(): str(choice.label) for choice in Batch.Priority}
    return Badge("", "sheet", _("Turn")), names.get(event.to_state, event.to_state)


def _describe_cancel(why: str) -> str:
    numbers = re.findall(r"\d+", why)
    if len(numbers) != 2:
        return why
    text = _("%(stopped)s stopped, %(left)s at the provider")
    return text % {"stopped": numbers[0], "left": numbers[1]}
