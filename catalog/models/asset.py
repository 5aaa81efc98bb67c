"""What every photo in the library has: its files, its facts, its findings, its tags."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import connections, models, transaction
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.change_tracking import ChangeTracked, ChangeTrackedQuerySet
from catalog.models.claimable import MAX_ATTEMPTS, UNCLAIMED, Claimable, ClaimableQuerySet
from catalog.photos import facts as photo_facts
from catalog.photos import ingest
from catalog.preflight.findings import verdict
from catalog.storage import files

A = TypeVar("A", bound="Asset")

# Distance of two difference hashes up to which photos are shown as alike: a hint, never a rule.
ALIKE_BITS = 6
# Written where a photo is to be measured anew: who measures it at this moment does so in vain.
UNMEASURED: dict[str, Any] = {"facts_version": 0, "attempts": 0, **UNCLAIMED}


class Picture(models.Model):
    """An image with its display sizes. File names derive from the content's hash."""

    sha256 = models.CharField(_("SHA-256"), max_length=64, editable=False, db_index=True)
    original = models.FileField(_("original"), editable=False, max_length=200)
    large = models.FileField(_("large"), editable=False, max_length=200)
    thumb = models.FileField(_("thumbnail"), editable=False, max_length=200)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    # The average colour, #rrggbb: what an app shows until the picture is there.
    colour = models.CharField(max_length=7, blank=True, editable=False)

    class Meta:
        abstract = True

    # Every column that names a file.
    FILES: tuple[str, ...] = ("original", "large", "thumb")

    def discard_files(self) -> int:
        """Delete every file of this picture, also those that no column names; how many.

        Its folder is named by its content. Whoever calls this knows that no other row uses it.
        """
        folder = files.folder_of(self.original.name)
        if folder.endswith(self.sha256):
            return files.discard_folder(folder)
        names = {getattr(self, field).name for field in self.FILES} - {"", None}
        for name in names:
            self.original.storage.delete(name)
        return len(names)


class Tag(models.Model):
    """A word of the team's own, on persons and garments alike."""

    name = models.CharField(_("name"), max_length=40, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self) -> str:
        return self.name


class AssetQuerySet(ChangeTrackedQuerySet[A], ClaimableQuerySet[A]):  # type: ignore[override]
    # Who measures it is no change of it.
    untracked_fields = frozenset({"claim", "claimed_until", "attempts"})

    def team_owned(self) -> Self:
        """The library's. Only persons can be somebody else's."""
        return self

    def of_owner(self, owner: Any) -> Self:
        """The rows of a shopper; the team's where `owner` is None."""
        return self.team_owned() if owner is None else self.none()

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

    def unmeasured(self, now: datetime) -> Self:
        """Photos that somebody with an engine should look at, the newest first."""
        left = self.filter(facts_version__lt=photo_facts.VERSION, attempts__lt=MAX_ATTEMPTS)
        return left.unclaimed(now).order_by("-id")

    def unused(self) -> Self:
        """Assets that no job refers to: what nothing protects from being deleted."""
        return self.exclude(self._referred_to())

    def used(self) -> Self:
        """Assets that some job refers to."""
        return self.filter(self._referred_to())

    def _referred_to(self) -> models.Q:
        # A probe of an index for each row: joined, a million jobs would be read for one page.
        return functools.reduce(
            operator.or_, (models.Q(models.Exists(rows)) for rows in self._referring()), models.Q()
        )

    def _referring(self) -> Iterator[models.QuerySet]:
        """For each relation that protects an asset, the rows that refer to the outer one."""
        for relation in self._protecting():
            rows = relation.related_model._default_manager.order_by()
            yield rows.filter(**{relation.field.name: models.OuterRef("pk")})

    def in_the_way(self) -> Iterator[Any]:
        """For each relation that protects an asset, the team's rows that refer to one of these."""
        for relation in self._protecting():
            rows = relation.related_model._default_manager.team_owned()
            yield rows.filter(**{f"{relation.field.name}__in": self.order_by().values("pk")})

    def _protecting(self) -> Iterator[Any]:
        for relation in self.model._meta.related_objects:
            if relation.on_delete is models.PROTECT:
                yield relation

    def with_uses(self) -> Self:
        """With `uses`, the number of jobs that refer to each."""
        whole = models.IntegerField()
        count = models.Func(template="COUNT(*)", output_field=whole)
        counts = [
            Coalesce(models.Subquery(rows.annotate(n=count).values("n")), 0, output_field=whole)
            for rows in self._referring()
        ]
        nobody = models.Value(0)
        return self.annotate(uses=functools.reduce(operator.add, counts, nobody))

    def untagged(self) -> Self:
        tags = self._tagging()._default_manager.filter(**{self.folder(): models.OuterRef("pk")})
        return self.exclude(models.Exists(tags))

    def tag(self, tag: Tag) -> None:
        self._tagging().objects.bulk_create(self._tagged_with(tag), 1000, ignore_conflicts=True)

    def untag(self, tag: Tag) -> None:
        rows = self._tagging()._default_manager.filter(tag=tag)
        rows.filter(**{f"{self.folder()}__in": self.order_by().values("pk")}).delete()

    def _tagging(self) -> Any:
        return self.model.tags.through

    def _tagged_with(self, tag: Tag) -> list[Any]:
        key = f"{self.folder()}_id"
        pks = self.order_by().values_list("pk", flat=True)
        return [self._tagging()(**{key: pk}, tag_id=tag.pk) for pk in pks]

    def erase(self) -> None:
        """Delete the rows and then, once that is certain, their files that no other row uses.

        Raises ProtectedError where a job refers to one.
        """
        assets = list(self)
        self.delete()
        transaction.on_commit(lambda: self.discard_unused(assets))

    def discard_unused(self, assets: list[A]) -> None:
        """Delete the files of assets that have no row any more, but those that others use."""
        hashes = {asset.sha256 for asset in assets}
        rows = self.model._default_manager.filter(sha256__in=hashes)
        in_use = set(rows.values_list("sha256", flat=True))
        for asset in assets:
            if asset.sha256 not in in_use:
                asset.discard_files()

    def folder(self) -> str:
        """Where the files of these assets are kept."""
        return str(self.model._meta.model_name)


