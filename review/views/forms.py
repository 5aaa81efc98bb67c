"""What reviewers post."""

from __future__ import annotations

from django import forms

from jobs.models import Result
from review.models import Decision


class DecisionForm(forms.Form):
    verdict = forms.ChoiceField(choices=Result.Review.choices)
    reason = forms.ChoiceField(choices=[("", ""), *Decision.Reason.choices], required=False)
    note = forms.CharField(max_length=500, required=False)
