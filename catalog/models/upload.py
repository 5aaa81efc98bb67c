"""Bytes that an app sends before it says what they are: to this site or straight to the bucket."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.photos.refusals import Refused

LIFE = timedelta(hours=1)
FOLDER = "upload"


class UploadQuerySet(models.QuerySet["Upload"]):
    def of(self, user: Any, now: datetime) -> Self:
        """Those of this user that can still be used."""
        return self.filter(owner=user, expires_at__gt=now)

    def over(self, now: datetime) -> Self:
        return self.filter(expires_at__lte=now)

    def discard(self) -> int:
        """Delete the files and then the rows; how many."""
        rows = list(self)
        for row in rows:
            default_storage.delete(row.file_name)
        return self.model.objects.filter(pk__in=[row.pk for row in rows]).delete()[0]


class Upload(models.Model):
    """`size` in bytes and, if it is given, `sha256` are what the app says; both are checked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def file_name(self) -> str:
        return f"{FOLDER}/{self.pk}"

    @property
    def is_received(self) -> bool:
        return default_storage.exists(self.file_name)

    def read(self) -> bytes:
        """What was sent. Raises Refused: nothing was, or something else than was announced."""
        try:
            with default_storage.open(self.file_name) as file:
                data: bytes = file.read(self.size + 1)
        except OSError as error:
            raise Refused("not_received", _("The photo has not been sent yet.")) from error
        if refusal := self.refusal(len(data), hashlib.sha256(data).hexdigest()):
            raise refusal
        return data

    def refusal(self, size: int, sha256: str) -> Refused | None:
        """Why bytes of this size and hash are not what was announced."""
        if size != self.size:
            text = _("{size} bytes were announced, others have arrived. Send it again.")
            return Refused("wrong_size", text, size=self.size)
        if self.sha256 and sha256 != self.sha256:
            text = _("What has arrived is not what was announced. Send it again.")
            return Refused("wrong_hash", text)
        return None
