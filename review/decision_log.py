"""Who decided what and when: the audit's filters, and the same rows as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.imports.table import lines
from review.models import Decision

CHUNK = 500
# A menu longer than this helps nobody.
MAX_REVIEWERS = 200
COLUMNS = ("decision", "at", "by", "result", "try-on", "batch", "verdict", "kind", "reason", "note")
# Next to the ends of the calendar there is no midnight in every time zone.
DATE_BOUNDS = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 1, 1))]


class AuditForm(forms.Form):
    """The list's filters; values that make no sense filter nothing."""

    by = forms.TypedChoiceField(label=_("Reviewer"), coerce=int, empty_value=None, required=False)
    verdict = forms.ChoiceField(label=_("Verdict"), required=False)
    reason = forms.ChoiceField(label=_("Reason"), required=False)
    batch = forms.IntegerField(
        label=_("Batch number"), min_value=1, max_value=2**63 - 1, required=False
    )
    since = forms.DateField(label=_("From"), required=False, validators=DATE_BOUNDS)
    until = forms.DateField(label=_("To"), required=False, validators=DATE_BOUNDS)

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query)
        reviewers = [("", _("Everybody")), *_reviewers()]
        verdicts = [("", _("Every verdict")), *Decision._meta.get_field("verdict").flatchoices]
        self._field("by").choices = reviewers
        self._field("verdict").choices = verdicts
        self._field("reason").choices = [("", _("Every reason")), *Decision.Reason.choices]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "input"
            if name in ("since", "until"):
                field.widget.input_type = "date"

    def _field(self, name: str) -> Any:
        return self.fields[name]

    @property
    def wanted(self) -> dict[str, Any]:
        """What was asked for and makes sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def rows(self) -> QuerySet[Decision]:
        wanted, found = self.wanted, Decision.objects.all()
        names = {
            "by": "by",
            "verdict": "verdict",
            "reason": "reason",
            "batch": "result__job__batch",
        }
        for name, column in names.items():
            if name in wanted:
                found = found.filter(**{column: wanted[name]})
        if "since" in wanted:
            found = found.filter(at__gte=_midnight(wanted["since"]))
        if "until" in wanted:
            found = found.filter(at__lt=_midnight(wanted["until"] + timedelta(days=1)))
        return found.select_related("by", "result__job__batch")


def _reviewers() -> list[tuple[int, str]]:
    """Users who have decided anything, by one probe of an index for each user."""
    users = get_user_model().objects.filter(pk__in=Decision.objects.values("by"))
    return [(user.pk, str(user)) for user in users.order_by("username")[:MAX_REVIEWERS]]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def csv_lines(decisions: QuerySet[Decision]) -> Iterator[str]:
    """The lines of the table, oldest first, a few hundred decisions in memory at a time."""
    return lines(_cells(decisions))


def _cells(decisions: QuerySet[Decision]) -> Iterator[tuple[object, ...]]:
    yield COLUMNS
    for decision in decisions.order_by("id").iterator(chunk_size=CHUNK):
        job = decision.result.job
        kind = "opinion" if decision.opinion else "decision"
        yield (
            *(
                decision.pk,
                decision.at.isoformat(timespec="seconds"),
                decision.by or "",
                decision.result_id,
            ),
            *(job.pk, job.batch, decision.verdict, kind, decision.reason, decision.note),
        )
