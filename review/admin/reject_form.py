"""The reason and note with which results are rejected."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from review.models import Decision


class RejectForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Reason"), choices=Decision.Reason.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )
