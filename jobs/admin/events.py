"""What happened: events, decisions and signs of life. Written by the code, read by people."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.models import Person
from jobs.admin.search import numbered
from jobs.models import Batch, Event, Heartbeat, ProviderAccount, Result, Step, TryOnJob
from portal.admin.readonly import ReadOnlyAdmin

# From one kind to the next in the index: DISTINCT would read every event that there is.
KINDS = """
WITH RECURSIVE found(kind) AS (
    SELECT MIN(kind) FROM jobs_event
    UNION ALL
    SELECT (SELECT MIN(kind) FROM jobs_event WHERE kind > found.kind)
    FROM found WHERE found.kind IS NOT NULL
)
SELECT kind FROM found WHERE kind IS NOT NULL
"""
STATES = (TryOnJob.State, Step.State, Result.Review, ProviderAccount.State)


def kinds() -> list[str]:
    """The kinds of events that there are."""
    with connection.cursor() as cursor:
        cursor.execute(KINDS)
        return [kind for (kind,) in cursor.fetchall()]


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind, kind) for kind in kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class ToStateFilter(admin.SimpleListFilter):
    """The states that the code knows, as no index tells which ones the table has."""

    title = _("to")
    parameter_name = "to_state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list({value: label for states in STATES for value, label in states.choices}.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(to_state=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "object_id", "from_state", "to_state", "by", "worker", "why"]
    list_filter = [KindFilter, ToStateFilter, "at"]
    list_select_related = ["by"]
    search_fields = ["=object_id"]
    search_help_text = _("Object number")
    ordering = ["-id"]
    fields = ["at", "kind", "object_id", "job", "from_state", "to_state", "by", "worker", "why"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without what happened to a shopper's photo, batch, try-on or result."""
        rows = super().get_queryset(request).filter(job__owner=None)
        for kind, model in (("person", Person), ("batch", Batch)):
            theirs = model._default_manager.filter(pk=OuterRef("object_id"), owner__isnull=False)
            rows = rows.exclude(Exists(theirs.order_by()), kind=kind)
        return rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """With every kind named, as the index begins with the kind."""
        if not search_term:
            return queryset, False
        number = numbered(search_term)
        if number is None:
            return queryset.none(), False
        return queryset.filter(kind__in=kinds(), object_id=number), False


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ["lane", "at", "pid"]
    fields = ["lane", "at", "pid"]
