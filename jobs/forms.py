"""What the pages' buttons send. (The admin's forms are in jobs/admin/forms.py.)"""

from __future__ import annotations

from django import forms

from .models import Decision, Result


class DecisionForm(forms.Form):
    verdict = forms.ChoiceField(choices=Result.Review.choices)
    reason = forms.ChoiceField(choices=[("", ""), *Decision.Reason.choices], required=False)
    note = forms.CharField(max_length=500, required=False)


class RetryForm(forms.Form):
    """Which failures to repeat: one cause, or (empty) all that can be repeated."""

    code = forms.CharField(max_length=100)
