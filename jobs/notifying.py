"""Who is told what about a batch, exactly once: that it can be reviewed, that it has been.

Called within the transaction of the move that may be the last one, so that the two are one. What
asks comes last in it: a batch is locked only when little of it is left, and for no longer than
the transaction's end.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from functools import partial
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from .models import Batch, Notification, Result, TryOnJob

log = logging.getLogger(__name__)

Kind = Notification.Kind
# With more left than could end at one moment, nobody is the last: the batch needs no lock.
NEAR = 50
BACKEND = "django.contrib.auth.backends.ModelBackend"


def ended(batches: Iterable[int]) -> None:
    """Some jobs of these batches have ended: of the last of them, the reviewers are told."""
    for pk in sorted(set(batches)):
        if _is_near(TryOnJob.objects.unfinished().filter(batch=pk)):
            _if_ready(pk)


def decided(batches: Iterable[int]) -> None:
    """Some results of these batches were decided: of the last of them, the launcher is told."""
    for pk in sorted(set(batches)):
        if _is_near(Result.objects.pending_review().filter(job__batch=pk)):
            _lock(pk)
            _if_reviewed(pk)


def more(batch: Batch) -> None:
    """Jobs are about to be added to it: when they have ended, that is told again.

    Before they are: the row is locked by it, so that nobody finds the batch ready meanwhile.
    """
    Batch.objects.filter(pk=batch.pk).update(ready_at=None, reviewed_at=None)


def _is_near(rows: QuerySet) -> bool:
    return len(rows.order_by().values_list("pk", flat=True)[:NEAR]) < NEAR


def _lock(pk: int) -> None:
    """Let two that may be the last one come one after the other: the second sees the first."""
    rows = Batch.objects.select_for_update(no_key=True).filter(pk=pk).order_by()
    list(rows.values_list("pk", flat=True))


def _if_ready(pk: int) -> None:
    _lock(pk)
    unfinished = TryOnJob.objects.unfinished().filter(batch=OuterRef("pk")).order_by()
    rows = Batch.objects.of_the_house().filter(~Exists(unfinished), pk=pk, ready_at=None)
    if not rows.update(ready_at=timezone.now()):
        return
    pending = Result.objects.pending_review().filter(job__batch=pk).exists()
    launcher = _launcher(pk)
    # Where nothing came of it, only whoever launched it wants to know.
    told = launcher | set(_reviewers()) if pending else launcher
    _tell(pk, Kind.READY, told)
    if not pending:
        _if_reviewed(pk)


def _if_reviewed(pk: int) -> None:
    """Not while jobs are on their way, nor where there was nothing to review."""
    finals = Result.objects.final().filter(job__batch=OuterRef("pk")).order_by()
    pending = finals.filter(review=Result.Review.PENDING)
    unfinished = TryOnJob.objects.unfinished().filter(batch=OuterRef("pk")).order_by()
    rows = Batch.objects.of_the_house().filter(pk=pk, reviewed_at=None)
    rows = rows.filter(~Exists(unfinished), ~Exists(pending), Exists(finals))
    if rows.update(reviewed_at=timezone.now()):
        _tell(pk, Kind.REVIEWED, _launcher(pk))


def _launcher(pk: int) -> set[int]:
    ids = Batch.objects.filter(pk=pk, created_by__is_active=True).order_by()
    return set(ids.values_list("created_by", flat=True))


def _reviewers() -> QuerySet:
    users: Any = get_user_model().objects
    may = users.with_perm("jobs.change_result", backend=BACKEND)
    return may.order_by().values_list("pk", flat=True)


def _tell(pk: int, kind: str, users: Collection[int]) -> None:
    """What was said of the batch before its new jobs is not true any more, and goes."""
    Notification.objects.filter(batch=pk, kind=kind).delete()
    Notification.objects.bulk_create(
        Notification(user_id=user, kind=kind, batch_id=pk) for user in sorted(users)
    )
    if settings.NOTIFY_BY_EMAIL and users:
        ring = partial(async_task, "jobs.tasks.mail", pk, kind, save=False)
        transaction.on_commit(ring)


# --- e-mail: a courtesy, which may fail ---


def mail(pk: int, kind: str) -> None:
    """Write to all who were told this of a batch and have an address; a failure is logged."""
    rows = Notification.objects.filter(batch=pk, kind=kind).exclude(user__email="")
    with translation.override(settings.NOTIFY_LANGUAGE):
        for told in rows.select_related("user", "batch"):
            try:
                send_mail(subject(told), body(told), None, [told.user.email])
            except (OSError, ValueError) as error:
                # Whatever a mail server may do, the portal has told them already.
                log.warning("notification %s was not mailed: %s", told.pk, error)


def subject(told: Notification) -> str:
    # A line break in a batch's name would end the header.
    name = " ".join(str(told.batch).split())
    text = _("Ready for review: %s") if told.kind == Kind.READY else _("Reviewed: %s")
    return text % name


def body(told: Notification) -> str:
    address = urljoin(f"{settings.PUBLIC_BASE_URL}/", told.batch.get_absolute_url())
    text = (
        _("Everything of “%(batch)s” has been made: it can be reviewed now.")
        if told.kind == Kind.READY
        else _("Every result of “%(batch)s” has been reviewed.")
    )
    return f"{text % {'batch': told.batch}}\n\n{address}\n"
