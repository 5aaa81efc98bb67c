"""One leased account in the hands of one loop: its limits are plain local arithmetic."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import IntegrityError
from django.db.models import Exists, OuterRef
from django.utils import timezone

from jobs import consent_check, pipeline
from jobs.billing import charges
from jobs.dispatch import polling, reconcile, store_results
from jobs.dispatch.rate_limit import SlidingWindow
from jobs.models import ProviderAccount, Step
from jobs.models.step import MAX_CLAIMS
from jobs.wakeups import WAKE_AGAIN_S, wake_media_lane
from providers import registry
from providers.contract import Outcome, ProviderError

log = logging.getLogger(__name__)

HAND_OVER_EVERY_S = 2
# A provider that gives up on a task after three hours says so; one that does not is asked about.
OVERDUE = timedelta(hours=4)
# What a step's call is made of, read with it.
WITH_STEP = ("batch", "job__person", "job__top", "job__bottom", "job__dress", "job__account")
# What a call brought, for the steps that it was about: one answer each, or one error for all.
Apply = Callable[[Step, Outcome], None]


class AccountWorker:
    """The only writer of one account's steps, for as long as its lease holds."""

    def __init__(self, account: ProviderAccount, token: str, pool: ThreadPoolExecutor) -> None:
        self.account = account
        self.token = token
        # A sub-select and not a join: Django would turn a join into `id IN (SELECT … state …)`,
        # and PostgreSQL does not look again into that when two writers race for one row.
        held = ProviderAccount.objects.filter(pk=account.pk, lease_token=token)
        self.where = {"account__in": held.values("pk")}
        self.provider = registry.provider(account.alias)
        self.capabilities = self.provider.capabilities
        self.calls: dict[Future[Any], Callable[[Any], Any]] = {}
        self._in_call: set[int] = set()
        # Each is asked once; the next holder of the lease may ask once more, which harms nothing.
        self._asked_to_cancel: set[int] = set()
        self._pool = pool
        self._hand_over_at = 0.0
        self._submits = SlidingWindow(account.submits_per_s or self.capabilities.submits_per_s)
        self._queries = SlidingWindow(account.queries_per_s or self.capabilities.queries_per_s)

    def renew(self, now: datetime) -> bool:
        """Keep the lease and read again what people may have changed."""
        held = self.account.renew(self.token, now)
        self.account.refresh_from_db()
        return held

    def close(self) -> None:
        self._collect()
        self.account.release(self.token)

    def turn(self) -> bool:
        """Collect, poll, submit, hand over; whether there is anything left to do."""
        self._collect()
        now = timezone.now()
        at_work = self._at_work()
        self._ask_after(at_work, now)
        waiting = self._submit(at_work, now)
        storing_left = self._hand_over(now)
        return bool(at_work or waiting or storing_left)

    def _at_work(self) -> list[Step]:
        steps = list(self.account.steps.at_work().select_related(*WITH_STEP))
        for step in steps:
            step.account = step.job.account = self.account
        return steps

    # --- calls ---

    def _call(self, steps: list[Step], apply: Apply, function: Callable[..., Any]) -> None:
        """Let a thread ask about these steps; `apply` writes the answer of each."""

        def write(answer: Any) -> None:
            if isinstance(answer, ProviderError):
                answer = [Outcome.failed(answer)] * len(steps)
            for step, outcome in zip(steps, answer, strict=True):
                apply(step, outcome)

        self._submit_call(steps, write, function)

    def _submit_call(
        self, steps: list[Step], write: Callable[[Any], Any], function: Callable[..., Any]
    ) -> None:
        ids = {step.pk for step in steps}
        self._in_call |= ids

        def done(answer: Any) -> None:
            self._in_call -= ids
            write(answer)

        self.calls[self._pool.submit(function)] = done

    def _collect(self) -> None:
        """Write what finished calls brought."""
        for call in [call for call in self.calls if call.done()]:
            try:
                self.calls.pop(call)(_result(call))
            except (IntegrityError, ValueError):
                # An answer that contradicts itself or the database, such as an id given twice:
                # its step stays as it is, and is found without a call of ours in the next turn.
                log.exception("%s: an answer could not be written", self.account)

    # --- polls, and what was lost ---

    def _ask_after(self, at_work: list[Step], now: datetime) -> None:
        idle = [step for step in at_work if step.pk not in self._in_call]
        for step in idle:
            if step.pk in self._in_call:
                continue  # a step before it was asked after by the same query
            if step.state == Step.State.SUBMITTING:
                # Its writer is dead, or it would be in a call of ours.
                step.mark_outcome_unknown("its worker died", self.where, self._settled_at(step))
            elif not self._queries.room(time.monotonic()):
                continue
            elif self._is_to_cancel(step):
                self._queries.take(time.monotonic())
                self._ask_to_cancel(step)
            elif step.due_at <= now:
                self._queries.take(time.monotonic())
                self._ask(step, idle, now)

    def _is_to_cancel(self, step: Step) -> bool:
        wanted = step.state == Step.State.REMOTE and step.job.cancel_asked_at is not None
        return wanted and self.capabilities.cancel and step.pk not in self._asked_to_cancel

    def _ask_to_cancel(self, step: Step) -> None:
        """Whatever the provider answers, and if it answers: what became of it, the poll says."""
        self._asked_to_cancel.add(step.pk)
        mine = Step.objects.filter(pk=step.pk, **self.where)
        cancel = partial(self.provider.cancel, step.remote_id)
        self._submit_call([step], lambda _answer: mine.poll_now(timezone.now()), cancel)

    def _settled_at(self, step: Step) -> datetime:
        sent_at = step.submitted_at or timezone.now()
        return sent_at + timedelta(seconds=pipeline.RECONCILE_AFTER_S)

    def _ask(self, step: Step, idle: list[Step], now: datetime) -> None:
        if step.state == Step.State.UNKNOWN:
            look_up = partial(reconcile.look_up, self.provider, step)
            write = partial(reconcile.apply, step, where=self.where)
            self._submit_call([step], write, look_up)
        elif now - (step.accepted_at or now) > OVERDUE:
            message = "The provider has not answered for hours; it may still bill."
            pipeline.ask_a_person(step, self.where, "overdue", message)
        else:
            steps = self._asked_together(step, idle)
            ids = [step.remote_id for step in steps]
            self._call(steps, self._polled, partial(self.provider.poll, ids))

    def _asked_together(self, step: Step, idle: list[Step]) -> list[Step]:
        """The steps that the same query answers."""
        key = self.provider.query_key(step.remote_id)
        remote = [s for s in idle if s.state == Step.State.REMOTE]
        return [s for s in remote if self.provider.query_key(s.remote_id) == key]

    def _polled(self, step: Step, outcome: Outcome) -> None:
        now = timezone.now()
        accepted_at, asked_for = step.accepted_at or now, step.due_at
        if outcome.error and outcome.error.sent != "yes":
            self._question_failed(outcome.error)
        again = polling.next_poll_at(now, accepted_at, self.account.typical_s)
        if outcome.retry_after:
            again = now + timedelta(seconds=outcome.retry_after)
        moved = pipeline.apply_poll(step, outcome, self.where, again)
        if moved and outcome.state == "succeeded" and not polling.is_late(now, asked_for):
            self._learn((now - accepted_at).total_seconds())

    def _question_failed(self, error: ProviderError) -> None:
        log.warning("%s: poll failed: %s", self.account, error)
        if error.kind == "account":
            self.account.pause(str(error))

    def _learn(self, took_s: float) -> None:
        self.account.typical_s = polling.update_typical(self.account.typical_s, took_s)
        mine = ProviderAccount.objects.filter(pk=self.account.pk, lease_token=self.token)
        mine.update(typical_s=self.account.typical_s)

    # --- submits ---

    def _submit(self, at_work: list[Step], now: datetime) -> bool:
        """Begin the next calls that limits, budget and pause allow; whether any step waits."""
        waiting = self.account.steps.waiting(now).select_related(*WITH_STEP)
        if not self._may_submit(at_work, now):
            return waiting.exists()
        step = self._next(waiting, at_work)
        if step:
            self._begin([step, *self._companions(step, waiting, at_work)], at_work, now)
        return step is not None or waiting.exists()

    def _may_submit(self, at_work: list[Step], now: datetime) -> bool:
        """One call at a time, and none while the outcome of an earlier one is unknown: so at most
        one task in the provider's list can be a stranger, and reconciling is never a guess."""
        unresolved = any(s.state in {Step.State.SUBMITTING, Step.State.UNKNOWN} for s in at_work)
        throttled = self.account.throttled_until and self.account.throttled_until > now
        open_ = self.account.state == ProviderAccount.State.OPEN
        room = self._submits.room(time.monotonic()) > 0
        return open_ and room and not throttled and not unresolved

    def _next(self, waiting: Any, at_work: list[Step]) -> Step | None:
        """Interactive first, then by priority, the batch with the least at work, the oldest."""
        per_model = Counter(step.model for step in at_work)
        urgent = waiting.filter(interactive=True).exclude(model__in=self._full(per_model, extra=1))
        first = urgent.order_by("id").first()
        if first:
            return first
        plain = waiting.filter(interactive=False).exclude(model__in=self._full(per_model))
        batch = self._next_batch(plain, Counter(step.batch_id for step in at_work))
        return plain.filter(batch=batch).order_by("id").first() if batch else None

    def _next_batch(self, plain: Any, at_work: Counter[int]) -> int | None:
        """One probe of the index of waiting steps for each batch, however many steps wait."""
        mine = Exists(plain.order_by().filter(batch=OuterRef("pk")))
        batches = self.account.batches.runnable().filter(mine).order_by()
        keys = [(-row[0], at_work[row[1]], row[1]) for row in batches.values_list("priority", "pk")]
        return min(keys)[-1] if keys else None

    def _full(self, per_model: Counter[str], extra: int = 0) -> list[str]:
        """Models with no place left. Who waits at a screen may queue one more at the provider."""
        most = self._most() + (extra if self.capabilities.lookahead else 0)
        return [model for model, count in per_model.items() if count >= most]

    def _most(self) -> int:
        """How many steps of one model may be at the provider."""
        concurrency = self.account.concurrency or self.capabilities.concurrency
        return concurrency + self.capabilities.lookahead

    def _companions(self, step: Step, waiting: Any, at_work: list[Step]) -> list[Step]:
        """More steps for the same call: jobs of one batch travel together where a provider takes
        several, as far as there is room."""
        if self.capabilities.group_size == 1:
            return []
        room = self._most() - 1 - sum(s.model == step.model for s in at_work)
        same = waiting.filter(batch=step.batch_id, model=step.model).exclude(pk=step.pk)
        return list(same.order_by("id")[: max(0, min(room, self.capabilities.group_size - 1))])

    def _begin(self, steps: list[Step], at_work: list[Step], now: datetime) -> None:
        """Commit the intent, then call."""
        begun: list[Step] = []
        for step in steps:
            if self._claim(step, [*at_work, *begun], now):
                begun.append(step)
        if begun:
            self._submits.take(time.monotonic())
            requests = [pipeline.request_for(step) for step in begun]
            self._call(begun, self._submitted, partial(self.provider.submit, requests))

    def _claim(self, step: Step, in_flight: list[Step], now: datetime) -> bool:
        """Commit the intent of one step's call, with the most that it may cost."""
        if step.claims >= MAX_CLAIMS:
            store_results.quarantine(step, self.where)
            return False
        if consent_check.refuse(step, now):
            return False
        step.account = step.job.account = self.account
        reserved = charges.bound(step, in_flight, now)
        where = self.where | consent_check.consent_condition(now)
        return self._affordable(step, reserved, now) and step.begin(where, reserved, now)

    def _affordable(self, step: Step, reserved: Decimal, now: datetime) -> bool:
        """Whether budgets allow the call; else the batch stops, or the account pauses."""
        if not step.batch.affords(reserved):
            step.batch.stop(now)
            return False
        budget = self.account.month_budget
        if budget is None or self.account.spent_this_month(now) + reserved <= budget:
            return True
        self.account.pause("The budget of this month is used up.")
        return False

    def _submitted(self, step: Step, outcome: Outcome) -> None:
        now = timezone.now()
        if outcome.error and outcome.error.kind == "throttled":
            self._slow_down(now, outcome.retry_after or 2.0)
        poll_at = polling.first_poll_at(now, self.account.typical_s)
        pipeline.apply_submit(step, outcome, self.where, poll_at)

    def _slow_down(self, now: datetime, seconds: float) -> None:
        until = self.account.throttled_until = now + timedelta(seconds=seconds)
        mine = ProviderAccount.objects.filter(pk=self.account.pk, lease_token=self.token)
        mine.update(throttled_until=until)

    # --- finished images ---

    def _hand_over(self, now: datetime) -> bool:
        """Ring again for images whose bell, or whose worker, was lost."""
        images = self.account.steps.filter(state=Step.State.STORING)
        if time.monotonic() >= self._hand_over_at:
            self._hand_over_at = time.monotonic() + HAND_OVER_EVERY_S
            for step in images.filter(due_at__lte=now).unclaimed(now):
                self._ring(step, "store", now)
        return images.exists()

    def _ring(self, step: Step, task: str, now: datetime) -> None:
        again = now + timedelta(seconds=WAKE_AGAIN_S)
        rows = Step.objects.filter(pk=step.pk, state=step.state, **self.where)
        if rows.update(due_at=again):
            wake_media_lane(task, step.pk)


