"""Pages by id, which never changes: nothing shifts, and the deepest costs what the first does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework.problems import Problem
from catalog.models import Tombstone

# What was being written at the time is in the next answer: each one looks back a little.
OVERLAP = timedelta(minutes=2)
# Tombstones are kept so long; who was away longer fetches everything anew.
REMEMBERED = timedelta(days=90)
MOST_DELETED = 5_000
_HIGHEST = 2**63 - 1
# The id, as a value that no index has.
PLACE = "place"


class Pages(CursorPagination):
    page_size = 30
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering: Any = "-id"
    # No row has the place of another: there is nothing to skip.
    offset_cutoff = 1

    def paginate_queryset(self, queryset: QuerySet, request: Request, view: Any = None) -> Any:
        self.sync = Sync.of(request, view)
        if self.sync:
            queryset = view.changed(queryset, self.sync.since)
        self.hidden = self.sync.gone(view, request) if self.sync else []
        return super().paginate_queryset(queryset, request, view=view)

    def get_ordering(self, request: Request, queryset: QuerySet, view: Any) -> Any:
        """By PLACE where a filter has found that so few rows are better sorted than looked for."""
        usual = super().get_ordering(request, queryset, view)
        return (f"-{PLACE}",) if PLACE in queryset.query.annotations else usual

    def decode_cursor(self, request: Request) -> Any:
        """Raises Problem for what no page of ours has handed out."""
        words = _("This cursor is not one of ours: begin again without it.")
        bad = Problem("invalid", errors=[Problem.error("?cursor", words)])
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise bad from error
        place = cursor and cursor.position
        if place and not (place.isascii() and place.isdecimal() and int(place) <= _HIGHEST):
            raise bad
        return cursor

    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get(self.page_size_query_param, "")
        if not text:
            return self.page_size
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= self.max_page_size):
            words = _("A page has 1 to %d rows.") % self.max_page_size
            raise Problem("invalid", errors=[Problem.error("?page_size", words)])
        return int(text)

    def get_paginated_response(self, data: Any) -> Response:
        page = {"next": self.get_next_link(), "previous": self.get_previous_link()}
        sync = {"deleted": self.hidden, "synced_at": self.sync.now} if self.sync else {}
        return Response(page | {"results": data} | sync)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size}
        parameters = {
            "cursor": ({"type": "string"}, "Of `next` or `previous`."),
            "page_size": (size | {"default": self.page_size}, "Rows of a page."),
        }
        return [
            {"name": name, "in": "query", "schema": schema, "description": words}
            for name, (schema, words) in parameters.items()
        ]

    def get_paginated_response_schema(self, schema: Any) -> Any:
        link = {"type": ["string", "null"], "format": "uri"}
        ids = {"type": "array", "items": {"type": "integer"}}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": link,
                "previous": link,
                "results": schema,
                "deleted": ids | {"description": "With `updated_since`: ids to forget."},
                "synced_at": {
                    "type": "string",
                    "format": "date-time",
                    "description": "With `updated_since`: what to send as the next one.",
                },
            },
        }


class Sync:
    """Of a caller who has a copy: what has changed since, and what is gone."""

    def __init__(self, since: datetime) -> None:
        self.since = since
        self.now = (timezone.now() - OVERLAP).astimezone(UTC).isoformat().replace("+00:00", "Z")

    @classmethod
    def of(cls, request: Request, view: Any) -> Sync | None:
        text = request.query_params.get("updated_since")
        if text is None:
            return None
        if not syncs(view):
            words = _("This parameter is not known.")
            raise Problem("invalid", errors=[Problem.error("?updated_since", words, "unknown")])
        since = _moment(text)
        if since is None:
            words = _("Send a moment such as 2026-11-26T08:00:00Z.")
            raise Problem("invalid", errors=[Problem.error("?updated_since", words)])
        if since < timezone.now() - REMEMBERED:
            raise Problem("sync-too-old")
        return cls(since)

    def gone(self, view: Any, request: Request) -> list[int]:
        """Ids that are deleted, or are not to be seen any more; on the first page only."""
        if request.query_params.get("cursor"):
            return []
        kind = view.model._meta.model_name
        dead = Tombstone.objects.filter(kind=kind, at__gte=self.since).order_by()
        ids = set(view.own(dead).values_list("object_id", flat=True)[: MOST_DELETED + 1])
        ids |= set(view.withdrawn(self.since)[: MOST_DELETED + 1])
        if len(ids) > MOST_DELETED:
            raise Problem("sync-too-old")
        return sorted(ids)


def syncs(view: Any) -> bool:
    """Whether this list is of rows that know when they were changed, and leave tombstones."""
    return view.action == "list" and hasattr(getattr(view, "model", None), "updated_at")


def _moment(text: str) -> datetime | None:
    # A plus sign in an address is a space by the time it arrives.
    try:
        moment = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    if moment is None or timezone.is_naive(moment):
        return None
    return moment
