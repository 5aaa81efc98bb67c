"""What the public sees: galleries of approved results."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import ChangeTracked, ChangeTrackedQuerySet

# A menu longer than this helps nobody.
MAX_OFFERED = 50


class GalleryQuerySet(ChangeTrackedQuerySet["Gallery"]):
    def visible_to(self, user: User) -> Self:
        """All for users who may view galleries; for others those that everybody sees now."""
        return self if user.has_perm("galleries.view_gallery") else self.public(timezone.now())

    def showing(self, now: datetime) -> Self:
        """Galleries that are shown now: begun and not ended."""
        begun = Q(shown_from__lte=now)
        return self.filter(begun, Q(shown_until=None) | Q(shown_until__gt=now))

    def public(self, now: datetime) -> Self:
        """Galleries that need no link."""
        return self.showing(now).filter(access=Gallery.Access.PUBLIC)

    def live(self, now: datetime) -> Self:
        """Galleries that are shown now, or will be: their images have to be there."""
        lasting = Q(shown_until=None) | Q(shown_until__gt=now)
        return self.filter(lasting, shown_from__isnull=False)

    def ended_unclosed(self, now: datetime) -> Self:
        """Galleries that have ended, and whose images have not been unpublished yet."""
        return self.filter(shown_until__lte=now, closed_at=None)

    def addable_by(self, user: User) -> list[Gallery]:
        """The newest galleries if the user may add results to them, else none."""
        may = user.has_perms(["galleries.change_gallery", "jobs.publish_result"])
        return list(self.only("name").order_by("-id")[:MAX_OFFERED]) if may else []


class Gallery(ChangeTracked):
    """An ordered choice of approved results. Shown from `shown_from` on, until `shown_until`."""

    class Access(models.TextChoices):
        PUBLIC = "public", _("Everybody")
        LINK = "link", _("Only by share link")

    class State(models.TextChoices):
        """Its state at a given time, by its schedule alone."""

        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        SHOWN = "shown", _("Shown")
        ENDED = "ended", _("Ended")

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
    # When its images were unpublished after its end.
    closed_at = models.DateTimeField(null=True, editable=False)
    # Counts the changes, so that of two editors the second does not overwrite the first.
    version = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

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

    def state(self, now: datetime) -> str:
        if self.shown_from is None:
            return self.State.DRAFT
        if self.shown_until and self.shown_until <= now:
            return self.State.ENDED
        return self.State.SHOWN if self.shown_from <= now else self.State.SCHEDULED

    @property
    def current_state(self) -> str:
        """Its state at this moment."""
        return self.state(timezone.now())

    def write_version(self, version: int | None, **values: Any) -> bool:
        """Write `values` as the next version; False where `version` is not the last any more.

        Until the transaction ends nobody else can change the gallery. None: whatever the version.
        """
        rows = Gallery.objects.filter(pk=self.pk)
        rows = rows if version is None else rows.filter(version=version)
        if not rows.update(version=F("version") + 1, **values):
            return False
        for name, value in values.items():
            setattr(self, name, value)
        return True
