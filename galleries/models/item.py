"""The order of a gallery: places without gaps, so that the last one is also how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from django.db import connection, models
from django.db.models import Case, F, Max, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from galleries.models.gallery import Gallery
from jobs.models.job import TryOnJob
from jobs.models.result import Result

# Gaps are closed in one statement: a row each would be ten thousand.
RENUMBER = """
UPDATE galleries_galleryitem SET position = placed.place
FROM (
    SELECT id AS item, row_number() OVER (ORDER BY position, id) AS place
    FROM galleries_galleryitem WHERE gallery_id = %s
) AS placed
WHERE galleries_galleryitem.id = placed.item AND galleries_galleryitem.position <> placed.place
"""
# Only what a picture's title needs; findings and facts would be most of what a page loads.
GARMENT_PATHS = [f"result__job__{slot}" for slot in ("top", "bottom", "dress")]


class GalleryItemQuerySet(models.QuerySet["GalleryItem"]):
    def showable(self) -> Self:
        """What the public may see today and whose files are there."""
        published = Result.objects.published().values("pk")
        return self.filter(result__in=published, result__public__width__gt=0)

    def with_looks(self) -> Self:
        """With all that a public page shows of a picture, and nothing of the person."""
        named = [f"{slot}__{field}" for slot in GARMENT_PATHS for field in ("name", "sku")]
        public = [f"result__public__{field}" for field in ("name", "widths", "width", "height")]
        shown = ["gallery", "position", "result__published_at", "result__job", *public, *named]
        return self.select_related("result__public", *GARMENT_PATHS).only(*shown)

    def for_staff(self) -> Self:
        return self.select_related("result__public", "result__job__person", *GARMENT_PATHS)

    def last_place(self) -> int:
        return self.aggregate(last=Max("position"))["last"] or 0


class GalleryItem(models.Model):
    """A result's place in a gallery: the lower the position, the earlier it is shown."""

    gallery = models.ForeignKey(
        Gallery, models.CASCADE, related_name="items", verbose_name=_("gallery")
    )
    result = models.ForeignKey(
        "jobs.Result", models.CASCADE, related_name="places", verbose_name=_("result")
    )
    position = models.PositiveIntegerField(_("position"))

    objects = GalleryItemQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("gallery item")
        verbose_name_plural = _("gallery items")
        constraints = [
            models.UniqueConstraint(fields=["gallery", "result"], name="gallery_item_once")
        ]
        indexes = [models.Index(fields=["gallery", "position", "id"], name="gallery_order")]

    def __str__(self) -> str:
        return f"{self.gallery} {self.position}"

    def title(self) -> str:
        """The garments' names, in one line."""
        separator = pgettext("list", ", ")
        return separator.join(str(garment) for garment in self.result.job.garments().values())

    def skus(self) -> str:
        garments = self.result.job.garments().values()
        return " · ".join(garment.sku for garment in garments if garment.sku)

    def jobs_of_same_outfit(self) -> models.QuerySet:
        """The ids of all jobs with this outfit, on any person."""
        job = self.result.job
        return TryOnJob.objects.filter(
            top=job.top_id, bottom=job.bottom_id, dress=job.dress_id
        ).values("pk")

    # --- within a transaction that has written the gallery's version ---

    def move_to(self, place: int) -> None:
        """Move to this place and shift the items between, in one statement."""
        self.refresh_from_db(fields=["position"])
        items, here = GalleryItem.objects.filter(gallery=self.gallery_id), self.position
        place = max(1, min(place, items.last_place()))
        step = 1 if place < here else -1
        first, last = min(here, place), max(here, place)
        moved = Case(When(pk=self.pk, then=Value(place)), default=F("position") + step)
        items.filter(position__range=(first, last)).update(position=moved)
        self.position = place


def assign_positions(gallery: Gallery, ids: Sequence[int]) -> bool:
    """Give these items the places that they hold together, in this order.

    False where one of them is not in the gallery any more.
    """
    items = GalleryItem.objects.filter(gallery=gallery, pk__in=ids)
    places = sorted(items.values_list("position", flat=True))
    if len(places) != len(ids) or not ids:
        return False
    cases = [When(pk=pk, then=Value(place)) for pk, place in zip(ids, places, strict=True)]
    order = Case(*cases, default=F("position"), output_field=models.PositiveIntegerField())
    items.update(position=order)
    return True


def renumber(gallery: Gallery) -> None:
    """Close gaps in the positions."""
    with connection.cursor() as cursor:
        cursor.execute(RENUMBER, [gallery.pk])
