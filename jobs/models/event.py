"""The append-only history, and the one way in which a row changes its state."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Where few rows go. Searched among millions of ordinary moves, they would take seconds to find.
RARE_STATES = ("failed", "canceled", "needs_attention", "unknown", "open", "paused", "pending")


def worker_name() -> str:
    """This process, as the history names it."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}"


class Event(models.Model):
    """Who moved what from where to where, when and why. Never changed, never deleted by hand."""

    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)
    kind = models.CharField(_("kind"), max_length=8)
    object_id = models.BigIntegerField(_("object"))
    job = models.ForeignKey(
        "jobs.TryOnJob",
        models.CASCADE,
        null=True,
        related_name="events",
        verbose_name=_("job"),
    )
    from_state = models.CharField(_("from"), max_length=16, blank=True)
    to_state = models.CharField(_("to"), max_length=16)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    worker = models.CharField(_("worker"), max_length=60, blank=True)
    why = models.CharField(_("why"), max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["kind", "object_id"], name="event_object"),
            # The admin's filter by what is out of the ordinary; ordinary moves are in it nowhere.
            models.Index(
                fields=["to_state", "-id"],
                condition=Q(to_state__in=RARE_STATES),
                name="event_rare",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.from_state} → {self.to_state}"

    @classmethod
    def record(
        cls,
        kind: str,
        object_id: int,
        old: str,
        to: str,
        *,
        by: Any = None,
        why: str = "",
        job_id: int | None = None,
    ) -> None:
        """Write one line of the history. Within the transaction of what it tells."""
        cls.record_many([(kind, object_id, job_id, old)], to, by=by, why=why)

    @classmethod
    def record_many(
        cls,
        moved: Iterable[tuple[str, int, int | None, str]],
        to: str,
        *,
        by: Any = None,
        why: str = "",
    ) -> None:
        """The same of several rows: (kind, id, the job whose history tells it, from)."""
        said = {"to_state": to, "by": by, "why": why[:300]}
        said["worker"] = "" if by else worker_name()
        Event.objects.bulk_create(
            Event(kind=kind, object_id=pk, job_id=job_id, from_state=old, **said)
            for kind, pk, job_id, old in moved
        )


class HasState(models.Model):
    """A row whose state moves only by `move`: one conditional UPDATE and its event, together."""

    event_kind = ""
    # The field with the id of the job whose history shows this row's moves; "" is none.
    event_job = ""
    state_field = "state"

    class Meta:
        abstract = True

    def transition(
        self,
        allowed: Iterable[str],
        to: str,
        *,
        by: Any = None,
        why: str = "",
        where: dict[str, Any] | None = None,
        **values: Any,
    ) -> bool:
        """Move to `to` if the row still is in one of `allowed` and matches `where`.

        Returns whether this call won. Only then are `values` written, here and in the database.
        """
        field = self.state_field
        rows = type(self)._default_manager.filter(pk=self.pk, **(where or {}))
        with transaction.atomic():
            for old in allowed:
                if rows.filter(**{field: old}).update(**{field: to}, **values):
                    job_id = getattr(self, self.event_job) if self.event_job else None
                    move = (self.event_kind, self.pk, job_id, old)
                    Event.record_many([move], to, by=by, why=why)
                    for name, value in {field: to, **values}.items():
                        setattr(self, name, value)
                    return True
        return False
