"""What reviewers and operators post."""

from __future__ import annotations

from django import forms

from ..models import Decision, Result


class DecisionForm(forms.Form):
    verdict = forms.ChoiceField(choices=Result.Review.choices)
    reason = forms.ChoiceField(choices=[("", ""), *Decision.Reason.choices], required=False)
    note = forms.CharField(max_length=500, required=False)


class RetryForm(forms.Form):
    """`code` narrows a retry to one cause; without it all that a retry can help are meant."""

    code = forms.CharField(max_length=100, required=False, empty_value=None)
