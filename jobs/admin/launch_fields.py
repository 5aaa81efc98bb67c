"""Rows chosen in a form: many of them, with their pictures, by ids that nobody vouches for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from .pictures import thumb
from .readonly import is_id


class IdList(forms.HiddenInput):
    """Many ids in one field: Django refuses a form of more than 1000 fields."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        ids = [value.strip() for value in data.get(name, "").split(",")]
        return [value for value in ids if value]

    def format_value(self, value: Any) -> str:
        return ",".join(str(v) for v in value or ())


class Rows(forms.ModelMultipleChoiceField):
    """Rows by id; an id that no database could hold is simply not one of them."""

    def clean(self, value: Any) -> QuerySet:
        if not all(map(is_id, value or ())):
            raise ValidationError(_("What was chosen does not exist."), code="invalid_choice")
        return super().clean(value)


class Persons(Rows):
    def label_from_instance(self, obj: Any) -> str:
        return format_html("{} {}", thumb(obj), obj)
