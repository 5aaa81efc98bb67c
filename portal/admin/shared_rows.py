"""What shoppers have of themselves is nobody's to look at, here as anywhere."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest


class TeamOwnedOnly:
    """Lists and opens the house's rows only; `owner_path` leads to whose a row is."""

    owner_path = "owner"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: Any = super().get_queryset(request)  # type: ignore[misc]
        found: QuerySet = rows.filter(**{self.owner_path: None})
        return found