class LocalAccountWorker(AccountWorker):
    """The embedded engine's account: its calls run in the media lane, not in threads."""

    def _ask_after(self, at_work: list[Step], now: datetime) -> None:
        """Ring again for steps whose bell was lost or whose worker died."""
        for step in at_work:
            dead = step.claimed_until and step.claimed_until < now
            if dead and step.claims >= MAX_CLAIMS:
                store_results.quarantine(step, self.where)
            elif dead or (not step.claimed_until and step.due_at <= now):
                rows = Step.objects.filter(pk=step.pk, claim=step.claim, state=step.state)
                rows.update(claim="", claimed_until=None)
                self._ring(step, "render", now)

    def _begin(self, steps: list[Step], at_work: list[Step], now: datetime) -> None:
        for step in steps:
            if consent_check.refuse(step, now):
                continue
            if step.begin(self.where | consent_check.consent_condition(now), 0, now, claim=False):
                self._ring(step, "render", now)

    def _may_submit(self, at_work: list[Step], now: datetime) -> bool:
        return self.account.state == ProviderAccount.State.OPEN


def _result(call: Future[Any]) -> Any:
    """What a call returned, or the error that it raised as one whose outcome is unknown."""
    try:
        return call.result()
    except ProviderError as error:
        return error
    except Exception as error:
        log.exception("an adapter failed")
        return ProviderError("adapter_fault", type(error).__name__, kind="transient", sent="maybe")
