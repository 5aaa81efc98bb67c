"""The files of a published result: made, made anew and deleted by the worker that claims them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Self

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Claimable, ClaimableQuerySet
from jobs.models import Result

# For all files of one image, made or deleted, with room to spare.
CLAIM = timedelta(seconds=120)
EXTENSIONS = ("jpg", "webp")


def new_name() -> str:
    return secrets.token_hex(16)


class PublicImageQuerySet(ClaimableQuerySet):
    def ready(self) -> Self:
        """Those whose files are all there."""
        return self.filter(width__gt=0)

    def outdated(self, now: datetime, label: str) -> Self:
        """Those that carry other marks than they should, and that nobody has in hand."""
        return self.ready().unclaimed(now).exclude(label=label)

    def unwanted(self, now: datetime) -> Self:
        """Those whose result is not public any more, or gone, and that nobody has in hand."""
        kept = Result.objects.published().values("pk")
        return self.unclaimed(now).filter(Q(result=None) | ~Q(result__in=kept))


class PublicImage(Claimable):
    """The labelled renditions of a published result: all that the public can fetch of it.

    `name` is the folder of the files in the public storage and says nothing of the original; a
    folder's files never change. `widths` are those made, in pixels, ascending, and `width` is 0
    until they all are there; `label` tells which marks they carry. A row outlives its result until
    its files are deleted: nothing else knows where they are.
    """

    result = models.OneToOneField(
        "jobs.Result",
        models.SET_NULL,
        null=True,
        related_name="public",
        verbose_name=_("result"),
    )
    name = models.CharField(max_length=64, unique=True, editable=False, default=new_name)
    widths = models.JSONField(default=list, editable=False)
    width = models.PositiveIntegerField(editable=False, default=0)
    height = models.PositiveIntegerField(editable=False, default=0)
    label = models.CharField(max_length=40, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PublicImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("public image")
        verbose_name_plural = _("public images")

    def __str__(self) -> str:
        return self.name

    # --- for pages: only where `width` is not 0 ---

    @property
    def src(self) -> str:
        """The address for browsers that know no srcset: the JPEG nearest to 800 pixels."""
        return self.url(min(self.widths, key=lambda width: abs(width - 800)))

    @property
    def srcset(self) -> str:
        return self._srcset("jpg")

    @property
    def srcset_webp(self) -> str:
        """The same in fewer bytes, for `<source type="image/webp">`."""
        return self._srcset("webp")

    def url(self, width: int, extension: str = "jpg") -> str:
        return _storage().url(self.file(width, extension))

    def _srcset(self, extension: str) -> str:
        return ", ".join(f"{self.url(width, extension)} {width}w" for width in self.widths)

    # --- for whoever makes and deletes them ---

    def file(self, width: int, extension: str) -> str:
        return f"{self.name}/{width}.{extension}"

    def take_to_make(self, label: str, now: datetime) -> bool:
        """Claim it to make its files, which are not there yet; whether this worker has it."""
        # Too many attempts with one label say nothing of another.
        first = {} if label == self.label else {"attempts": 1}
        rows = PublicImage.objects.filter(width=0, label=self.label)
        return self.take_from(rows, now, CLAIM, label=label, **first)

    def take_to_remove(self, now: datetime, label: str) -> bool:
        """Claim it to delete its files, if nobody wants them, or with another `label`."""
        rows = PublicImage.objects.unwanted(now) | PublicImage.objects.exclude(label=label)
        return self.take_from(rows, now, CLAIM, widths=[], width=0, attempts=0)

    def made(self, sizes: list[tuple[int, int]]) -> bool:
        """All files are there, in these sizes, ascending; False where we were too slow."""
        width, height = sizes[-1]
        widths = [w for w, _h in sizes]
        return self.release(widths=widths, width=width, height=height, attempts=0)

    def write(self, width: int, extension: str, data: bytes) -> None:
        _storage().save(self.file(width, extension), ContentFile(data))


def delete_folder(name: str) -> None:
    """Delete all public files under this name. Deleting twice is harmless. Raises OSError."""
    storage = _storage()
    try:
        files = storage.listdir(name)[1]
    except FileNotFoundError:
        return
    for file in files:
        storage.delete(f"{name}/{file}")
    storage.delete(name)


def _storage() -> Storage:
    return storages["public"]
