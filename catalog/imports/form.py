"""What is asked for when a list is uploaded: the file, and what its rows leave unsaid."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.imports.columns import LISTS, normal
from catalog.models import Garment


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("ZIP, CSV or list of addresses"),
        widget=forms.FileInput(attrs={"accept": ".zip,.csv,.txt,.json", "class": "input"}),
        error_messages={"required": _("Choose a file first.")},
    )
    slot = forms.ChoiceField(
        label=_("Slot"), choices=[("", "—"), *Garment.Slot.choices], required=False
    )
    photo_type = forms.ChoiceField(
        label=_("Photo type"), choices=[("", "—"), *Garment.PhotoType.choices], required=False
    )
    season = forms.CharField(label=_("Season"), max_length=20, required=False)
    collections = forms.CharField(label=_("Collections"), max_length=500, required=False)
    tags = forms.CharField(label=_("Tags"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in LISTS:
            limit = 40 if name == "tags" else 120
            if any(len(word) > limit for word in normal({name: data.get(name)}).get(name, [])):
                text = _("Each may have %(limit)s characters; put semicolons between them.")
                self.add_error(name, forms.ValidationError(text, params={"limit": limit}))
        return data

    def defaults(self) -> dict[str, Any]:
        """What new garments get where their row says nothing."""
        return normal({k: v for k, v in self.cleaned_data.items() if k != "file"})
