"""The outbox: events to be sent, written in the transaction that causes them."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KEPT = timedelta(days=30)


def new_id() -> str:
    return f"msg_{secrets.token_hex(16)}"


class WebhookMessage(models.Model):
    """One event as all receivers get it: ids and states only; details are read through the API."""

    class Type(models.TextChoices):
        JOB_COMPLETED = "job.completed", _("A try-on has ended")
        BATCH_COMPLETED = "batch.completed", _("All try-ons of a batch have ended")
        REVIEW_DECIDED = "review.decided", _("A result was approved, rejected or reopened")
        RESULT_PUBLISHED = "result.published", _("A result was published")
        RESULT_UNPUBLISHED = "result.unpublished", _("A result was taken down")
        GALLERY_PUBLISHED = "gallery.published", _("A gallery is shown or scheduled")
        GALLERY_UNPUBLISHED = "gallery.unpublished", _("A gallery is shown no more")
        TEST = "webhook.test", _("Test")

    # The same in every attempt: by it a receiver recognises repetitions.
    id = models.CharField(primary_key=True, max_length=40, default=new_id, editable=False)
    type = models.CharField(_("type"), max_length=40, choices=Type)
    payload = models.JSONField(_("payload"), default=dict)
    created_at = models.DateTimeField(_("created"), default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")

    def __str__(self) -> str:
        return f"{self.type} {self.id}"

    def body(self) -> str:
        """Return what is sent and signed: `type`, `timestamp` and `data`, as JSON in ASCII."""
        at = self.created_at.astimezone(UTC).isoformat(timespec="milliseconds")
        event = {"type": self.type, "timestamp": at.replace("+00:00", "Z"), "data": self.payload}
        return json.dumps(event, separators=(",", ":"))
