"""What operators post."""

from __future__ import annotations

from django import forms

from jobs.models import Batch


class BudgetForm(forms.Form):
    """Empty: no limit of its own."""

    budget = forms.DecimalField(min_value=0, max_digits=10, decimal_places=2, required=False)


class CauseForm(forms.Form):
    """One cause of failures; jobs that failed without a code have the empty one."""

    code = forms.CharField(max_length=100, required=False)


class PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(choices=Batch.Priority.choices, coerce=int)


class BatchFilter(forms.Form):
    """What the list of batches is narrowed to; nonsense narrows nothing."""

    STATES = ("running", "paused", "attention", "finished")

    state = forms.ChoiceField(choices=[(name, name) for name in STATES], required=False)
    q = forms.CharField(max_length=120, required=False)
