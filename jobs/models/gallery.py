"""What the public sees: galleries of approved results, and the links to them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class GalleryQuerySet(models.QuerySet):
    def showing(self, now: datetime) -> Self:
        """Galleries that are shown now: published, and not yet taken down."""
        begun = Q(shown_from__lte=now)
        return self.filter(begun, Q(shown_until=None) | Q(shown_until__gt=now))

    def public(self, now: datetime) -> Self:
        """Galleries that need no link."""
        return self.showing(now).filter(access=Gallery.Access.PUBLIC)


class Gallery(models.Model):
    """An ordered choice of approved results. Shown from `shown_from` on, until `shown_until`."""

    class Access(models.TextChoices):
        PUBLIC = "public", _("Everybody")
        LINK = "link", _("Only by share link")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("address"), max_length=80, unique=True)
    text = models.TextField(_("text"), max_length=2000, blank=True)
    access = models.CharField(_("access"), max_length=8, choices=Access, default=Access.PUBLIC)
    cover = models.ForeignKey(
        "jobs.Result",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cover"),
    )
    results = models.ManyToManyField(
        "jobs.Result", through="GalleryItem", related_name="galleries", verbose_name=_("results")
    )
    shown_from = models.DateTimeField(_("shown from"), null=True, blank=True)
    shown_until = models.DateTimeField(_("shown until"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = GalleryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("gallery")
        verbose_name_plural = _("galleries")
        constraints = [
            models.CheckConstraint(
                condition=Q(shown_until=None) | Q(shown_from__lt=F("shown_until")),
                name="gallery_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("gallery-edit", args=[self.pk])


class GalleryItem(models.Model):
    """A result's place in a gallery: the lower the position, the earlier it is shown."""

    gallery = models.ForeignKey(
        Gallery, models.CASCADE, related_name="items", verbose_name=_("gallery")
    )
    result = models.ForeignKey(
        "jobs.Result", models.CASCADE, related_name="places", verbose_name=_("result")
    )
    position = models.PositiveIntegerField(_("position"))

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


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def open(self, now: datetime) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=now)

    def for_token(self, token: str, now: datetime) -> ShareLink | None:
        """The link that a visitor holds, while it is good."""
        return self.open(now).filter(token_hash=ShareLink.hash_of(token)).first()


class ShareLink(models.Model):
    """Lets whoever holds it see one gallery until it expires or is revoked.

    Only a hash of the token is kept: the address is shown once, when it is made.
    """

    gallery = models.ForeignKey(
        Gallery, models.CASCADE, related_name="links", verbose_name=_("gallery")
    )
    label = models.CharField(_("for whom"), max_length=80, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(_("expires"))
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
        """A new link and its token, which nobody can ask for again."""
        token = secrets.token_urlsafe(24)
        return cls.objects.create(gallery=gallery, token_hash=cls.hash_of(token), **values), token

    def revoke(self, now: datetime) -> bool:
        rows = ShareLink.objects.filter(pk=self.pk, revoked_at=None)
        return bool(rows.update(revoked_at=now))
