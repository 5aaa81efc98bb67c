"""Notifications in the portal: a batch can be reviewed, a batch has been reviewed."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class NotificationQuerySet(models.QuerySet):
    def unread(self) -> Self:
        return self.filter(read_at=None)

    def mark_read(self, now: datetime) -> int:
        return self.unread().update(read_at=now)


class Notification(models.Model):
    class Kind(models.TextChoices):
        READY = "ready", _("Ready for review")
        REVIEWED = "reviewed", _("Reviewed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="notifications",
        verbose_name=_("user"),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    batch = models.ForeignKey(
        "jobs.Batch", models.CASCADE, related_name="notifications", verbose_name=_("batch")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "batch"], name="notified_once")
        ]
        indexes = [
            models.Index(fields=["user", "-id"], condition=Q(read_at=None), name="unread_of_user")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.batch}"
