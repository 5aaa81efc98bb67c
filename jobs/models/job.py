"""One person in one outfit by one recipe: what is asked for, paid for, cancelled, repeated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Asset, ChangeTracked, ChangeTrackedQuerySet, Person
from jobs.domain_events import Kind, fire
from jobs.models.event import HasState


class JobQuerySet(ChangeTrackedQuerySet):
    def team_owned(self) -> Self:
        return self.filter(owner=None)

    def visible_to(self, user: Any) -> Self:
        """The user's own, and the team's if they have the permission."""
        teams = Q(owner=None) if user.has_perm("jobs.view_tryonjob") else Q()
        return self.filter(Q(owner=user) | teams)

    def unfinished(self) -> Self:
        return self.filter(state__in=[TryOnJob.State.QUEUED, TryOnJob.State.RUNNING])

    def ask_to_cancel(self, now: datetime) -> int:
        """Wish that these begin no further call, and that their provider stops what it can.

        Write it before looking for what still waits: whatever goes back into the line later
        finds the wish there.
        """
        return self.unfinished().filter(cancel_asked_at=None).update(cancel_asked_at=now)

    def publishable(self) -> Self:
        """Jobs of which results may be shown to the public, by their person's consent today."""
        persons = Person.objects.consenting(timezone.localdate(), publish=True).values("pk")
        return self.filter(person__in=persons).order_by()

    def current(self) -> Self:
        """Jobs that no later one repeats."""
        return self.filter(repeated_by=None)

    def of_asset(self, asset: Asset) -> Self:
        """Jobs that dress this person, or anybody in this garment."""
        if isinstance(asset, Person):
            return self.filter(person=asset)
        return self.filter(Q(top=asset.pk) | Q(bottom=asset.pk) | Q(dress=asset.pk))

    def counts_of(self, batches: Sequence[int]) -> dict[int, dict[str, int]]:
        """Jobs of each batch (by id) by state; what was repeated counts by its repetition only.

        Those are taken off afterwards: to ask of each job whether a later one repeats it, the
        database would read all jobs there are.
        """
        found = {pk: dict.fromkeys(TryOnJob.State.values, 0) for pk in batches}
        jobs = self.filter(batch__in=batches).order_by()
        for pk, state, n in jobs.values_list("batch", "state").annotate(n=Count("*")):
            found[pk][state] += n
        again = jobs.filter(repeat_of__isnull=False)
        for pk, state, n in again.values_list("batch", "repeat_of__state").annotate(n=Count("*")):
            found[pk][state] -= n
        return found

    def with_pictures(self) -> Self:
        return self.select_related("person", "top", "bottom", "dress", "account", "batch")


