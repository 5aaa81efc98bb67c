"""One message on its way to one endpoint: claimed, attempted, tried again."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Claimable, ClaimableQuerySet
from catalog.models.claimable import UNCLAIMED
from webhooks.models.endpoint import WebhookEndpoint
from webhooks.models.message import WebhookMessage

# An attempt is over long before: a claim this old is that of a worker that died.
CLAIM = timedelta(seconds=90)
# How long to wait after each failed attempt, as Standard Webhooks suggests; then it has failed.
RETRY_AFTER = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
MOST_ATTEMPTS = len(RETRY_AFTER) + 1
# So much later at most, by chance: what failed together does not come back together.
JITTER = 0.2


class WebhookDeliveryQuerySet(ClaimableQuerySet):
    def waiting(self) -> Self:
        return self.filter(state=WebhookDelivery.State.WAITING)

    def in_hand(self, now: datetime) -> Self:
        return self.waiting().claimed(now)

    def due(self, now: datetime) -> Self:
        enabled = WebhookEndpoint.objects.enabled().values("pk")
        return self.waiting().unclaimed(now).filter(due_at__lte=now, endpoint__in=enabled)

    def next_per_endpoint(self, now: datetime) -> Self:
        """What is due first at each endpoint."""
        mine = self.waiting().unclaimed(now).filter(endpoint=OuterRef("pk"), due_at__lte=now)
        first = Subquery(mine.order_by("due_at", "pk").values("pk")[:1])
        endpoints = WebhookEndpoint.objects.enabled().annotate(head=first).exclude(head=None)
        return self.filter(pk__in=endpoints.order_by().values("head"))

    def give_up(self) -> int:
        return self.update(state=WebhookDelivery.State.FAILED, **UNCLAIMED)


class WebhookDelivery(Claimable):
    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    # Without an index: the constraint below has one that begins with it.
    message = models.ForeignKey(
        WebhookMessage,
        models.CASCADE,
        db_index=False,
        related_name="deliveries",
        verbose_name=_("message"),
    )
    # Without a constraint: an endpoint that is deleted at this moment must not undo a job's end.
    endpoint = models.ForeignKey(
        WebhookEndpoint,
        models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="deliveries",
        verbose_name=_("endpoint"),
    )
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.UniqueConstraint(fields=["message", "endpoint"], name="webhook_once_each"),
            models.CheckConstraint(
                condition=Q(state="delivered", delivered_at__isnull=False)
                | Q(state__in=["waiting", "failed"], delivered_at=None),
                name="webhook_delivered_at_known",
            ),
        ]
        indexes = [
            # The worker's question: what is due first at each endpoint.
            models.Index(
                fields=["endpoint", "due_at", "id"],
                condition=Q(state="waiting"),
                name="webhook_waiting",
            ),
            # An endpoint's log, newest first.
            models.Index(fields=["endpoint", "-id"], name="webhook_log"),
            models.Index(
                fields=["claimed_until"],
                condition=Q(state="waiting", claimed_until__isnull=False),
                name="webhook_in_hand",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} → {self.endpoint_id}"

    def take(self, now: datetime) -> bool:
        """Claim the next attempt; whether this worker has it."""
        return self.take_from(WebhookDelivery.objects.due(now), now, CLAIM)

    def mark_delivered(self, now: datetime) -> bool:
        return self.release(state=self.State.DELIVERED, delivered_at=now)

    def fail(self) -> bool:
        return self.release(state=self.State.FAILED)

    def retry_later(self, now: datetime) -> bool:
        """Wait for the next attempt, or give up after the last one."""
        if self.attempts >= MOST_ATTEMPTS:
            return self.fail()
        pause = RETRY_AFTER[self.attempts - 1] * (1 + random.random() * JITTER)
        return self.release(due_at=now + pause)

    def redeliver(self, now: datetime) -> bool:
        """Send it anew, at once and under the same id; False where that cannot be.

        It cannot while a worker has it in hand, nor to an endpoint that is disabled.
        """
        enabled = WebhookEndpoint.objects.enabled().values("pk")
        rows = WebhookDelivery.objects.unclaimed(now).filter(pk=self.pk, endpoint__in=enabled)
        values = {"state": self.State.WAITING, "attempts": 0, "due_at": now, "delivered_at": None}
        return bool(rows.update(**UNCLAIMED, **values))


class WebhookAttempt(models.Model):
    """What one attempt brought: an HTTP status, or the code of what went wrong before it."""

    delivery = models.ForeignKey(
        WebhookDelivery, models.CASCADE, related_name="log", verbose_name=_("delivery")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    code = models.CharField(_("error code"), max_length=20, blank=True)
    duration_ms = models.PositiveIntegerField(_("milliseconds"), default=0)
    # The beginning of the answer; never a header.
    body = models.CharField(_("answer"), max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("webhook attempt")
        verbose_name_plural = _("webhook attempts")

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.status or self.code}"
