"""The filters of the statistics."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.approval_statistics.report import Period
from reports.approval_statistics.scope import Scope

DAYS = (30, 90, 365)
DEFAULT_DAYS = 90
# Each day since then is a row to be read.
MAX_DAYS = 731


def _date(label: Any) -> forms.DateField:
    return forms.DateField(
        required=False,
        label=label,
        widget=forms.DateInput({"type": "date", "class": "input"}, format="%Y-%m-%d"),
    )


class StatisticsForm(forms.Form):
    """The last days, or a range of days; invalid values filter nothing and show an error."""

    days = forms.TypedChoiceField(
        choices=[(n, n) for n in DAYS], coerce=int, required=False, empty_value=None
    )
    since = _date(gettext_lazy("From"))
    until = _date(gettext_lazy("To"))
    batch = forms.IntegerField(min_value=1, max_value=2**62, required=False)
    collection = forms.IntegerField(min_value=1, max_value=2**62, required=False)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        since, until = found.get("since"), found.get("until")
        today = timezone.localdate()
        if any(day and (today - day).days >= MAX_DAYS for day in (since, until)):
            raise ValidationError(_("Choose days of the last two years."))
        if since and since > min(until or today, today):
            raise ValidationError(_("The first day is after the last."))
        if until and until > today:
            found["until"] = today
        return found

    @property
    def wanted(self) -> dict[str, Any]:
        return self.cleaned_data if self.is_valid() else {}

    def period(self, now: datetime) -> Period:
        since, until = self.wanted.get("since"), self.wanted.get("until")
        if not since and not until:
            return Period.of_days(self.span or DEFAULT_DAYS, now)
        last = until or timezone.localdate(now)
        return Period(since or last - timedelta(days=DEFAULT_DAYS - 1), last)

    @property
    def span(self) -> int | None:
        """The number of days of the selected chip."""
        wanted = self.wanted
        return (
            None
            if wanted.get("since") or wanted.get("until")
            else wanted.get("days") or DEFAULT_DAYS
        )

    @property
    def scope(self) -> Scope:
        batch, collection = (self.wanted.get(name) for name in ("batch", "collection"))
        return Scope((batch,) if batch else (), collection or 0)
