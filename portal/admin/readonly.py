"""Rows that workers own: seen, searched and acted on, never typed over."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import BadRequest
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch
from django.utils.functional import cached_property

# Of as many digits every number fits into a column of 64 bits.
MAX_DIGITS = 18
MAX_PAGE_DIGITS = 6


class ReadOnly:
    """No form ever writes these rows. Actions ask for permissions of their own."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AtLeast(int):
    """A count that was given up: there may be more."""

    def __str__(self) -> str:
        return f"{int(self)}+"


class GlancingPaginator(Paginator):
    """Counts as far as the page after the one that is asked for, and says that it did."""

    def __init__(self, *args: Any, page: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page_asked_for = int(page) if is_id(page) and len(page) < MAX_PAGE_DIGITS else 1

    @cached_property
    def count(self) -> int:
        most = (self.page_asked_for + 1) * self.per_page
        rows: Any = self.object_list
        n = rows.order_by()[:most].count()
        return AtLeast(n) if n == most else n

    def page(self, number: int | str) -> Page:
        """Join and load the rows of this page alone, and not those that are skipped before it."""
        number = self.validate_number(number)
        rows: Any = self.object_list
        begin = (number - 1) * self.per_page
        ids = rows.values("pk")[begin : begin + self.per_page]
        return Page(rows.filter(pk__in=ids), int(number), self)


class SafeActions(admin.ModelAdmin):
    """A changelist that answers an impossible id with 400: Django's own answer is 500."""

    # On a table that only grows, counting all of it costs more than showing a page of it.
    show_full_result_count = False

    def get_paginator(self, request: HttpRequest, queryset: QuerySet, *args: Any) -> Paginator:
        return GlancingPaginator(queryset, *args, page=request.GET.get(PAGE_VAR, ""))

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        if not all(map(is_id, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest("not an id")
        return super().response_action(request, queryset, *args, **kwargs)

    def view_on_site(self, obj: Any) -> str | None:
        return page_of(obj)


class ReadOnlyAdmin(ReadOnly, SafeActions):
    """Every named field is shown, whether the model lets a form edit it or not."""

    # Newest first and nothing else: sorting millions of rows by what no index has takes seconds.
    sortable_by = ("id",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or ()


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    extra = 0
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or ()


def page_of(obj: Any) -> str | None:
    """The row's page on the site; None where it has none, or the pages are not installed."""
    try:
        return obj.get_absolute_url()
    except (AttributeError, NoReverseMatch):
        return None


def is_id(value: Any) -> bool:
    """Whether a database may be asked for this id: "x" or 30 digits end in a fault instead."""
    text = str(value)
    return text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
