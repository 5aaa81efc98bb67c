"""Carries what is due to its endpoints: side by side, in fair turns, for a moment at a time."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from webhooks import endpoints, outbox, signing
from webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from webhooks.models.delivery import MOST_ATTEMPTS
from webhooks.post import Answer, post

# The dispatcher's lane has other work: give way to it this often.
RUN_S = 10.0
THREADS = 8


def deliver_due(run_s: float = RUN_S) -> None:
    """Send what is due for a moment, delete what is old, then ask for more behind the lane."""

    def run_once() -> bool:
        DeliveryWorker().run(run_s)
        outbox.prune(timezone.now())
        return not inline and outbox.is_left(timezone.now())

    inline = settings.Q_CLUSTER.get("sync", False)
    outbox.backlog.work(run_once, 0)


class DeliveryWorker:
    """Has one attempt at a time on its way to an endpoint: a slow one keeps only itself waiting.

    Threads do HTTP only; every database access happens in the caller's thread.
    """

    def __init__(self) -> None:
        self._sent: dict[Future[Answer], WebhookDelivery] = {}
        self._turns: Counter[int] = Counter()
        self._may: dict[int, bool] = {}

    def run(self, run_s: float) -> None:
        """Begin attempts for `run_s` seconds; what is on its way then is waited for."""
        ends = time.monotonic() + run_s
        with ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as pool:
            while True:
                if time.monotonic() < ends:
                    self._begin(pool)
                if not self._sent:
                    return
                self._collect()

    def _begin(self, pool: ThreadPoolExecutor) -> None:
        """Fill the threads: whoever had fewest turns comes first, and those that fail come last."""
        busy = {delivery.endpoint_id for delivery in self._sent.values()}
        if len(busy) == THREADS:
            return
        heads = WebhookDelivery.objects.next_per_endpoint(timezone.now()).exclude(endpoint__in=busy)
        for delivery in sorted(heads.select_related("message", "endpoint__owner"), key=self._order):
            if len(self._sent) == THREADS:
                return
            self._send(pool, delivery)

    def _order(self, delivery: WebhookDelivery) -> tuple[object, ...]:
        endpoint = delivery.endpoint
        failing = endpoint.failing_since is not None
        return self._turns[endpoint.pk], failing, delivery.due_at, delivery.pk

    def _send(self, pool: ThreadPoolExecutor, delivery: WebhookDelivery) -> None:
        now, endpoint, message = timezone.now(), delivery.endpoint, delivery.message
        if not self._is_entitled(endpoint):
            endpoint.disable(WebhookEndpoint.DisabledReason.NOT_ENTITLED, now)
            return
        if not delivery.take(now):
            return
        if delivery.attempts > MOST_ATTEMPTS:
            # Its last attempt has killed its worker.
            delivery.fail()
            return
        self._turns[endpoint.pk] += 1
        body = message.body()
        signed = signing.headers(message.pk, body, endpoint.secrets(now), now)
        call = pool.submit(post, endpoint.url, body.encode(), signed)
        self._sent[call] = delivery

    def _is_entitled(self, endpoint: WebhookEndpoint) -> bool:
        """Whether its owner still has the right to be told; asked once in a run."""
        if endpoint.owner_id not in self._may:
            self._may[endpoint.owner_id] = endpoints.is_entitled(endpoint.owner)
        return self._may[endpoint.owner_id]

    def _collect(self) -> None:
        for call in wait(self._sent, return_when=FIRST_COMPLETED).done:
            settle(self._sent.pop(call), call.result())


def settle(delivery: WebhookDelivery, answer: Answer) -> None:
    """Write what came of an attempt, unless its endpoint is gone or its claim was lost."""
    now = timezone.now()
    with transaction.atomic():
        # Held until the end, so that nobody deletes it while an attempt is written down.
        locked = WebhookEndpoint.objects.select_for_update().filter(pk=delivery.endpoint_id)
        endpoint = locked.first()
        if endpoint is None or not _moved(delivery, answer):
            return
        WebhookAttempt.objects.create(
            delivery=delivery,
            at=now,
            status=answer.status,
            code=answer.code,
            duration_ms=answer.duration_ms,
            body=answer.body,
        )
        _judge(endpoint, answer)


def _moved(delivery: WebhookDelivery, answer: Answer) -> bool:
    now = timezone.now()
    if answer.is_success:
        return delivery.mark_delivered(now)
    return delivery.fail() if answer.is_gone else delivery.retry_later(now)


def _judge(endpoint: WebhookEndpoint, answer: Answer) -> None:
    """What the answer says of the endpoint."""
    if answer.is_success:
        endpoint.note_success()
    elif answer.is_gone:
        endpoint.disable(WebhookEndpoint.DisabledReason.GONE, timezone.now())
    else:
        endpoint.note_failure(timezone.now())
