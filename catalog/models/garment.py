"""Garment photos and the collections they are shown in."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.asset import Asset, AssetQuerySet


class GarmentQuerySet(AssetQuerySet["Garment"]):  # type: ignore[override]
    def visible_to(self, user: Any) -> GarmentQuerySet:
        """All for those who may see the library; for shoppers what its collections show them."""
        return self if user.has_perm("catalog.view_garment") else self.shown_in_app()

    def shown_by(self, collections: Any) -> GarmentQuerySet:
        """Garments that the app shows because of these collections."""
        return self.filter(collections__in=collections.filter(in_app=True).values("pk"))

    def shown_in_app(self) -> GarmentQuerySet:
        through = Garment.collections.through._default_manager
        shown = through.filter(garment=models.OuterRef("pk"), collection__in_app=True)
        return self.active().filter(models.Exists(shown))

    def collect(self, collection: Collection) -> None:
        through = Garment.collections.through
        pks = self.order_by().values_list("pk", flat=True)
        rows = [through(garment_id=pk, collection_id=collection.pk) for pk in pks]
        through._default_manager.bulk_create(rows, 1000, ignore_conflicts=True)
        self.order_by().update(updated_at=timezone.now())

    def release(self, collection: Collection) -> None:
        """Take out of a collection."""
        shown = Garment.collections.through._default_manager.filter(collection=collection)
        shown.filter(garment__in=self.order_by().values("pk")).delete()
        self.order_by().update(updated_at=timezone.now())


class CollectionQuerySet(models.QuerySet["Collection"]):
    def visible_to(self, user: Any) -> CollectionQuerySet:
        return self if user.has_perm("catalog.view_collection") else self.filter(in_app=True)

    def delete(self) -> tuple[int, dict[str, int]]:
        """As always, and let apps know of the garments that they may not show any more."""
        with transaction.atomic(using=self.db):
            Garment.objects.shown_by(self).update(updated_at=timezone.now())
            return super().delete()

    delete.queryset_only = True  # type: ignore[attr-defined]


class Collection(models.Model):
    name = models.CharField(_("name"), max_length=120, unique=True)
    in_app = models.BooleanField(
        _("shown in the app"),
        default=False,
        help_text=_("Shoppers may try on its garments."),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("collection")
        verbose_name_plural = _("collections")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As always, and let apps know of garments that they may show now, or no longer."""
        old = Collection.objects.filter(pk=self.pk).values_list("in_app", flat=True).first()
        super().save(*args, **kwargs)
        if old is not None and old != self.in_app:
            Garment.objects.filter(collections=self).update(updated_at=timezone.now())

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        return Collection.objects.filter(pk=self.pk).delete()


class Garment(Asset):
    class Slot(models.TextChoices):
        TOP = "top", _("Top")
        BOTTOM = "bottom", _("Bottom")
        DRESS = "dress", _("Dress")

    class PhotoType(models.TextChoices):
        FLAT = "flat", _("Flat-lay")
        WORN = "worn", _("Worn")

    subject = "garment"

    slot = models.CharField(_("slot"), max_length=8, choices=Slot)
    photo_type = models.CharField(
        _("photo type"), max_length=8, choices=PhotoType, default=PhotoType.FLAT
    )
    sku = models.CharField(_("SKU"), max_length=64, blank=True)
    season = models.CharField(_("season"), max_length=20, blank=True)
    collections = models.ManyToManyField(
        Collection, blank=True, related_name="garments", verbose_name=_("collections")
    )

    objects = GarmentQuerySet.as_manager()  # type: ignore[misc]

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
        indexes = [
            # The library's menu of seasons, and the garments of one.
            models.Index(fields=["season", "-id"], name="garment_season"),
            # The library by name.
            models.Index(fields=["name", "id"], name="garment_name"),
            models.Index(fields=["updated_at"], name="garment_changed"),
        ]

    def stated_facts(self) -> dict[str, int]:
        """Whether it is worn, and whether its photo type was stated if the photo shows it worn."""
        said_worn = self.photo_type == self.PhotoType.WORN
        stated = {"worn": 1} if said_worn else {}
        if "worn" in self.facts:
            stated["type_stated"] = int(said_worn or not self.facts["worn"])
        return stated