class TryOnJob(ChangeTracked, HasState):
    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")
        NEEDS_ATTENTION = "needs_attention", _("Needs attention")

    UNFINISHED = (State.QUEUED, State.RUNNING)
    # What may still cost money, or has cost it without anybody knowing.
    IN_FLIGHT = (*UNFINISHED, State.NEEDS_ATTENTION)
    event_kind, event_job = "job", "pk"

    batch = models.ForeignKey(
        "jobs.Batch", models.CASCADE, related_name="jobs", verbose_name=_("batch")
    )
    # The shopper to whom it belongs; None: it is the team's.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("owner"),
    )
    person = models.ForeignKey(
        "catalog.Person", models.PROTECT, related_name="jobs", verbose_name=_("person")
    )
    top = models.ForeignKey(
        "catalog.Garment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs_as_top",
        verbose_name=_("top"),
    )
    bottom = models.ForeignKey(
        "catalog.Garment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs_as_bottom",
        verbose_name=_("bottom"),
    )
    dress = models.ForeignKey(
        "catalog.Garment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs_as_dress",
        verbose_name=_("dress"),
    )
    account = models.ForeignKey(
        "jobs.ProviderAccount", models.PROTECT, related_name="jobs", verbose_name=_("provider")
    )
    recipe = models.JSONField(_("recipe"), default=dict, editable=False)
    # What it is made from, in one word (jobs.launch.plan); empty where nobody compares.
    fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    forced = models.BooleanField(_("made again on purpose"), default=False, editable=False)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.QUEUED)
    error_code = models.CharField(_("error code"), max_length=100, blank=True)
    error_message = models.CharField(_("error"), max_length=300, blank=True)
    error_kind = models.CharField(_("error kind"), max_length=12, blank=True)
    # One to one: asked for again by two people at once, a job is repeated and paid for once.
    repeat_of = models.OneToOneField(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="repeated_by",
        verbose_name=_("repeats"),
    )
    # A rejected image's cell by another recipe: many may be tried, and the best is approved.
    attempt_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="attempts",
        verbose_name=_("another attempt of"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    cancel_asked_at = models.DateTimeField(_("asked to cancel"), null=True, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("try-on")
        verbose_name_plural = _("try-ons")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "queued",
                        "running",
                        "succeeded",
                        "failed",
                        "canceled",
                        "needs_attention",
                    ]
                ),
                name="job_state_known",
            ),
            models.CheckConstraint(
                condition=Q(dress__isnull=False, top=None, bottom=None)
                | Q(Q(top__isnull=False) | Q(bottom__isnull=False), dress=None),
                name="job_outfit_is_dress_or_top_and_bottom",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"], finished_at=None)
                | Q(
                    state__in=["succeeded", "failed", "canceled", "needs_attention"],
                    finished_at__isnull=False,
                ),
                name="job_finished_when_ended",
            ),
            # Launched twice at one moment, it is queued and paid for once.
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(
                    ~Q(fingerprint=""),
                    forced=False,
                    state__in=["queued", "running", "needs_attention"],
                ),
                name="job_in_flight_once",
            ),
        ]
        indexes = [
            models.Index(fields=["batch", "state"], name="job_batch_state"),
            models.Index(
                fields=["owner", "-id"], condition=Q(owner__isnull=False), name="job_of_owner"
            ),
            models.Index(fields=["updated_at"], name="job_changed"),
            # The newest of one batch among a million jobs, on every page of it.
            models.Index(fields=["batch", "id"], name="job_batch_newest"),
            models.Index(
                fields=["fingerprint"], condition=~Q(fingerprint=""), name="job_fingerprint"
            ),
            # The admin's filters by state and by error code: whatever is rare.
            models.Index(
                fields=["state", "-id"], condition=~Q(state="succeeded"), name="job_state"
            ),
            models.Index(
                fields=["error_code", "-id"], condition=~Q(error_code=""), name="job_error_code"
            ),
            # What was repeated is counted apart, instead of asked about for every job.
            models.Index(
                fields=["batch"], condition=Q(repeat_of__isnull=False), name="job_repetition"
            ),
            # The overview's questions, each answered from its index alone.
            models.Index(
                fields=["batch", "account", "state", "created_at"],
                condition=Q(state__in=["queued", "running"]),
                name="job_unfinished",
            ),
            models.Index(
                fields=["batch"], condition=Q(state="needs_attention"), name="job_attention"
            ),
            models.Index(
                fields=["finished_at", "state"],
                condition=Q(finished_at__isnull=False),
                name="job_finished",
            ),
            models.Index(
                fields=["finished_at", "error_kind", "error_code", "batch"],
                condition=Q(state="failed"),
                name="job_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.outfit_name()}"

    def get_absolute_url(self) -> str:
        return reverse("job", args=[self.pk])

    def garments(self) -> dict[str, Any]:
        """The outfit by slot."""
        slots = {"top": self.top, "bottom": self.bottom, "dress": self.dress}
        return {slot: garment for slot, garment in slots.items() if garment}

    def outfit_name(self) -> str:
        return " + ".join(str(garment) for garment in self.garments().values())

    def transition(self, allowed: Iterable[str], to: str, **kwargs: Any) -> bool:
        """As every move; its end is fired in the same transaction, as it may be the batch's end."""
        with transaction.atomic():
            moved = super().transition(allowed, to, **kwargs)
            if moved and to not in self.UNFINISHED:
                fire(Kind.JOB_ENDED, job_ids=[self.pk], batch_ids=[self.batch_id])
        return moved

    def start(self) -> bool:
        return self.transition([self.State.QUEUED], self.State.RUNNING, started_at=timezone.now())

    def succeed(self) -> bool:
        return self._end(self.State.SUCCEEDED)

    def fail(self, code: str, message: str, kind: str, *, by: Any = None) -> bool:
        return self._end(self.State.FAILED, code, message, kind, by=by)

    def ask_a_person(self, code: str, message: str) -> bool:
        """A paid call of unknown outcome that could not be reconciled: a person decides."""
        return self._end(self.State.NEEDS_ATTENTION, code, message)

    def _end(
        self, to: str, code: str = "", message: str = "", kind: str = "", *, by: Any = None
    ) -> bool:
        return self.transition(
            self.UNFINISHED,
            to,
            by=by,
            why=f"{code}: {message}" if code else "",
            error_code=code[:100],
            error_message=message[:300],
            error_kind=kind,
            finished_at=timezone.now(),
        )

    def cancel(self, *, by: Any = None, why: str = "") -> bool:
        """Stop a job whose call has not begun; what the provider already has is left to finish.

        The step is cancelled first: the dispatcher and this call race for the same row, and
        the one that moves it wins.
        """
        step = self.steps.last()
        now = timezone.now()
        with transaction.atomic():
            stopped = step and step.cancel(now, by=by, why=why)
            done = bool(stopped) and self.transition(
                self.UNFINISHED, self.State.CANCELED, by=by, why=why, finished_at=now
            )
            transaction.set_rollback(not done)
        return done

    def ask_to_cancel(self, *, by: Any = None) -> bool:
        """Cancel it, or else let nothing more of it begin; whether it stopped at once."""
        TryOnJob.objects.filter(pk=self.pk).ask_to_cancel(timezone.now())
        return self.cancel(by=by)

    def cancel_requested(self) -> bool:
        """Whether somebody has cancelled it while the provider had it. Within a transaction.

        The row is locked: a wish that comes a moment later finds what this transaction wrote.
        """
        rows = TryOnJob.objects.select_for_update().filter(pk=self.pk)
        return rows.values_list("cancel_asked_at", flat=True).get() is not None

    def reopen(self, remote_id: str) -> bool:
        """The provider knows the call after all: it goes on as if its outcome had never been lost.

        `remote_id` is its task, which no other step may have.
        """
        with transaction.atomic():
            step = self.steps.of_unknown_outcome().last()
            found = step and step.rescue(remote_id, timezone.now())
            done = bool(found) and self.transition(
                [self.State.NEEDS_ATTENTION],
                self.State.RUNNING,
                why="rescued",
                finished_at=None,
                error_code="",
                error_message="",
                error_kind="",
            )
            transaction.set_rollback(not done)
        return done

    def settle(self, *, by: Any, billed: bool = True) -> bool:
        """A person gives up on a call of unknown outcome; only then can the job be repeated.

        `billed`: the provider charged for it, as far as anybody can tell: what was reserved is
        spent. Otherwise it is released.
        """
        with transaction.atomic():
            if not self.transition([self.State.NEEDS_ATTENTION], self.State.FAILED, by=by):
                return False
            for step in self.steps.of_unknown_outcome():
                step.give_up(by=by, billed=billed)
        return True
