"""One provider call within a job: the unit that is submitted and polled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Claimable, ClaimableQuerySet
from catalog.models.claimable import UNCLAIMED
from jobs.domain_events import Kind, fire
from jobs.models.batch import Batch
from jobs.models.event import Event, HasState
from jobs.models.job import TryOnJob
from jobs.models.ledger import LedgerEntry
from jobs.recipe import Recipe
from providers import registry

# SQLite takes only so many values in one statement.
CHUNK = 500
_NEVER = Value(None, output_field=models.DateTimeField())


class StepQuerySet(ClaimableQuerySet):
    def team_owned(self) -> Self:
        return self.filter(job__owner=None)

    def waiting(self, now: datetime) -> Self:
        return self.filter(state=Step.State.WAITING, due_at__lte=now).exclude(
            batch__in=Batch.objects.halted().values("pk")
        )

    def at_work(self) -> Self:
        """Steps that hold a place in their provider's concurrency."""
        return self.filter(state__in=Step.AT_WORK, ended_at=None).order_by("due_at")

    def of_unknown_outcome(self) -> Self:
        return self.filter(state=Step.State.UNKNOWN)

    def not_downloaded(self) -> Self:
        """Steps whose images are still the provider's: they are lost when it forgets them."""
        there = Q(state__in=[Step.State.REMOTE, Step.State.STORING])
        return self.filter(there | Q(state=Step.State.UNKNOWN, ended_at__isnull=False))

    def expiring_soonest(self) -> Self:
        """Steps left behind, with `forgotten_at`: when their provider forgets them; soonest first.

        Without those of providers whose memory has no documented end.
        """
        lives = {a: registry.capabilities(a).result_life_s for a in registry.available()}
        ends = [
            When(account__alias=alias, then=F("submitted_at") + timedelta(seconds=life))
            for alias, life in lives.items()
            if life
        ]
        end = Case(*ends, output_field=models.DateTimeField()) if ends else _NEVER
        rows = self.not_downloaded().annotate(forgotten_at=end)
        if not ends:
            return rows.none()
        return rows.exclude(forgotten_at=None).order_by("forgotten_at")

    def poll_now(self, now: datetime) -> int:
        """Ask after these at once, instead of when it would be their turn; how many will be."""
        return self.filter(state=Step.State.REMOTE, due_at__gt=now).update(due_at=now)

    def stop_waiting(self, *, by: Any = None) -> int:
        """Cancel those that have not begun, and their jobs with them; how many jobs."""
        waiting = self.filter(state=Step.State.WAITING, job__finished_at=None)
        ids = list(waiting.order_by("pk").values_list("pk", flat=True))
        return sum(_stop(ids[at : at + CHUNK], by) for at in range(0, len(ids), CHUNK))

    def open(self) -> Self:
        """Steps that somebody still works on; one that a person must decide is not."""
        stopped = Batch.objects.halted().values("pk")
        waits = Q(state=Step.State.WAITING, batch__in=stopped)
        return self.exclude(state__in=Step.ENDED).filter(ended_at=None).exclude(waits)


def _stop(ids: list[int], by: Any) -> int:
    """Steps before their jobs, as everywhere; locked, so that the dispatcher's claim waits."""
    now = timezone.now()
    with transaction.atomic():
        waiting = Step.objects.select_for_update().filter(pk__in=ids, state=Step.State.WAITING)
        job_of = dict(waiting.order_by("pk").values_list("pk", "job"))
        jobs = TryOnJob.objects.select_for_update().filter(pk__in=job_of.values()).unfinished()
        found = list(jobs.order_by("pk").values_list("pk", "state", "batch"))
        was = {pk: state for pk, state, _batch in found}
        steps = [pk for pk, job in job_of.items() if job in was]
        still = Step.objects.filter(pk__in=steps, state=Step.State.WAITING)
        still.update(state=Step.State.CANCELED, ended_at=now)
        open_jobs = TryOnJob.objects.filter(pk__in=was).unfinished()
        open_jobs.update(state=TryOnJob.State.CANCELED, finished_at=now)
        moves = [("step", pk, job_of[pk], str(Step.State.WAITING)) for pk in steps]
        moves += [("job", pk, pk, state) for pk, state in was.items()]
        Event.record_many(moves, "canceled", by=by)
        batches = [batch for _pk, _state, batch in found]
        fire(Kind.JOB_ENDED, job_ids=list(was), batch_ids=batches)
    return len(was)


