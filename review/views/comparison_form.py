"""What a reviewer posts about one cell: the best of its images, and verdicts on any of them."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import Result
from review.comparison.blind import Cell
from review.comparison.choices import VerdictAndReason
from review.models import Decision

NONE = "none"
# A verdict and its reason in one word, as one menu has them.
VERDICTS = {
    "approved": (Result.Review.APPROVED.value, ""),
    "rejected": (Result.Review.REJECTED.value, ""),
    **{r: (Result.Review.REJECTED.value, r) for r in Decision.Reason.values},
}


class ChoiceForm(forms.Form):
    """Images are named by their letters: the page does not show their ids."""

    signature = forms.CharField(max_length=16)
    best = forms.CharField(
        max_length=4, error_messages={"required": gettext_lazy("Choose the best, or none.")}
    )

    def __init__(self, data: QueryDict, *, cell: Cell) -> None:
        super().__init__(data)
        self.cell = cell
        for letter in cell.ids_by_letter:
            choices = [("", ""), *((word, word) for word in VERDICTS)]
            self.fields[f"verdict-{letter}"] = forms.ChoiceField(choices=choices, required=False)

    def clean_signature(self) -> str:
        if self.cleaned_data["signature"] != self.cell.signature:
            raise ValidationError(_("The images here have changed since you saw them: look again."))
        return self.cell.signature

    def clean_best(self) -> str:
        best = str(self.cleaned_data["best"])
        if best != NONE and best not in self.cell.ids_by_letter:
            raise ValidationError(_("There is no such image here."))
        return best

    @property
    def result(self) -> int | None:
        """The id of the best image; None if none is any good."""
        return self.cell.ids_by_letter.get(self.cleaned_data["best"])

    @property
    def verdicts(self) -> dict[int, VerdictAndReason]:
        posted = {
            pk: self.cleaned_data[f"verdict-{x}"] for x, pk in self.cell.ids_by_letter.items()
        }
        return {pk: VERDICTS[word] for pk, word in posted.items() if word}
