"""Changes made on the portal's pages, where the admin shows the history of each object."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

__all__ = ["ADDITION", "CHANGE", "DELETION", "record"]

REPR = 200


def record(by: Any, rows: Iterable[Model], flag: int, message: Any = "") -> None:
    """Write down that this user did that to each of these rows.

    `message`: a sentence, or the admin's own list, which it translates for whoever reads it.
    """
    LogEntry.objects.bulk_create([_entry(by, row, flag, message) for row in rows], 1000)


def _entry(by: Any, row: Model, flag: int, message: Any) -> LogEntry:
    entry = LogEntry(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=str(row)[:REPR],
        action_flag=flag,
    )
    entry.change_message = message if isinstance(message, str) else json.dumps(message)
    return entry
