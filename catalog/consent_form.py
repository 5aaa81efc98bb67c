"""A person's consent as a form, and its document as a private file."""

from __future__ import annotations

import hashlib
import io
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from PIL import Image

from catalog.models import Person
from catalog.photos.formats import is_cut_short, recognise

MAX_BYTES = 10_000_000
ACCEPT = "application/pdf,image/jpeg,image/png"
EXTENSIONS = {"PDF": "pdf", "JPEG": "jpg", "PNG": "png"}
# Writers may put a few bytes behind the end mark, but no more than this.
PDF_TAIL = 2048


def kind_of(data: bytes) -> str:
    """A key of EXTENSIONS, by the content alone. Raises ValidationError."""
    kind = recognise(data)
    if kind not in EXTENSIONS:
        text = _("This is no PDF, JPEG or PNG. Save the document as one of them.")
        raise ValidationError(text, "unsupported_format")
    if not _is_whole(kind, data):
        text = _("The file is damaged or cut short. Choose it again, or scan it again.")
        raise ValidationError(text, "truncated")
    return kind


def _is_whole(kind: str, data: bytes) -> bool:
    if kind == "PDF":
        return b"%%EOF" in data[-PDF_TAIL:]
    if is_cut_short(kind, data):
        return False
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            image.verify()
    except Exception:  # noqa: BLE001  (decoders answer broken files with a dozen kinds)
        return False
    return True


class DocumentField(forms.FileField):
    """A file that must be a document; its clean value is (bytes, extension), or None."""

    widget = forms.FileInput(attrs={"accept": ACCEPT})

    def clean(self, data: Any, initial: Any = None) -> tuple[bytes, str] | None:
        upload: UploadedFile | None = super().clean(data, initial)
        if not upload:
            return None
        if (upload.size or 0) > MAX_BYTES:
            found = f"{(upload.size or 0) / 1_000_000:.1f}"
            text = _("A document may have {limit} MB, this one has {found} MB. Save it smaller.")
            limit = MAX_BYTES // 1_000_000
            raise ValidationError(format_lazy(text, limit=limit, found=found), "too_many_bytes")
        content = upload.read()
        return content, EXTENSIONS[kind_of(content)]


class ConsentForm(forms.Form):
    scope = forms.ChoiceField(
        label=_("What the person agreed to"), choices=Person.Consent, widget=forms.RadioSelect
    )
    until = forms.DateField(
        label=_("Until"),
        required=False,
        help_text=_("Empty: it does not end."),
        widget=forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    document = DocumentField(
        label=_("Document"),
        required=False,
        help_text=_("PDF, JPEG or PNG with at most 10 MB. Only those who tend models see it."),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise ValidationError(_("This day has passed. Choose a later one, or none."), "passed")
        return until


def form_for(person: Person) -> ConsentForm:
    """Filled with what is recorded, for renewing it."""
    until = person.consent_until
    lasting = until if until and until >= timezone.localdate() else None
    initial = {"scope": person.consent_scope, "until": lasting, "note": person.consent_note}
    return ConsentForm(initial=initial)


def store_document(person: Person, content: bytes, extension: str) -> str:
    """Write a document under its hash, beside the person's others; return its name."""
    name = f"{person.documents_folder()}/{hashlib.sha256(content).hexdigest()}.{extension}"
    return default_storage.save(name, ContentFile(content))
