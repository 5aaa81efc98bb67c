"""Who decided what and when: the audit's filters, and the same rows as a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.imports.table import lines
from review.models import Decision

CHUNK = 500
# A menu longer than this helps nobody.
MENU = 200
COLUMNS = ("decision", "at", "by", "result", "try-on", "batch", "verdict", "kind", "reason", "note")
# Next to the ends of the calendar there is no midnight in every time zone.
PLAUSIBLE = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 1, 1))]


class AuditForm(forms.Form):
    """What the list is narrowed to; nonsense narrows nothing."""

    by = forms.TypedChoiceField(label=_("Reviewer"), coerce=int, empty_value=None, required=False)
    verdict = forms.ChoiceField(label=_("Verdict"), required=False)
    reason = forms.ChoiceField(label=_("Reason"), required=False)
    batch = forms.IntegerField(
        label=_("Batch number"), min_value=1, max_value=2**63 - 1, required=False
    )
    since = forms.DateField(label=_("From"), required=False, validators=PLAUSIBLE)
    until = forms.DateField(label=_("To"), required=False, validators=PLAUSIBLE)

    def __init__(self, query: Any) -> None:
        super().__init__(query)
        anybody = [("", _("Everybody")), *_reviewers()]
        verdicts = [("", _("Every verdict")), *Decision._meta.get_field("verdict").flatchoices]
        self._choices("by").choices = anybody
        self._choices("verdict").choices = verdicts
        self._choices("reason").choices = [("", _("Every reason")), *Decision.Reason.choices]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "input"
            if name in ("since", "until"):
                field.widget.input_type = "date"

    def _choices(self, name: str) -> Any:
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
    return [(user.pk, str(user)) for user in users.order_by("username")[:MENU]]


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def table(decisions: QuerySet[Decision]) -> Iterator[str]:
    """The lines of the table, oldest first, a few hundred decisions in memory at a time."""
    return lines(_cells(decisions))


def _cells(decisions: QuerySet[Decision]) -> Iterator[tuple[object, ...]]:
    yield COLUMNS
    for said in decisions.order_by("id").iterator(chunk_size=CHUNK):
        job = said.result.job
        kind = "opinion" if said.opinion else "decision"
        yield (
            *(said.pk, said.at.isoformat(timespec="seconds"), said.by or "", said.result_id),
            *(job.pk, job.batch, said.verdict, kind, said.reason, said.note),
        )
