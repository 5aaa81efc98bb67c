"""Forms of the library: the photo, decoded once however often its form is built; its attributes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from catalog.models import Asset, Garment, Person, Tag
from catalog.photos import ingest

ACCEPT = "image/jpeg,image/png,image/bmp,image/webp,image/heic,.heic,.heif"


def prepared(upload: UploadedFile) -> ingest.Prepared:
    """Prepare an upload, once: the result stays with the upload. Raises Refused."""
    memory = vars(upload)
    if "prepared" not in memory:
        ingest.check_bytes(upload.size or 0)
        upload.seek(0)
        memory["prepared"] = ingest.prepare(upload.read())
    return memory["prepared"]


def stored(upload: UploadedFile, folder: str) -> dict[str, Any]:
    """Write an upload's files, once, and return the values of the columns. Raises Refused."""
    memory = vars(upload)
    if "stored" not in memory:
        memory["stored"] = ingest.save(prepared(upload), folder)
    return memory["stored"]


class PhotoField(forms.FileField):
    """A file that must be a photo; its clean value is the upload, prepared."""

    widget = forms.FileInput(attrs={"accept": ACCEPT})

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        try:
            if upload:
                prepared(upload)
        except ingest.Refused as refused:
            raise ValidationError(refused.message, refused.code) from refused
        return upload


class PhotoForm(forms.ModelForm):
    """Adds an asset. A row keeps its photo for life, so changing one uses a plain form."""

    photo = PhotoField(
        label=_("Photo"), help_text=_("JPEG, PNG, BMP, WebP or HEIC with at most 20 MB.")
    )


class TagsField(forms.CharField):
    """Words with commas between them; its clean value is the list of words, each once."""

    def clean(self, value: Any) -> Any:
        parts = super().clean(value).replace("，", ",").split(",")
        words = list(dict.fromkeys(word.strip() for word in parts if word.strip()))
        longest = Tag._meta.get_field("name").max_length or 0
        if any(len(word) > longest for word in words):
            raise ValidationError(_("A tag may have %d letters.") % longest, "too_long")
        return words


class AssetForm(forms.ModelForm):
    """The attributes of an asset. Saves only those that were changed: workers write the rest."""

    tag_names = TagsField(
        label=_("Tags"), required=False, max_length=400, help_text=_("Commas between them.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tag_names"].initial = ", ".join(tag.name for tag in self.instance.tags.all())

    def save(self, commit: bool = True) -> Asset:
        many = {field.name for field in self.instance._meta.many_to_many}
        columns = [name for name in self.changed_data if name not in {*many, "tag_names"}]
        if columns:
            self.instance.save(update_fields=columns)
            self.instance.rejudge()
        self._save_m2m()  # type: ignore[attr-defined]
        if "tag_names" in self.changed_data:
            names = self.cleaned_data["tag_names"]
            self.instance.tags.set([Tag.objects.get_or_create(name=name)[0] for name in names])
        return self.instance


class GarmentForm(AssetForm):
    class Meta:
        model = Garment
        fields = ["name", "slot", "photo_type", "sku", "season", "collections"]
        widgets = {"collections": forms.CheckboxSelectMultiple}


class PersonForm(AssetForm):
    class Meta:
        model = Person
        fields = ["name", "gender", "body", "view", "height_cm", "size"]