class Asset(ChangeTracked, Claimable, Picture):
    """A photo in the library. `wire` is what providers get: upright, sRGB, no metadata, JPEG.

    Who claims it measures it.
    """

    class Verdict(models.TextChoices):
        FINE = "fine", _("Fine everywhere")
        WARN = "warn", _("Accepted with warnings")
        REFUSE = "refuse", _("Refused somewhere")

    # Which of the image rules concern it.
    subject: ClassVar[str]

    name = models.CharField(_("name"), max_length=120)
    wire = models.FileField(_("wire rendition"), editable=False, max_length=200)
    wire_sha256 = models.CharField(_("SHA-256 as sent"), max_length=64, editable=False)
    wire_width = models.PositiveIntegerField(_("width as sent"), editable=False, default=0)
    wire_height = models.PositiveIntegerField(_("height as sent"), editable=False, default=0)
    dhash = models.BigIntegerField(_("difference hash"), editable=False, default=0)
    # What is known of the wire rendition; `facts_version` is 0 until an engine has looked at it.
    facts = models.JSONField(_("facts"), editable=False, default=dict)
    facts_version = models.PositiveSmallIntegerField(editable=False, default=0)
    verdict = models.CharField(
        _("findings"), max_length=8, choices=Verdict, editable=False, blank=True
    )
    tags = models.ManyToManyField(
        Tag, blank=True, related_name="%(class)ss", verbose_name=_("tags")
    )
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

    FILES = (*Picture.FILES, "wire")
    PHOTO_FIELDS = (
        *("sha256", "original", "wire", "wire_sha256"),
        *("large", "thumb", "width", "height", "colour", "dhash"),
        *("wire_width", "wire_height", "facts"),
    )

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse(str(self._meta.model_name), args=[self.pk])

    def set_photo(self, values: dict[str, Any]) -> None:
        """Take over what images.save() returned. A row has one photo for life: jobs refer to it."""
        for field in self.PHOTO_FIELDS:
            setattr(self, field, values[field])
        self.judge()

    def judge(self) -> None:
        """Set `verdict` by the rules of today; the caller saves it."""
        self.verdict = verdict(self)

    def stated_facts(self) -> dict[str, int]:
        """What its attributes say of the photo, under the names of the image rules."""
        return {}

    def measured(self, found: dict[str, Any]) -> bool:
        """Keep what its worker found; False where it was mended, or became another, meanwhile."""
        self.facts = found
        self.judge()
        changes = {"facts": found, "verdict": self.verdict, "facts_version": photo_facts.VERSION}
        return self.release(attempts=0, **changes)

    def rejudge(self) -> None:
        """Judge anew after a change of attributes, unless the photo was measured meanwhile."""
        fresh = type(self)._default_manager.get(pk=self.pk)
        fresh.judge()
        rows = type(self)._default_manager.filter(pk=self.pk, facts_version=fresh.facts_version)
        rows.filter(wire_sha256=fresh.wire_sha256).update(verdict=fresh.verdict)

    @property
    def wire_size(self) -> tuple[int, int]:
        return self.wire_width or self.width, self.wire_height or self.height

    def wire_names(self) -> list[str]:
        """The files of every wire rendition, also of those that mending left behind."""
        folder = files.folder_of(self.wire.name)
        if not folder.endswith(self.sha256):
            return [str(self.wire.name)] if self.wire else []
        return [name for name in files.names_in(folder) if "/wire" in name]

    def duplicates(self) -> AssetQuerySet[Self]:
        """The other assets made from exactly the same bytes."""
        return self._siblings().same_as(self.sha256)

    def lookalikes(self, limit: int = 6) -> list[Self]:
        """Other photos in the library that look much the same, the nearest first."""
        others = self._siblings().active().exclude(sha256=self.sha256).order_by()
        if connections[others.db].vendor == "postgresql":
            return list(self._nearest(others)[:limit])
        distances = {
            pk: ingest.hamming(self.dhash, dhash)
            for pk, dhash in others.values_list("pk", "dhash").iterator(10_000)
        }
        near = sorted(pk for pk, bits in distances.items() if bits <= ALIKE_BITS)
        nearest = sorted(near, key=distances.__getitem__)[:limit]
        found = self._siblings().in_bulk(nearest)
        return [found[pk] for pk in nearest]

    def _nearest(self, others: AssetQuerySet[Self]) -> Any:
        """The same, counted where the hashes are: an upload must not fetch the whole library's."""
        bits = models.Func(
            models.F("dhash"),
            models.Value(self.dhash, models.BigIntegerField()),
            template="BIT_COUNT((%(expressions)s)::bit(64))",
            arg_joiner=" # ",
            output_field=models.BigIntegerField(),
        )
        near = others.annotate(distance=bits).filter(distance__lte=ALIKE_BITS)
        return near.order_by("distance", "pk")

    def _siblings(self) -> AssetQuerySet[Self]:
        rows: AssetQuerySet[Self] = type(self)._default_manager.all()  # type: ignore[assignment]
        return rows.team_owned().exclude(pk=self.pk)
