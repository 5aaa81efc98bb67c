"""What was answered to a request that was sent under a key: sent again, it is answered again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

# A request that has not ended by then died with its process.
RUNNING = timedelta(seconds=90)
KEPT = timedelta(hours=72)


class KeyQuerySet(models.QuerySet["IdempotencyKey"]):
    def over(self, now: datetime) -> Self:
        return self.filter(created_at__lt=now - KEPT)

    def claim(self, user: Any, key: str, fingerprint: str, now: datetime) -> IdempotencyKey | None:
        """The row, if this request is the first with the key, or the one before has died."""
        values = {"fingerprint": fingerprint, "claimed_until": now + RUNNING}
        row, new = self.get_or_create(user=user, key=key, defaults=values)
        if new:
            return row
        dead = self.filter(pk=row.pk, status=0, fingerprint=fingerprint, claimed_until__lt=now)
        if not dead.update(claimed_until=now + RUNNING, claims=F("claims") + 1):
            return None
        row.refresh_from_db()
        return row


class IdempotencyKey(models.Model):
    """Committed before the work begins; its answer is committed together with the work."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    # Of method, path and body: another request under the same key is a mistake of its sender.
    fingerprint = models.CharField(max_length=64)
    # Who takes over from a request that died makes its writes void.
    claims = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField()
    # 0: it has not been answered yet.
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = KeyQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once"),
            models.CheckConstraint(
                condition=Q(status=0) | Q(status__range=(200, 299)), name="idempotency_kept_success"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def answer(self, status: int, headers: dict[str, str], body: str) -> bool:
        """Keep the answer, in the transaction of its work; False where another took over."""
        mine = IdempotencyKey.objects.filter(pk=self.pk, status=0, claims=self.claims)
        return bool(mine.update(status=status, headers=headers, body=body))

    def release(self) -> None:
        """Nothing came of it: the same key may be tried again."""
        IdempotencyKey.objects.filter(pk=self.pk, status=0, claims=self.claims).delete()