class Step(Claimable, HasState):
    class Operation(models.TextChoices):
        PARSE = "parse", _("Cut out")
        TRYON = "tryon", _("Try on")
        REFINE = "refine", _("Refine")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SUBMITTING = "submitting", _("Submitting")
        REMOTE = "remote", _("At the provider")
        STORING = "storing", _("Storing")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")
        UNKNOWN = "unknown", _("Unknown")

    AT_WORK = (State.SUBMITTING, State.REMOTE, State.UNKNOWN)
    ENDED = (State.DONE, State.FAILED, State.CANCELED)
    event_kind, event_job = "step", "job_id"

    job = models.ForeignKey(
        "jobs.TryOnJob", models.CASCADE, related_name="steps", verbose_name=_("try-on")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    operation = models.CharField(_("operation"), max_length=8, choices=Operation)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.WAITING)
    account = models.ForeignKey(
        "jobs.ProviderAccount", models.PROTECT, related_name="steps", verbose_name=_("provider")
    )
    model = models.CharField(_("model"), max_length=60, blank=True)
    # Copied from the batch, so that the dispatcher's order needs no join.
    batch = models.ForeignKey("jobs.Batch", models.CASCADE, related_name="steps")
    interactive = models.BooleanField(default=False)

    due_at = models.DateTimeField(_("due"), default=timezone.now)
    retries = models.PositiveSmallIntegerField(_("retries"), default=0)

    remote_id = models.CharField(_("remote id"), max_length=100, blank=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    reserved = models.DecimalField(_("reserved (CNY)"), max_digits=8, decimal_places=4, default=0)
    cost = models.DecimalField(_("cost (CNY)"), max_digits=8, decimal_places=4, null=True)
    free_images = models.PositiveSmallIntegerField(_("free images"), default=0)
    paid_images = models.PositiveSmallIntegerField(_("paid images"), default=0)
    images = models.JSONField(_("images"), default=list)
    raw = models.JSONField(_("provider's answer"), default=dict)
    error_code = models.CharField(_("error code"), max_length=100, blank=True)
    error_message = models.CharField(_("error"), max_length=300, blank=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        ordering = ["job_id", "position"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(fields=["job", "position"], name="step_position_unique"),
            models.UniqueConstraint(
                fields=["account", "remote_id"],
                condition=~Q(remote_id=""),
                name="step_remote_id_unique",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "waiting",
                        "submitting",
                        "remote",
                        "storing",
                        "done",
                        "failed",
                        "canceled",
                        "unknown",
                    ]
                ),
                name="step_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="remote") | ~Q(remote_id=""), name="step_remote_has_id"
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(remote_id=""), name="step_waiting_is_unsent"
            ),
        ]
        # First the dispatcher's questions, with nothing of the millions of ended steps.
        indexes = [
            models.Index(
                fields=["account", "-interactive", "batch", "id"],
                condition=Q(state="waiting"),
                name="step_waiting",
            ),
            models.Index(
                fields=["account", "due_at"],
                condition=Q(state__in=["submitting", "remote", "unknown"], ended_at=None),
                name="step_at_work",
            ),
            models.Index(
                fields=["account", "due_at"], condition=Q(state="storing"), name="step_storing"
            ),
            models.Index(
                fields=["submitted_at"],
                condition=Q(state__in=["remote", "storing", "unknown"]),
                name="step_not_downloaded",
            ),
            # A push or a person names a task and no account.
            models.Index(fields=["remote_id"], condition=~Q(remote_id=""), name="step_remote_id"),
            # The admin's filters: whatever is rare.
            models.Index(fields=["state", "-id"], condition=~Q(state="done"), name="step_state"),
            models.Index(
                fields=["operation", "-id"],
                condition=~Q(operation="tryon"),
                name="step_operation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()} {self.pk}"

    def max_billed_images(self) -> int:
        """How many images its call may be billed for."""
        asked = Recipe.load(self.job.recipe).samples if self.operation == "tryon" else 1
        model = registry.capabilities(self.account.alias).models.get(self.model)
        return asked * (model.max_images_per_sample if model else 1)

    def transition(self, allowed: Iterable[str], to: str, **kwargs: Any) -> bool:
        """As every move; money that moves with it is entered into the ledger together with it.

        A media worker that had the step for its work in the old state has it no longer.
        """
        with transaction.atomic():
            moved = super().transition(allowed, to, **UNCLAIMED | kwargs)
            if moved and ("cost" in kwargs or "reserved" in kwargs):
                LedgerEntry.record(self)
        return moved

    def result_expires_at(self) -> datetime | None:
        """When the provider forgets this step's images; None where that is not known."""
        alias = self.account.alias
        life = (
            None
            if registry.unavailable_reason(alias)
            else registry.capabilities(alias).result_life_s
        )
        return self.submitted_at + timedelta(seconds=life) if life and self.submitted_at else None

    # --- a person's moves, as parts of the job's ---

    def cancel(self, now: datetime, *, by: Any = None, why: str = "") -> bool:
        """Leave out a call that has not begun."""
        return self.transition(
            [self.State.WAITING], self.State.CANCELED, by=by, why=why, ended_at=now
        )

    def rescue(self, remote_id: str, now: datetime) -> bool:
        """Its call is known to the provider after all, as the task `remote_id`: poll it."""
        return self.transition(
            [self.State.UNKNOWN],
            self.State.REMOTE,
            why="rescued",
            remote_id=remote_id,
            accepted_at=self.accepted_at or now,
            ended_at=None,
            due_at=now,
            error_code="",
            error_message="",
        )

    def give_up(self, *, by: Any, billed: bool) -> bool:
        """Nobody will learn what became of its call; what was reserved is spent, or released."""
        cost = self.reserved if billed else 0
        # Without a price it was one of the free ones: they are used up, too.
        n = self.max_billed_images() if billed else 0
        images = {"paid_images": n} if cost else {"free_images": n}
        return self.transition([self.State.UNKNOWN], self.State.FAILED, by=by, cost=cost, **images)

    # --- the dispatcher's moves; `where` carries its lease ---

    def begin(
        self, where: dict[str, Any], reserved: Any, now: datetime, *, count: bool = True
    ) -> bool:
        """Commit the intent before a call that may cost money, and count it.

        Its batch is looked at once more: somebody may have paused it since the step was read.
        """
        going = Batch.objects.runnable().filter(pk=self.batch_id).values("pk")
        return self.transition(
            [self.State.WAITING],
            self.State.SUBMITTING,
            where=where | {"batch__in": going},
            reserved=reserved,
            submitted_at=now,
            attempts=self.attempts + count,
            due_at=now,
        )

    def accepted(
        self, remote_id: str, where: dict[str, Any], now: datetime, *, poll_at: datetime
    ) -> bool:
        """The provider has taken it, under this id."""
        return self.transition(
            [self.State.SUBMITTING, self.State.UNKNOWN],
            self.State.REMOTE,
            where=where,
            remote_id=remote_id,
            accepted_at=now,
            due_at=poll_at,
            attempts=0,
        )

    def return_to_queue(
        self, why: str, where: dict[str, Any], due_at: datetime, **values: Any
    ) -> bool:
        """The call is proven not to have reached the provider: it may be made again."""
        return self._wait_again(
            [self.State.SUBMITTING, self.State.UNKNOWN],
            where=where,
            why=why,
            due_at=due_at,
            submitted_at=None,
            **values,
        )

    def retry_as_new_task(self, why: str, where: dict[str, Any], due_at: datetime) -> bool:
        """The provider's task failed by a fault of its own: a new one may be made."""
        return self._wait_again(
            [self.State.REMOTE],
            where=where,
            why=why,
            due_at=due_at,
            remote_id="",
            retries=self.retries + 1,
        )

    def _wait_again(self, allowed: Iterable[str], **values: Any) -> bool:
        """Back into the line; with a job that nobody wants any more, out of it at once."""
        with transaction.atomic():
            moved = self.transition(allowed, self.State.WAITING, reserved=0, **values)
            if moved and self.job.cancel_requested():
                self.job.cancel()
        return moved

    def mark_outcome_unknown(self, why: str, where: dict[str, Any], due_at: datetime) -> bool:
        """Nobody knows whether the provider took the call: reconcile before anything else."""
        return self.transition(
            [self.State.SUBMITTING], self.State.UNKNOWN, where=where, why=why, due_at=due_at
        )

    def images_ready(
        self,
        images: list[dict[str, str]],
        charge: Any,
        raw: Any,
        where: dict[str, Any],
        due_at: datetime,
    ) -> bool:
        return self.transition(
            [self.State.SUBMITTING, self.State.REMOTE],
            self.State.STORING,
            where=where,
            images=images,
            cost=charge.cost,
            free_images=charge.free,
            paid_images=charge.paid,
            raw=raw,
            due_at=due_at,
            attempts=0,
        )

    def end(
        self,
        to: str,
        *,
        where: dict[str, Any] | None = None,
        code: str = "",
        message: str = "",
        **values: Any,
    ) -> bool:
        """Move to an ended state (or to `unknown`, for a person to decide) from wherever it is."""
        return self.transition(
            [s for s in self.State.values if s not in self.ENDED],
            to,
            where=where,
            why=f"{code}: {message}" if code else "",
            error_code=code[:100],
            error_message=message[:300],
            ended_at=timezone.now(),
            **values,
        )

    def take(self, state: str, now: datetime, seconds: float) -> bool:
        """Claim the work on it in this state for `seconds`; whether this media worker has it."""
        return self.take_from(Step.objects.filter(state=state), now, timedelta(seconds=seconds))
