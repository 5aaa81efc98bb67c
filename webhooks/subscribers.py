"""What is told of which rows: ids and states, and of the house's own rows alone.

Called within the transaction of the move. Rows are read back only where somebody listens.
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


def is_house(row: Any) -> bool:
    """Whether it is the house's: what a shopper owns is nobody else's business."""
    return getattr(row, "owner_id", None) is None


def on_job_ended(job_ids: Iterable[int], batch_ids: Iterable[int]) -> None:
    emit_all(Type.JOB_COMPLETED, partial(_payloads, TryOnJob, list(job_ids), _job))


def on_batch_ready(batch_id: int, has_pending: bool) -> None:
    emit_all(Type.BATCH_COMPLETED, partial(_payloads, Batch, [batch_id], _batch))


def on_result_decided(result_ids: Iterable[int], batch_ids: Iterable[int], verdict: str) -> None:
    """Also of what was undone: then its review is pending."""
    emit_all(Type.REVIEW_DECIDED, partial(_payloads, Result, list(result_ids), _review))


def on_result_published(result_ids: Iterable[int]) -> None:
    payload = partial(_publication, published=True)
    emit_all(Type.RESULT_PUBLISHED, partial(_payloads, Result, list(result_ids), payload))


def on_result_unpublished(result_ids: Iterable[int]) -> None:
    payload = partial(_publication, published=False)
    emit_all(Type.RESULT_UNPUBLISHED, partial(_payloads, Result, list(result_ids), payload))


def on_gallery_shown(gallery: Gallery, state: str) -> None:
    emit(Type.GALLERY_PUBLISHED, _gallery(gallery, state))


def on_gallery_hidden(gallery: Gallery, state: str) -> None:
    emit(Type.GALLERY_UNPUBLISHED, _gallery(gallery, state))


def _payloads(model: Any, ids: list[int], payload: Callable[[Any], Payload]) -> list[Payload]:
    rows = model._base_manager.filter(pk__in=ids).order_by("pk")
    return [payload(row) for row in rows if is_house(row)]


def _job(job: TryOnJob) -> Payload:
    ids = {"job_id": job.pk, "batch_id": job.batch_id}
    return {**ids, "state": job.state, "finished_at": _clock(job.finished_at)}


def _batch(batch: Batch) -> Payload:
    return {"batch_id": batch.pk, "ready_at": _clock(batch.ready_at)}


def _review(result: Result) -> Payload:
    return {"result_id": result.pk, "job_id": result.job_id, "review": result.review}


def _publication(result: Result, *, published: bool) -> Payload:
    at = _clock(result.published_at) if published else None
    return {"result_id": result.pk, "job_id": result.job_id, "published_at": at}


def _gallery(gallery: Gallery, state: str) -> Payload:
    return {
        "gallery_id": gallery.pk,
        "state": state,
        "shown_from": _clock(gallery.shown_from),
        "shown_until": _clock(gallery.shown_until),
    }


def _clock(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
