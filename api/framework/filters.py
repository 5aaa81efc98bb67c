"""Filters by name: one that is misspelt or has no sense is an error, never passed over."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from api.framework.problems import Problem

# What pages and waiting ask for, beside the filters.
OTHERS = {"cursor", "page_size", "updated_since", "wait"}
HIGHEST_ID = 2**63 - 1


class IdFilter(django_filters.NumberFilter):
    """An id: at least 1, and no more than a database can hold."""

    field_class = forms.IntegerField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"min_value": 1, "max_value": HIGHEST_ID} | kwargs))


class Flag(forms.Field):
    def to_python(self, value: Any) -> bool | None:
        if value in self.empty_values:
            return None
        if value not in ("true", "false"):
            raise forms.ValidationError(_("Send true or false."))
        return bool(value == "true")


class FlagFilter(django_filters.BooleanFilter):
    """true or false, and nothing that merely looks like it."""

    field_class = Flag


class Filters(DjangoFilterBackend):
    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        """Raises Problem with a pointer to each parameter that is not known or not right."""
        filterset = self.get_filterset(request, queryset, view)
        known = OTHERS | set(filterset.filters if filterset else ())
        errors = [
            Problem.error(f"?{name}", _("This parameter is not known."), "unknown")
            for name in request.query_params
            if name not in known
        ]
        errors += [
            Problem.error(f"?{name}", _("Send it once."))
            for name, values in request.query_params.lists()
            if len(values) > 1 and not _takes_several(filterset, name)
        ]
        if filterset and not filterset.is_valid():
            errors += [
                Problem.error(f"?{name}", " ".join(each.messages), each.code or "invalid")
                for name, found in filterset.errors.as_data().items()
                for each in found
            ]
        if errors:
            raise Problem("invalid", errors=errors)
        return filterset.qs if filterset else queryset


def _takes_several(filterset: Any, name: str) -> bool:
    found = filterset.filters.get(name) if filterset else None
    return isinstance(found, django_filters.MultipleChoiceFilter)
