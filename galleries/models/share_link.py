"""Links that show one gallery to visitors who have them, until they expire."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from galleries.models.gallery import Gallery

# A visitor who looks at fifty pictures is one row written, not fifty.
USE_NOTED_EVERY_S = 60


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def open(self, now: datetime) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=now)

    def for_token(self, token: str, now: datetime) -> ShareLink | None:
        """The open link with this token, if any."""
        links = self.open(now).select_related("gallery__cover")
        return links.filter(token_hash=ShareLink.hash_of(token)).first()


class ShareLink(models.Model):
    """Shows one gallery to visitors who have it, until it expires or is revoked.

    Only a hash of the token is kept: the address is shown once, when it is made.
    """

    gallery = models.ForeignKey(
        Gallery, models.CASCADE, related_name="links", verbose_name=_("gallery")
    )
    label = models.CharField(_("for whom"), max_length=80, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    may_download = models.BooleanField(_("may download the pictures"), default=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("share link")
        verbose_name_plural = _("share links")

    def __str__(self) -> str:
        return self.label or f"{self.gallery} {self.pk}"

    @staticmethod
    def hash_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def make(cls, gallery: Gallery, **values: Any) -> tuple[ShareLink, str]:
        """Make a link; return it and its token, which is not stored."""
        token = secrets.token_urlsafe(24)
        return cls.objects.create(gallery=gallery, token_hash=cls.hash_of(token), **values), token

    def revoke(self, now: datetime) -> bool:
        rows = ShareLink.objects.filter(pk=self.pk, revoked_at=None)
        return bool(rows.update(revoked_at=now))

    def is_open(self, now: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > now

    def note_use(self, now: datetime) -> bool:
        """Remember that it was used, at most once a minute; whether this call wrote it."""
        is_due = Q(last_used_at=None) | Q(
            last_used_at__lt=now - timedelta(seconds=USE_NOTED_EVERY_S)
        )
        return bool(ShareLink.objects.filter(is_due, pk=self.pk).update(last_used_at=now))
