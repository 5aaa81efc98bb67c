"""Decisions, as reviewers wrote them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jobs.admin.search import people_named
from portal.admin.readonly import ReadOnlyAdmin
from review.models import Decision


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ["at", "result", "verdict", "reason", "by", "note"]
    list_filter = ["verdict", "reason", "at"]
    list_select_related = ["result", "by"]
    search_fields = ["by__username"]  # shows the box; see get_search_results
    search_help_text = _("Reviewer, or a word of a note")
    ordering = ["-id"]
    fields = ["at", "result", "verdict", "reason", "note", "by"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Search by reviewer; where nobody has that name, search the notes."""
        if not search_term:
            return queryset, False
        if people := people_named(search_term):
            return queryset.filter(by__in=people), False
        return queryset.exclude(note="").filter(note__icontains=search_term), False
