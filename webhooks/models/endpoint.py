"""Addresses that receive webhooks, and the secrets that sign them."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

SECRET_BYTES = 32
# After a rotation the old secret signs as well for so long, until receivers have the new one.
OLD_SECRET_SIGNS_FOR = timedelta(hours=24)
# An endpoint that has failed for so long is disabled.
DISABLED_AFTER = timedelta(days=5)


def new_secret() -> str:
    """Make a secret in the format of Standard Webhooks."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


class WebhookEndpointQuerySet(models.QuerySet):
    def enabled(self) -> Self:
        return self.filter(disabled_at=None, owner__is_active=True)

    def of(self, user: User) -> Self:
        return self.filter(owner=user)

    def subscribed_ids(self, kind: str) -> list[int]:
        """The ids of those that receive events of this type; one query."""
        rows = self.enabled().order_by("pk").values_list("pk", "events")
        return [pk for pk, events in rows if not events or kind in events]


class WebhookEndpoint(models.Model):
    """An address that receives signed events. `events` are the types it wants; none means all."""

    class DisabledReason(models.TextChoices):
        GONE = "gone", _("Answered that it is gone")
        FAILING = "failing", _("Failed for days")
        MANUAL = "hand", _("By hand")
        NOT_ENTITLED = "right", _("Its owner may not have it any more")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="webhook_endpoints",
        verbose_name=_("owner"),
    )
    url = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=200, blank=True)
    events = models.JSONField(_("events"), default=list, blank=True)
    secret = models.CharField(max_length=80, default=new_secret, editable=False)
    previous_secret = models.CharField(max_length=80, blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, editable=False)
    disabled_at = models.DateTimeField(_("disabled"), null=True, editable=False)
    disabled_why = models.CharField(
        _("why disabled"), max_length=8, choices=DisabledReason, blank=True, editable=False
    )
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        constraints = [
            models.CheckConstraint(
                condition=Q(disabled_at=None, disabled_why="")
                | Q(disabled_at__isnull=False) & ~Q(disabled_why=""),
                name="webhook_disabled_says_why",
            )
        ]
        # Queried at every event, and few of all rows are enabled.
        indexes = [
            models.Index(fields=["id"], condition=Q(disabled_at=None), name="webhook_enabled")
        ]

    def __str__(self) -> str:
        return self.address_without_query()

    def address_without_query(self) -> str:
        """The address without its query, which may hold a secret of the receiver."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None

    def secrets(self, now: datetime) -> list[str]:
        """All secrets that sign at this moment, the newest first."""
        old = self.previous_until and self.previous_until > now
        return [self.secret, self.previous_secret] if old else [self.secret]

    def rotate(self, now: datetime) -> bool:
        """Make a new secret; the old one signs as well for a day. False: somebody just did."""
        values = {"secret": new_secret(), "previous_secret": self.secret}
        return self._update_where(
            {"secret": self.secret}, **values, previous_until=now + OLD_SECRET_SIGNS_FOR
        )

    def enable(self) -> bool:
        """Send it events again from now on; whether this call enabled it."""
        values = {"disabled_at": None, "disabled_why": "", "failing_since": None}
        return self._update_where({"disabled_at__isnull": False}, **values)

    def disable(self, why: str, now: datetime) -> bool:
        """Send it nothing more, and give up its deliveries; whether this call disabled it."""
        with transaction.atomic():
            done = self._update_where({"disabled_at": None}, disabled_at=now, disabled_why=why)
            if done:
                self.deliveries.waiting().unclaimed(now).give_up()
        return done

    def note_success(self) -> None:
        self._update_where({"failing_since__isnull": False}, failing_since=None)

    def note_failure(self, now: datetime) -> None:
        """Note since when it has been failing; disable it after DISABLED_AFTER."""
        if not self._update_where({"failing_since": None}, failing_since=now):
            failing = WebhookEndpoint.objects.filter(
                pk=self.pk, failing_since__lte=now - DISABLED_AFTER
            )
            if failing.exists():
                self.disable(self.DisabledReason.FAILING, now)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Lock the row first: a worker that stores an attempt holds it."""
        with transaction.atomic():
            list(WebhookEndpoint.objects.select_for_update().filter(pk=self.pk))
            return super().delete(*args, **kwargs)

    def _update_where(self, where: dict[str, Any], **values: Any) -> bool:
        if not WebhookEndpoint.objects.filter(pk=self.pk, **where).update(**values):
            return False
        for name, value in values.items():
            setattr(self, name, value)
        return True
