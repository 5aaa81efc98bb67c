"""The files of a published result: made, made anew and deleted by whoever claims them."""

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

from jobs.models import Result

# An image that costs this many workers their life is not tried again, until its label changes.
MAX_TRIES = 3
MAKING_S = 120
EXTENSIONS = ("jpg", "webp")


def new_name() -> str:
    return secrets.token_hex(16)


class PublicImageQuerySet(models.QuerySet):
    def ready(self) -> Self:
        """Those whose files are all there."""
        return self.filter(width__gt=0)

    def in_hand(self, now: datetime) -> Self:
        """Those that somebody is making or deleting at this moment."""
        return self.filter(width=0, due_at__gt=now)

    def outdated(self, now: datetime, label: str) -> Self:
        """Those that carry other marks than they should, and that nobody has in hand."""
        return self.ready().filter(due_at__lte=now).exclude(label=label)

    def unwanted(self, now: datetime) -> Self:
        """Those whose result is not public any more, or gone, and that nobody has in hand."""
        kept = Result.objects.published().values("pk")
        return self.filter(due_at__lte=now).filter(Q(result=None) | ~Q(result__in=kept))


class PublicImage(models.Model):
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
    # Not to be touched before: somebody is at work. Attempts are counted before they are made.
    due_at = models.DateTimeField(editable=False, default=timezone.now)
    tries = models.PositiveSmallIntegerField(editable=False, default=0)
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

    def claim(self, label: str, now: datetime) -> bool:
        """Take it in hand to make its files, which are not there yet; whether we have it."""
        mine = self._at_rest(now).filter(tries=self.tries, width=0)
        tries = self.tries + 1 if label == self.label else 1
        changes = {"label": label, "tries": tries, "due_at": now + timedelta(seconds=MAKING_S)}
        if not mine.update(**changes):
            return False
        for field, value in changes.items():
            setattr(self, field, value)
        return True

    def claim_removal(self, now: datetime, label: str) -> bool:
        """Take it in hand to delete its files, if nobody wants them, or with another `label`."""
        mine = self._at_rest(now)
        mine = mine.unwanted(now) | mine.exclude(label=label)
        until = now + timedelta(seconds=MAKING_S)
        return bool(mine.update(due_at=until, widths=[], width=0))

    def made(self, sizes: list[tuple[int, int]]) -> bool:
        """All files are there, in these sizes, ascending; False where we were too slow."""
        mine = PublicImage.objects.filter(pk=self.pk, name=self.name, due_at=self.due_at)
        width, height = sizes[-1]
        changes = {"widths": [w for w, _h in sizes], "width": width, "height": height}
        return bool(mine.update(**changes, tries=0, due_at=timezone.now()))

    def _at_rest(self, now: datetime) -> PublicImageQuerySet:
        """This row, as it was read, and while nobody has it in hand."""
        return PublicImage.objects.filter(pk=self.pk, due_at=self.due_at, due_at__lte=now)

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
