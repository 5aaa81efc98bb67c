"""The photo in a form: checked and decoded once, however often the form is built."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from catalog import images

ACCEPT = "image/jpeg,image/png,image/bmp,image/webp,image/heic,.heic,.heif"


def prepared(upload: UploadedFile) -> images.Prepared:
    """Prepare an upload, once: the result stays with the upload. Raises Refused."""
    memory = vars(upload)
    if "prepared" not in memory:
        images.check_bytes(upload.size or 0)
        upload.seek(0)
        memory["prepared"] = images.prepare(upload.read())
    return memory["prepared"]


def stored(upload: UploadedFile, folder: str) -> dict[str, Any]:
    """Write an upload's files, once, and return the values of the columns. Raises Refused."""
    memory = vars(upload)
    if "stored" not in memory:
        memory["stored"] = images.save(prepared(upload), folder)
    return memory["stored"]


class PhotoField(forms.FileField):
    """A file that must be a photo; its clean value is the upload, prepared."""

    widget = forms.FileInput(attrs={"accept": ACCEPT})

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        try:
            if upload:
                prepared(upload)
        except images.Refused as refused:
            raise ValidationError(refused.message, refused.code) from refused
        return upload


class PhotoForm(forms.ModelForm):
    """Adds an asset. A row keeps its photo for life, so changing one uses a plain form."""

    photo = PhotoField(
        label=_("Photo"), help_text=_("JPEG, PNG, BMP, WebP or HEIC with at most 20 MB.")
    )
