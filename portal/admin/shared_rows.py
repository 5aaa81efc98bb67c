"""Shoppers' rows are private, in the admin as well."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest


class TeamOwnedOnly:
    """Lists and opens the team's rows only; `owner_path` is the lookup of a row's owner."""

    owner_path = "owner"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: Any = super().get_queryset(request)  # type: ignore[misc]
        found: QuerySet = rows.filter(**{self.owner_path: None})
        return found
