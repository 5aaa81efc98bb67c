"""Writing events to be sent, in the transaction that causes them; and deleting old ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from catalog.lanes import DEFAULT, Backlog
from webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookMessage
from webhooks.models.message import KEPT

Payload = dict[str, Any]
# So many messages are deleted at a time, with all their attempts.
MAX_PRUNED = 200


def emit(kind: str, payload: Payload) -> None:
    """Write an event for all endpoints that want this type, in the transaction that causes it."""
    emit_all(kind, lambda: [payload])


def emit_all(kind: str, payloads: Callable[[], Iterable[Payload]]) -> None:
    """Write several events; `payloads` is called only where an endpoint wants them."""
    if endpoint_ids := WebhookEndpoint.objects.subscribed_ids(kind):
        _write(kind, payloads(), endpoint_ids)


def send_test(endpoint: WebhookEndpoint) -> WebhookDelivery | None:
    """Write a test event for this endpoint; None where it is disabled."""
    with transaction.atomic():
        if not WebhookEndpoint.objects.enabled().filter(pk=endpoint.pk).exists():
            return None
        payload = {"endpoint_id": endpoint.pk}
        return _write(WebhookMessage.Type.TEST, [payload], [endpoint.pk])[0]


def redeliver(delivery: WebhookDelivery) -> bool:
    """Send it again with all retries; False while it is being sent, or the endpoint is disabled."""
    with transaction.atomic():
        done = delivery.redeliver(timezone.now())
        if done:
            transaction.on_commit(backlog.wake)
    return done


def _write(
    kind: str, payloads: Iterable[Payload], endpoint_ids: Sequence[int]
) -> list[WebhookDelivery]:
    now = timezone.now()
    messages = [WebhookMessage(type=kind, payload=each, created_at=now) for each in payloads]
    WebhookMessage.objects.bulk_create(messages)
    made = WebhookDelivery.objects.bulk_create(
        WebhookDelivery(message=message, endpoint_id=pk, due_at=now, created_at=now)
        for message in messages
        for pk in endpoint_ids
    )
    if made:
        transaction.on_commit(backlog.wake)
    return made


def is_left(now: datetime) -> bool:
    due = WebhookDelivery.objects.due(now)
    return due.exists() or _stale(now).exists()


def in_hand(now: datetime) -> bool:
    return WebhookDelivery.objects.in_hand(now).exists()


backlog = Backlog("webhooks.tasks.deliver", is_left, in_hand, lane=DEFAULT)


def prune(now: datetime) -> int:
    """Delete some messages that are too old to be asked for; how many that were."""
    ids = list(_stale(now).values_list("pk", flat=True)[:MAX_PRUNED])
    WebhookMessage.objects.filter(pk__in=ids).delete()
    return len(ids)


def _stale(now: datetime) -> QuerySet[WebhookMessage]:
    """What nobody asks for any more, apart from what is on its way at this moment."""
    on_its_way = WebhookDelivery.objects.in_hand(now).filter(message=OuterRef("pk"))
    return WebhookMessage.objects.filter(~Exists(on_its_way), created_at__lt=now - KEPT)
