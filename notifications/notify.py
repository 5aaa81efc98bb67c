"""Notify users once that a batch can be reviewed, and once that it has been."""

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
AUTH_BACKEND = "django.contrib.auth.backends.ModelBackend"


def on_batch_ready(batch_id: int, has_pending: bool) -> None:
    """Notify launcher and reviewers; only the launcher where there is nothing to review."""
    launcher = _launcher(batch_id)
    _replace_notifications(
        batch_id, Kind.READY, launcher | set(_reviewers()) if has_pending else launcher
    )


def on_batch_reviewed(batch_id: int) -> None:
    _replace_notifications(batch_id, Kind.REVIEWED, _launcher(batch_id))


def _launcher(batch_id: int) -> set[int]:
    ids = Batch.objects.filter(pk=batch_id, created_by__is_active=True).order_by()
    return set(ids.values_list("created_by", flat=True))


def _reviewers() -> QuerySet:
    users: Any = get_user_model().objects
    reviewers = users.with_perm("jobs.change_result", backend=AUTH_BACKEND)
    return reviewers.order_by().values_list("pk", flat=True)


def _replace_notifications(pk: int, kind: str, users: Collection[int]) -> None:
    """Notify these users; earlier notifications of the batch are outdated by its new jobs."""
    Notification.objects.filter(batch=pk, kind=kind).delete()
    Notification.objects.bulk_create(
        Notification(user_id=user, kind=kind, batch_id=pk) for user in sorted(users)
    )
    if settings.NOTIFY_BY_EMAIL and users:
        transaction.on_commit(partial(enqueue, "notifications.tasks.send_mail", pk, kind))


# --- e-mail: optional, and may fail ---


def send_mails(pk: int, kind: str) -> None:
    """Mail this to all notified users who have an address; a failure is logged."""
    rows = Notification.objects.filter(batch=pk, kind=kind).exclude(user__email="")
    with translation.override(settings.NOTIFY_LANGUAGE):
        for notification in rows.select_related("user", "batch"):
            try:
                send_mail(
                    subject(notification), body(notification), None, [notification.user.email]
                )
            except (OSError, ValueError) as error:
                # Whatever a mail server does, the portal shows the notification.
                log.warning("notification %s was not mailed: %s", notification.pk, error)


def subject(notification: Notification) -> str:
    # A line break in a batch's name would end the header.
    name = " ".join(str(notification.batch).split())
    text = _("Ready for review: %s") if notification.kind == Kind.READY else _("Reviewed: %s")
    return text % name


def body(notification: Notification) -> str:
    address = urljoin(f"{settings.PUBLIC_BASE_URL}/", notification.batch.get_absolute_url())
    text = (
        _("Everything of “%(batch)s” has been made: it can be reviewed now.")
        if notification.kind == Kind.READY
        else _("Every result of “%(batch)s” has been reviewed.")
    )
    return f"{text % {'batch': notification.batch}}\n\n{address}\n"
