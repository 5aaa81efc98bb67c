"""The library: model photos, garment photos and the collections they are shown in."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog import images

A = TypeVar("A", bound="Asset")

# Distance of two difference hashes up to which photos are shown as alike: a hint, never a rule.
ALIKE_BITS = 6


class Picture(models.Model):
    """An image with its display sizes. File names derive from the content's hash."""

    sha256 = models.CharField(_("SHA-256"), max_length=64, editable=False, db_index=True)
    original = models.FileField(_("original"), editable=False, max_length=200)
    large = models.FileField(_("large"), editable=False, max_length=200)
    thumb = models.FileField(_("thumbnail"), editable=False, max_length=200)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)

    class Meta:
        abstract = True


class AssetQuerySet(models.QuerySet[A]):
    def active(self) -> Self:
        return self.filter(archived_at=None)

    def archived(self) -> Self:
        return self.filter(archived_at__isnull=False)

    def same_as(self, sha256: str) -> Self:
        """Assets made from exactly these bytes."""
        return self.filter(sha256=sha256)

    def archive(self) -> int:
        """Take out of the library what is in it; return how many that were."""
        return self.active().update(archived_at=timezone.now())

    def restore(self) -> int:
        """Put back into the library what was archived; return how many that were."""
        return self.archived().update(archived_at=None)

    def add(
        self, data: bytes, *, name: str, by: AbstractBaseUser | None = None, **attributes: Any
    ) -> A:
        """Make an asset from the bytes of a photo. Call it outside of any transaction.

        Raises images.Refused for the photo, ValidationError for the attributes. An exact
        duplicate becomes a row of its own, see Asset.duplicates().
        """
        asset = self.model(name=name, created_by=by, **attributes)
        asset.full_clean(exclude=Asset.PHOTO_FIELDS)
        asset.set_photo(images.save(images.prepare(data), self.folder()))
        asset.save(force_insert=True)
        return asset

    def erase(self) -> None:
        """Delete the rows and then, once that is certain, their files that no other row uses.

        Raises ProtectedError where a job refers to one.
        """
        assets = list(self)
        self.delete()
        transaction.on_commit(lambda: self._discard_files(assets))

    def _discard_files(self, assets: list[A]) -> None:
        hashes = {asset.sha256 for asset in assets}
        rows = self.model._default_manager.filter(sha256__in=hashes)
        in_use = set(rows.values_list("sha256", flat=True))
        for asset in assets:
            if asset.sha256 not in in_use:
                for field in ("original", "wire", "large", "thumb"):
                    getattr(asset, field).delete(save=False)

    def folder(self) -> str:
        """Where the files of these assets are kept."""
        return str(self.model._meta.model_name)


class Asset(Picture):
    """A photo in the library. `wire` is what providers get: upright, sRGB, no metadata, JPEG."""

    name = models.CharField(_("name"), max_length=120)
    wire = models.FileField(_("wire rendition"), editable=False, max_length=200)
    wire_sha256 = models.CharField(_("SHA-256 as sent"), max_length=64, editable=False)
    dhash = models.BigIntegerField(_("difference hash"), editable=False, default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    objects = AssetQuerySet.as_manager()

    PHOTO_FIELDS = (
        *("sha256", "original", "wire", "wire_sha256"),
        *("large", "thumb", "width", "height", "dhash"),
    )

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    def set_photo(self, values: dict[str, Any]) -> None:
        """Take over what images.save() returned. A row has one photo for life: jobs refer to it."""
        for field in self.PHOTO_FIELDS:
            setattr(self, field, values[field])

    def duplicates(self) -> AssetQuerySet[Self]:
        """The other assets made from exactly the same bytes."""
        return self._siblings().same_as(self.sha256)

    def lookalikes(self, limit: int = 6) -> list[Self]:
        """Other photos in the library that look much the same, the nearest first."""
        others = self._siblings().active().exclude(sha256=self.sha256)
        distances = {
            pk: images.hamming(self.dhash, dhash)
            for pk, dhash in others.order_by().values_list("pk", "dhash").iterator(10_000)
        }
        near = sorted(pk for pk, bits in distances.items() if bits <= ALIKE_BITS)
        nearest = sorted(near, key=distances.__getitem__)[:limit]
        found = self._siblings().in_bulk(nearest)
        return [found[pk] for pk in nearest]

    def _siblings(self) -> AssetQuerySet[Self]:
        return AssetQuerySet(type(self)).exclude(pk=self.pk)


class Person(Asset):
    class Gender(models.TextChoices):
        WOMAN = "woman", _("Woman")
        MAN = "man", _("Man")

    class Body(models.TextChoices):
        SLIM = "slim", _("Slim")
        CURVY = "curvy", _("Curvy")

    class View(models.TextChoices):
        FULL = "full", _("Full body")
        HALF = "half", _("Half body")

    gender = models.CharField(_("gender"), max_length=8, choices=Gender, blank=True)
    body = models.CharField(_("body"), max_length=8, choices=Body, blank=True)
    view = models.CharField(_("view"), max_length=8, choices=View, default=View.FULL)
    consent_scope = models.CharField(_("consent: scope"), max_length=200, blank=True)
    consent_until = models.DateField(_("consent: until"), null=True, blank=True)

    class Meta(Asset.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("persons")


class Collection(models.Model):
    name = models.CharField(_("name"), max_length=120, unique=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("collection")
        verbose_name_plural = _("collections")

    def __str__(self) -> str:
        return self.name


class Garment(Asset):
    class Slot(models.TextChoices):
        TOP = "top", _("Top")
        BOTTOM = "bottom", _("Bottom")
        DRESS = "dress", _("Dress")

    class PhotoType(models.TextChoices):
        FLAT = "flat", _("Flat-lay")
        WORN = "worn", _("Worn")

    slot = models.CharField(_("slot"), max_length=8, choices=Slot)
    photo_type = models.CharField(
        _("photo type"), max_length=8, choices=PhotoType, default=PhotoType.FLAT
    )
    sku = models.CharField(_("SKU"), max_length=64, blank=True)
    collections = models.ManyToManyField(
        Collection, blank=True, related_name="garments", verbose_name=_("collections")
    )

    class Meta(Asset.Meta):
        verbose_name = _("garment")
        verbose_name_plural = _("garments")
        constraints = [
            models.UniqueConstraint(
                fields=["sku"], condition=~models.Q(sku=""), name="garment_sku_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(slot__in=["top", "bottom", "dress"]), name="garment_slot_known"
            ),
        ]
