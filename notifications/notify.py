"""Who is told what about a batch, exactly once: that it can be reviewed, that it has been."""

from __future__ import annotations

import logging
from collections.abc import Collection
from functools import partial
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from catalog.lanes import enqueue
from jobs.models import Batch
from notifications.models import Notification

log = logging.getLogger(__name__)

Kind = Notification.Kind
BACKEND = "django.contrib.auth.backends.ModelBackend"


def batch_ready(batch_id: int, has_pending: bool) -> None:
    """Where nothing came of it, only whoever launched it wants to know."""
    launcher = _launcher(batch_id)
    _tell(batch_id, Kind.READY, launcher | set(_reviewers()) if has_pending else launcher)


def batch_reviewed(batch_id: int) -> None:
    _tell(batch_id, Kind.REVIEWED, _launcher(batch_id))


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
        transaction.on_commit(partial(enqueue, "notifications.tasks.send_mail", pk, kind))


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
