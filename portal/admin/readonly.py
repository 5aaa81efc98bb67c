"""Admins of rows that workers write: viewed, searched and acted on, never edited."""

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

# Any number of so many digits fits into a column of 64 bits.
MAX_DIGITS = 18
MAX_PAGE_DIGITS = 6


class ReadOnly:
    """No form ever writes these rows. Actions need permissions of their own."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AtLeast(int):
    """A count that stopped early: there may be more."""

    def __str__(self) -> str:
        return f"{int(self)}+"


class CappedPaginator(Paginator):
    """Counts no further than the page after the current one, and shows that as “n+”."""

    def __init__(self, *args: Any, page: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current_page = int(page) if is_id(page) and len(page) < MAX_PAGE_DIGITS else 1

    @cached_property
    def count(self) -> int:
        limit = (self.current_page + 1) * self.per_page
        rows: Any = self.object_list
        n = rows.order_by()[:limit].count()
        return AtLeast(n) if n == limit else n

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
        return CappedPaginator(queryset, *args, page=request.GET.get(PAGE_VAR, ""))

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        if not all(map(is_id, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest("not an id")
        return super().response_action(request, queryset, *args, **kwargs)

    def view_on_site(self, obj: Any) -> str | None:
        return site_url(obj)


class ReadOnlyAdmin(ReadOnly, SafeActions):
    """Shows every listed field, also those that are not editable."""

    # Newest first only: sorting millions of rows without an index takes seconds.
    sortable_by = ("id",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or ()


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    extra = 0
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or ()


def site_url(obj: Any) -> str | None:
    """The row's page on the site; None where it has none, or the pages are not installed."""
    try:
        return obj.get_absolute_url()
    except (AttributeError, NoReverseMatch):
        return None


def is_id(value: Any) -> bool:
    """Whether a database can look up this id: "x" or 30 digits would raise an error."""
    text = str(value)
    return text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
