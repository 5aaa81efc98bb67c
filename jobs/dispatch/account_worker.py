"""One leased account in the hands of one loop: its limits are plain local arithmetic."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError
from django.db.models import Exists, OuterRef

from catalog.models.claimable import MAX_ATTEMPTS, UNCLAIMED
from jobs import consent_check, pipeline
from jobs.billing import charges
from jobs.dispatch import pacing, reconcile, store_results
from jobs.dispatch.clock import Clock
from jobs.models import ProviderAccount, Step
from jobs.models.step import StepQuerySet
from jobs.wakeups import WAKE_AGAIN_S, wake_media_lane
from providers import registry
from providers.contract import Outcome, ProviderError

log = logging.getLogger(__name__)

WAKE_MEDIA_EVERY_S = 2
# A provider that gives up on a task after three hours says so; after this a person is asked.
OVERDUE = timedelta(hours=4)
# What a step's call is made of, read with it.
WITH_STEP = ("batch", "job__person", "job__top", "job__bottom", "job__dress", "job__account")


class AccountWorker:
    """The only writer of one account's steps, for as long as its lease holds."""

    def __init__(
        self, account: ProviderAccount, token: str, pool: ThreadPoolExecutor, clock: Clock
    ) -> None:
        self.account = account
        self.token = token
        self.clock = clock
        # A sub-select and not a join: Django would turn a join into `id IN (SELECT … state …)`,
        # and PostgreSQL does not look again into that when two writers race for one row.
        held = ProviderAccount.objects.filter(pk=account.pk, lease_token=token)
        self.where = {"account__in": held.values("pk")}
        self.provider = registry.provider(account.alias)
        self.capabilities = self.provider.capabilities
        # Each call on its way: the steps that it is about, and what writes its answer.
        self.calls: dict[Future[Any], tuple[Sequence[Step], Callable[[Any], object]]] = {}
        self._in_call: set[int] = set()
        # Each is asked once; the next holder of the lease may ask once more, which harms nothing.
        self._cancel_requested: set[int] = set()
        self._pool = pool
        self._wake_media_at = 0.0
        submits_per_s = account.submits_per_s or self.capabilities.submits_per_s
        queries_per_s = account.queries_per_s or self.capabilities.queries_per_s
        self._submits = pacing.SlidingWindow(submits_per_s)
        self._queries = pacing.SlidingWindow(queries_per_s)

    def renew(self, now: datetime) -> bool:
        """Keep the lease and read again what people may have changed."""
        held = self.account.renew(self.token, now)
        self.account.refresh_from_db()
        return held

    def close(self) -> None:
        """Write what came back and give the lease up."""
        self._collect()
        self.account.release(self.token)

    def turn(self) -> bool:
        """Collect, poll, submit, wake for images; whether there is anything left to do."""
        self._collect()
        now = self.clock.now()
        at_work = list(self.account.steps.at_work().select_related(*WITH_STEP))
        for step in at_work:
            step.account = step.job.account = self.account
        self._follow_up(at_work, now)
        waiting = self._submit(at_work, now)
        storing = self._wake_for_images(now)
        return bool(at_work or waiting or storing)

    # --- calls ---

    def _call(
        self, steps: Sequence[Step], write: Callable[[Any], object], function: Callable[[], Any]
    ) -> None:
        """Let a thread do the HTTP of `function`; `write` gets its answer in a later turn."""
        self._in_call |= {step.pk for step in steps}
        self.calls[self._pool.submit(function)] = steps, write

    def _collect(self) -> None:
        """Write what finished calls brought."""
        for call in [call for call in self.calls if call.done()]:
            steps, write = self.calls.pop(call)
            self._in_call -= {step.pk for step in steps}
            try:
                write(_result(call))
            except (IntegrityError, ValueError):
                # An answer that contradicts itself or the database, such as an id given twice:
                # its step stays as it is, and is found without a call of ours in the next turn.
                log.exception("%s: an answer could not be written", self.account)

    # --- what is at the provider ---

    def _follow_up(self, at_work: list[Step], now: datetime) -> None:
        """Poll, cancel or reconcile those whose time has come, as far as the rate allows."""
        idle = [step for step in at_work if step.pk not in self._in_call]
        for step in idle:
            cancels = step.state == Step.State.REMOTE and step.job.cancel_asked_at is not None
            if step.pk in self._in_call:
                continue  # the query of a step before it covers it
            if step.state == Step.State.SUBMITTING:
                # Its writer is dead, or it would be in a call of ours.
                settled = timedelta(seconds=pipeline.RECONCILE_AFTER_S)
                look_at = (step.submitted_at or now) + settled
                step.mark_outcome_unknown("its worker died", self.where, look_at)
            elif not self._queries.room(self.clock.monotonic()):
                continue
            elif cancels and self.capabilities.cancel and step.pk not in self._cancel_requested:
                self._queries.take(self.clock.monotonic())
                self._cancel(step)
            elif step.due_at <= now:
                self._queries.take(self.clock.monotonic())
                self._query(step, idle, now)

    def _cancel(self, step: Step) -> None:
        """Ask the provider to cancel. Its answer is not read: the next poll says what became."""
        self._cancel_requested.add(step.pk)
        mine = Step.objects.filter(pk=step.pk, **self.where)
        cancel = partial(self.provider.cancel, step.remote_id)
        self._call([step], lambda _answer: mine.poll_now(self.clock.now()), cancel)

    def _query(self, step: Step, idle: list[Step], now: datetime) -> None:
        """Look a lost submit up in the provider's list, or poll a task and those of its query."""
        if step.state == Step.State.UNKNOWN:
            look_up = partial(reconcile.look_up, self.provider, step, now)
            self._call([step], partial(self._looked_up, step), look_up)
        elif now - (step.accepted_at or now) > OVERDUE:
            message = "The provider has not answered for hours; it may still bill."
            pipeline.ask_a_person(step, self.where, "overdue", message)
        else:
            key = self.provider.query_key(step.remote_id)
            remote = [s for s in idle if s.state == Step.State.REMOTE]
            steps = [s for s in remote if self.provider.query_key(s.remote_id) == key]
            poll = partial(self.provider.poll, [s.remote_id for s in steps])
            self._call(steps, partial(_write_each, steps, self._polled), poll)

    def _looked_up(self, step: Step, answer: Any) -> None:
        reconcile.apply(step, answer, self.where, self.clock.now())

    def _polled(self, step: Step, outcome: Outcome) -> None:
        now = self.clock.now()
        accepted_at, due_at = step.accepted_at or now, step.due_at
        if outcome.error and outcome.error.sent != "yes":
            log.warning("%s: poll failed: %s", self.account, outcome.error)
            if outcome.error.kind == "account":
                self.account.pause(str(outcome.error))
        again = pacing.next_poll_at(now, accepted_at, self.account.typical_s)
        if outcome.retry_after:
            again = now + timedelta(seconds=outcome.retry_after)
        moved = pipeline.apply_poll(step, outcome, self.where, now, again)
        if moved and outcome.state == "succeeded" and not pacing.is_late(now, due_at):
            took_s = (now - accepted_at).total_seconds()
            self._update_account(typical_s=pacing.update_typical(self.account.typical_s, took_s))

    # --- submits ---

    def _submit(self, at_work: list[Step], now: datetime) -> bool:
        """Begin the next calls that limits, budget and pause allow; whether any step waits."""
        waiting = self.account.steps.waiting(now).select_related(*WITH_STEP)
        step = self._next(waiting, at_work) if self._may_submit(at_work, now) else None
        if step is None:
            return waiting.exists()
        self._begin([step, *self._companions(step, waiting, at_work)], at_work, now)
        return True

    def _may_submit(self, at_work: list[Step], now: datetime) -> bool:
        """One call at a time, and none while the outcome of an earlier one is unknown: so at most
        one task in the provider's list can be a stranger, and reconciling is never a guess."""
        unresolved = any(s.state in {Step.State.SUBMITTING, Step.State.UNKNOWN} for s in at_work)
        throttled = self.account.throttled_until and self.account.throttled_until > now
        open_ = self.account.state == ProviderAccount.State.OPEN
        room = self._submits.room(self.clock.monotonic()) > 0
        return open_ and room and not throttled and not unresolved

    def _most_at_work(self) -> int:
        """How many steps of one model may be at the provider."""
        concurrency = self.account.concurrency or self.capabilities.concurrency
        return concurrency + self.capabilities.lookahead

    def _next(self, waiting: StepQuerySet, at_work: list[Step]) -> Step | None:
        """Interactive first, then by priority, the batch with the least at work, the oldest."""
        most = self._most_at_work()
        # Who waits at a screen may queue one more at a provider that lets tasks wait.
        most_urgent = most + (1 if self.capabilities.lookahead else 0)
        per_model = Counter(step.model for step in at_work)
        busy = [model for model, count in per_model.items() if count >= most_urgent]
        urgent = waiting.filter(interactive=True).exclude(model__in=busy).order_by("id").first()
        if urgent:
            return urgent
        full = [model for model, count in per_model.items() if count >= most]
        plain = waiting.filter(interactive=False).exclude(model__in=full)
        # One probe of the index of waiting steps for each batch, however many steps wait.
        has_work = Exists(plain.order_by().filter(batch=OuterRef("pk")))
        batches = self.account.batches.runnable().filter(has_work).order_by()
        per_batch = Counter(step.batch_id for step in at_work)
        order = [
            (-row[0], per_batch[row[1]], row[1]) for row in batches.values_list("priority", "pk")
        ]
        return plain.filter(batch=min(order)[-1]).order_by("id").first() if order else None

    def _companions(self, step: Step, waiting: StepQuerySet, at_work: list[Step]) -> list[Step]:
        """More steps for the same call: jobs of one batch travel together where a provider takes
        several, as far as there is room."""
        if self.capabilities.group_size == 1:
            return []
        room = self._most_at_work() - 1 - sum(s.model == step.model for s in at_work)
        same = waiting.filter(batch=step.batch_id, model=step.model).exclude(pk=step.pk)
        return list(same.order_by("id")[: max(0, min(room, self.capabilities.group_size - 1))])

    def _begin(self, steps: list[Step], at_work: list[Step], now: datetime) -> None:
        """Commit the intent, then call."""
        begun: list[Step] = []
        for step in steps:
            if self._commit_intent(step, [*at_work, *begun], now):
                begun.append(step)
        if begun:
            self._submits.take(self.clock.monotonic())
            submit = partial(self.provider.submit, [pipeline.request_for(step) for step in begun])
            self._call(begun, partial(_write_each, begun, self._submitted), submit)

    def _commit_intent(self, step: Step, in_flight: list[Step], now: datetime) -> bool:
        """Commit that a step is called now, with the most that it may cost, if consent and
        budgets allow it; a budget that does not stops the batch, or pauses the account."""
        if step.attempts >= MAX_ATTEMPTS:
            store_results.quarantine(step, self.where)
            return False
        if consent_check.cancel_if_refused(step, now):
            return False
        step.account = step.job.account = self.account
        reserved = charges.max_charge(step, in_flight, now)
        if not step.batch.affords(reserved):
            step.batch.stop(now)
            return False
        budget = self.account.month_budget
        if budget is not None and self.account.spent_this_month(now) + reserved > budget:
            self.account.pause("The budget of this month is used up.")
            return False
        return step.begin(self.where | consent_check.consent_condition(now), reserved, now)

    def _submitted(self, step: Step, outcome: Outcome) -> None:
        now = self.clock.now()
        if outcome.error and outcome.error.kind == "throttled":
            seconds = outcome.retry_after or pipeline.THROTTLED_S
            self._update_account(throttled_until=now + timedelta(seconds=seconds))
        poll_at = pacing.first_poll_at(now, self.account.typical_s)
        pipeline.apply_submit(step, outcome, self.where, now, poll_at)

    def _update_account(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self.account, name, value)
        mine = ProviderAccount.objects.filter(pk=self.account.pk, lease_token=self.token)
        mine.update(**values)

    # --- finished images ---

    def _wake_for_images(self, now: datetime) -> bool:
        """Wake the media lane again for images whose task or worker was lost; whether any waits."""
        images = self.account.steps.filter(state=Step.State.STORING)
        if self.clock.monotonic() >= self._wake_media_at:
            self._wake_media_at = self.clock.monotonic() + WAKE_MEDIA_EVERY_S
            for step in images.filter(due_at__lte=now).unclaimed(now):
                self._wake_media_lane(step, "store", now)
        return images.exists()

    def _wake_media_lane(self, step: Step, task: str, now: datetime) -> None:
        again = now + timedelta(seconds=WAKE_AGAIN_S)
        rows = Step.objects.filter(pk=step.pk, state=step.state, **self.where)
        if rows.update(due_at=again):
            wake_media_lane(task, step.pk)


