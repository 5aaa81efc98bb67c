"""Forms of the gallery pages."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from galleries.models import Gallery

# Share links have this part of the address.
RESERVED_SLUGS = {"s"}
DATETIME_INPUT_FORMAT = "%Y-%m-%dT%H:%M"
MAX_DAYS = 366


class GalleryForm(forms.ModelForm):
    """A gallery's name, text, address, access and schedule."""

    slug = forms.SlugField(label=_("Address"), max_length=80, required=False)
    shown_from = forms.DateTimeField(label=_("Shown from"), required=False)
    shown_until = forms.DateTimeField(label=_("Shown until"), required=False)

    class Meta:
        model = Gallery
        fields = ("name", "slug", "text", "access", "shown_from", "shown_until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "input"
            field.widget.attrs["aria-describedby"] = f"{name}-error"
        for name in ("shown_from", "shown_until"):
            clock = forms.DateTimeInput(
                {"type": "datetime-local", "class": "input"}, DATETIME_INPUT_FORMAT
            )
            self.fields[name].widget = clock
        self.fields["text"].widget.attrs["rows"] = 4

    def clean_slug(self) -> str:
        slug = (self.cleaned_data["slug"] or self._propose_slug()).lower()
        others = Gallery.objects.exclude(pk=self.instance.pk)
        if slug in RESERVED_SLUGS or others.filter(slug=slug).exists():
            raise forms.ValidationError(_("This address is taken: choose another one."))
        return slug

    def _propose_slug(self) -> str:
        """An address from the name; names without Latin letters get a number."""
        base = slugify(self.cleaned_data.get("name", ""))[:70] or "gallery"
        taken = set(Gallery.objects.filter(slug__startswith=base).values_list("slug", flat=True))
        return next(
            slug
            for slug in [base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))]
            if slug not in taken | RESERVED_SLUGS
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        begins, ends = data.get("shown_from"), data.get("shown_until")
        if ends and "shown_from" in data and not begins:
            self.add_error("shown_from", _("Say from when it is shown, too."))
        if begins and ends and ends <= begins:
            self.add_error("shown_until", _("It must end after it begins."))
        return data


class VersionForm(forms.Form):
    """The version of the gallery that the form was shown with."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)


class MoveForm(VersionForm):
    """`move`: an item and where to: first, last, up, down, or the number in `place-<item>`."""

    move = forms.RegexField(r"^\d{1,18}:(up|down|first|last|place)$")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        item, _colon, to = data.get("move", "").partition(":")
        if to == "place":
            to = self.data.get(f"place-{item}", "").strip()
            if not (to.isascii() and to.isdecimal() and len(to) < 10):
                raise forms.ValidationError(_("Say to which position."))
        return data | {"item": int(item or 0), "to": to}


class ShareForm(forms.Form):
    """A new share link; it expires after some days, or at the end of a day."""

    DAYS = (
        ("1", _("1 day")),
        ("7", _("7 days")),
        ("30", _("30 days")),
        ("date", _("Until a date")),
    )

    label = forms.CharField(label=_("For whom"), max_length=80, required=False)
    days = forms.ChoiceField(label=_("Good for"), choices=DAYS, initial="7")
    until = forms.DateField(label=_("Until the end of"), required=False)
    may_download = forms.BooleanField(label=_("May download the pictures"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
        for name in ("label", "days", "until"):
            self.fields[name].widget.attrs["class"] = "input"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        today = timezone.localdate()
        until = data.get("until")
        if data.get("days") == "date":
            latest = today + timedelta(days=MAX_DAYS)
            if not until or not today <= until <= latest:
                self.add_error("until", _("Choose a day within the next year."))
        return data

    def expires_at(self) -> datetime:
        days, until = self.cleaned_data["days"], self.cleaned_data["until"]
        if days != "date":
            return timezone.now() + timedelta(days=int(days))
        return timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min))
