"""Domain events as webhooks: ids and states, of the team's rows only.

Called within the transaction of the transition. Rows are read only where an endpoint wants them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any

from galleries.models import Gallery
from jobs.models import Batch, Result, TryOnJob
from webhooks.models import WebhookMessage
from webhooks.outbox import Payload, emit, emit_all

Type = WebhookMessage.Type


def is_team_owned(row: Any) -> bool:
    """Whether it is the team's: what a shopper owns is private."""
    return getattr(row, "owner_id", None) is None


def on_job_ended(job_ids: Iterable[int], batch_ids: Iterable[int]) -> None:
    emit_all(Type.JOB_COMPLETED, partial(_payloads, TryOnJob, list(job_ids), _job_payload))


def on_batch_ready(batch_id: int, has_pending: bool) -> None:
    emit_all(Type.BATCH_COMPLETED, partial(_payloads, Batch, [batch_id], _batch_payload))


def on_result_decided(result_ids: Iterable[int], batch_ids: Iterable[int], verdict: str) -> None:
    """Also when a decision is undone: then the review is pending."""
    emit_all(Type.REVIEW_DECIDED, partial(_payloads, Result, list(result_ids), _review_payload))


def on_result_published(result_ids: Iterable[int]) -> None:
    payload = partial(_publication_payload, published=True)
    emit_all(Type.RESULT_PUBLISHED, partial(_payloads, Result, list(result_ids), payload))


def on_result_unpublished(result_ids: Iterable[int]) -> None:
    payload = partial(_publication_payload, published=False)
    emit_all(Type.RESULT_UNPUBLISHED, partial(_payloads, Result, list(result_ids), payload))


def on_gallery_shown(gallery: Gallery, state: str) -> None:
    emit(Type.GALLERY_PUBLISHED, _gallery_payload(gallery, state))


def on_gallery_hidden(gallery: Gallery, state: str) -> None:
    emit(Type.GALLERY_UNPUBLISHED, _gallery_payload(gallery, state))


def _payloads(model: Any, ids: list[int], payload: Callable[[Any], Payload]) -> list[Payload]:
    rows = model._base_manager.filter(pk__in=ids).order_by("pk")
    return [payload(row) for row in rows if is_team_owned(row)]


def _job_payload(job: TryOnJob) -> Payload:
    ids = {"job_id": job.pk, "batch_id": job.batch_id}
    return {**ids, "state": job.state, "finished_at": _timestamp(job.finished_at)}


def _batch_payload(batch: Batch) -> Payload:
    return {"batch_id": batch.pk, "ready_at": _timestamp(batch.ready_at)}


def _review_payload(result: Result) -> Payload:
    return {"result_id": result.pk, "job_id": result.job_id, "review": result.review}


def _publication_payload(result: Result, *, published: bool) -> Payload:
    at = _timestamp(result.published_at) if published else None
    return {"result_id": result.pk, "job_id": result.job_id, "published_at": at}


def _gallery_payload(gallery: Gallery, state: str) -> Payload:
    return {
        "gallery_id": gallery.pk,
        "state": state,
        "shown_from": _timestamp(gallery.shown_from),
        "shown_until": _timestamp(gallery.shown_until),
    }


def _timestamp(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
