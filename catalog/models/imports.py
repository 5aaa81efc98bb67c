"""Lists of garments that somebody brought: one row of the list is one row here."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.imports.messages import kept, message_of
from catalog.lanes import MEDIA, enqueue
from catalog.models.claimable import UNCLAIMED, Claimable, ClaimableQuerySet
from catalog.models.garment import Garment
from catalog.models.person import Person

# More than a lane lets any task take.
CLAIM = timedelta(seconds=90)


class ImportQuerySet(ClaimableQuerySet["Import"]):
    def claimable(self, now: datetime) -> Self:
        """Imports with work left that no living worker holds; who waited longest comes first."""
        return self.filter(state__in=Import.OPEN).unclaimed(now).order_by("queued_at", "id")


class Import(Claimable):
    class Kind(models.TextChoices):
        ZIP = "zip", _("Photos in a ZIP")
        CSV = "csv", _("Table")
        URLS = "urls", _("Addresses")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")

    OPEN = (State.QUEUED, State.RUNNING)

    kind = models.CharField(_("kind"), max_length=8, choices=Kind, editable=False)
    name = models.CharField(_("file name"), max_length=200, editable=False)
    file = models.FileField(_("file"), editable=False, max_length=200, blank=True)
    # What the rows take where they say nothing themselves.
    defaults = models.JSONField(_("defaults"), default=dict, editable=False)
    state = models.CharField(
        _("state"), max_length=8, choices=State, default=State.QUEUED, editable=False
    )
    problem = models.JSONField(_("problem"), default=dict, editable=False)
    listed = models.BooleanField(_("rows are listed"), default=False, editable=False)
    total = models.PositiveIntegerField(_("rows"), default=0, editable=False)
    created = models.PositiveIntegerField(_("created"), default=0, editable=False)
    updated = models.PositiveIntegerField(_("updated"), default=0, editable=False)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0, editable=False)
    refused = models.PositiveIntegerField(_("refused"), default=0, editable=False)

    # Since when it waits for its next turn: each worker's slice ends behind those that wait.
    queued_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            # Exactly what a worker looks for.
            models.Index(
                fields=["queued_at", "id"],
                name="import_claimable",
                condition=models.Q(state__in=["queued", "running"]),
            )
        ]

    def __str__(self) -> str:
        return self.name

    # --- what a page says ---

    def get_absolute_url(self) -> str:
        return reverse("import", args=[self.pk])

    @property
    def finished(self) -> int:
        return self.created + self.updated + self.unchanged + self.refused

    @property
    def message(self) -> str:
        """Why it failed, in the reader's language."""
        return message_of(self.problem)

    # --- who works on it ---

    def take(self, now: datetime) -> bool:
        """Claim it for this worker; whether it has it."""
        rows = Import.objects.filter(state__in=self.OPEN)
        return self.take_from(rows, now, CLAIM, state=self.State.RUNNING)

    def keep(self, now: datetime, **values: Any) -> bool:
        """Write what was got done, and hold it for longer; False where it was taken away."""
        return bool(self.held().update(claimed_until=now + CLAIM, attempts=0, **values))

    def requeue(self, now: datetime) -> bool:
        """Let the next worker have it, after those that wait already."""
        return self.release(queued_at=now, attempts=0)

    def finish(self) -> bool:
        """Done, unless rows are left or somebody else had the last word."""
        if self.rows.filter(state=ImportRow.State.PENDING).exists():
            return False
        return self.release(state=self.State.DONE, ended_at=timezone.now())

    def fail(self, text: object, **values: object) -> bool:
        problem = kept(text, values)
        return self.release(state=self.State.FAILED, ended_at=timezone.now(), problem=problem)

    # --- what a person may do ---

    def wake_worker(self) -> None:
        """Ask for it to be worked on, once the row is certain."""
        transaction.on_commit(partial(enqueue, "catalog.tasks.run_imports", lane=MEDIA))

    def cancel(self) -> bool:
        """Stop where it is; what is in the library stays there."""
        rows = Import.objects.filter(pk=self.pk, state__in=self.OPEN)
        ended = {"state": self.State.CANCELED, "ended_at": timezone.now()}
        return bool(rows.update(**UNCLAIMED, **ended))

    def again(self) -> bool:
        """Try what was refused once more, and go on with what was left."""
        ended = (self.State.DONE, self.State.FAILED, self.State.CANCELED)
        waiting = {"attempts": 0, "queued_at": timezone.now(), "problem": {}}
        with transaction.atomic():
            rows = Import.objects.filter(pk=self.pk, state__in=ended).exclude(file="")
            if not rows.update(state=self.State.QUEUED, ended_at=None, **waiting):
                return False
            refused = self.rows.filter(state=ImportRow.State.REFUSED)
            n = refused.update(state=ImportRow.State.PENDING, code="", problem={})
            Import.objects.filter(pk=self.pk).update(refused=F("refused") - n)
            self.wake_worker()
        return True

    @property
    def can_go_on(self) -> bool:
        """Whether trying again has anything to do."""
        left = self.refused or self.finished < self.total or not self.listed
        return self.state not in self.OPEN and bool(self.file) and bool(left)

    def drop_file(self) -> None:
        """Delete the upload of an import that needs it no more: it may hold people's photos."""
        done = Import.objects.filter(pk=self.pk, state=self.State.DONE, refused=0)
        if self.file and done.update(file=""):
            self.file.storage.delete(str(self.file.name))


class ImportRow(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("row of an import", "Pending")
        CREATED = "created", _("Created")
        UPDATED = "updated", _("Updated")
        UNCHANGED = "unchanged", _("Unchanged")
        REFUSED = "refused", pgettext_lazy("row of an import", "Refused")

    source = models.ForeignKey(
        Import, models.CASCADE, related_name="rows", verbose_name=_("import"), db_index=False
    )
    number = models.PositiveIntegerField(_("row"))
    # What people know it by: its file, its address or its SKU.
    ref = models.CharField(_("reference"), max_length=300)
    # The row of the table, by our names of its columns.
    values = models.JSONField(_("values"), default=dict)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PENDING)
    code = models.CharField(_("code"), max_length=40, blank=True)
    problem = models.JSONField(_("explanation"), default=dict)
    garment = models.ForeignKey(
        Garment, models.SET_NULL, null=True, related_name="+", verbose_name=_("garment")
    )
    person = models.ForeignKey(
        Person, models.SET_NULL, null=True, related_name="+", verbose_name=_("person")
    )

    class Meta:
        ordering = ["number"]
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="import_row_once")]
        indexes = [models.Index(fields=["source", "state", "number"], name="import_row_state")]

    def __str__(self) -> str:
        return f"{self.number}: {self.ref}"

    @property
    def message(self) -> str:
        """What became of it and what to do, in the reader's language."""
        return message_of(self.problem)

    def settle(self, state: str, **values: Any) -> bool:
        """Move out of `pending`, once."""
        rows = ImportRow.objects.filter(pk=self.pk, state=self.State.PENDING)
        return bool(rows.update(state=state, **values))