class LocalAccountWorker(AccountWorker):
    """The embedded engine's account: its calls run in the media lane, not in threads."""

    def _follow_up(self, at_work: list[Step], now: datetime) -> None:
        """Wake the media lane again for steps whose task was lost or whose worker died."""
        for step in at_work:
            dead = step.claimed_until and step.claimed_until < now
            if dead and step.attempts >= MAX_ATTEMPTS:
                store_results.quarantine(step, self.where)
            elif dead or (not step.claimed_until and step.due_at <= now):
                rows = Step.objects.filter(pk=step.pk, claim=step.claim, state=step.state)
                rows.update(**UNCLAIMED)
                self._wake_media_lane(step, "render", now)

    def _begin(self, steps: list[Step], at_work: list[Step], now: datetime) -> None:
        for step in steps:
            if consent_check.cancel_if_refused(step, now):
                continue
            if step.begin(self.where | consent_check.consent_condition(now), 0, now, count=False):
                self._wake_media_lane(step, "render", now)

    def _may_submit(self, at_work: list[Step], now: datetime) -> bool:
        return self.account.state == ProviderAccount.State.OPEN


def _write_each(
    steps: Sequence[Step],
    write: Callable[[Step, Outcome], None],
    answer: Sequence[Outcome] | ProviderError,
) -> None:
    """Write each step's outcome; an error is the outcome of all."""
    if isinstance(answer, ProviderError):
        answer = [Outcome.failed(answer)] * len(steps)
    for step, outcome in zip(steps, answer, strict=True):
        write(step, outcome)


def _result(call: Future[Any]) -> Any:
    """What a call returned, or the error that it raised as one whose outcome is unknown."""
    try:
        return call.result()
    except ProviderError as error:
        return error
    except Exception as error:
        log.exception("an adapter failed")
        return ProviderError("adapter_fault", type(error).__name__, kind="transient", sent="maybe")
