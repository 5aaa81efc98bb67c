"""Fetch what an outage left behind, before the provider forgets it. Submits nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from jobs import pipeline
from jobs.dispatch import reconcile, store_results
from jobs.dispatch.clock import Clock
from jobs.dispatch.pacing import SlidingWindow
from jobs.models import ProviderAccount, Step
from jobs.wakeups import wake_dispatcher
from providers import registry
from providers.contract import Outcome, ProviderError, RemoteTask

log = logging.getLogger(__name__)

# pending: its images may still come; ended: there are none; lost: they cannot come any more, or a
# person must decide.
Verdict = Literal["downloaded", "ended", "pending", "lost"]
DAY_S = 24 * 3600
AT_WORK = ("pending", "running")


@dataclass(frozen=True)
class Found:
    """What became of one step."""

    step: Step
    verdict: Verdict
    note: str = ""


def not_downloaded(account: ProviderAccount) -> list[Step]:
    """This account's steps whose images are not here, those that are forgotten soonest first."""
    steps = account.steps.not_downloaded().select_related("job", "account")
    never = datetime.max.replace(tzinfo=UTC)
    return sorted(steps, key=lambda step: step.result_expires_at() or never)


def unknown_tasks(account: ProviderAccount, now: datetime) -> list[RemoteTask]:
    """Tasks at the provider that no step knows. Raises ProviderError, `unsupported` for no list."""
    provider = registry.provider(account.alias)
    life = timedelta(seconds=provider.capabilities.result_life_s or DAY_S)
    # What is younger may be a call whose answer is on its way to us.
    tasks = provider.recent(now - life, now - reconcile.SKEW)
    ids = [task.remote_id for task in tasks]
    known = set(Step.objects.filter(remote_id__in=ids).values_list("remote_id", flat=True))
    return [task for task in tasks if task.remote_id not in known]


class Rescue:
    """The rescue of one account. Where a dispatcher holds its lease, that one is asked to hurry."""

    def __init__(self, account: ProviderAccount, clock: Clock | None = None) -> None:
        self.account = account
        self.clock = clock or Clock()
        self.provider = registry.provider(account.alias)
        capabilities = self.provider.capabilities
        self._queries = SlidingWindow(account.queries_per_s or capabilities.queries_per_s)

    def run(self) -> Iterator[Found]:
        ways = {
            Step.State.STORING: self._fetch_again,
            Step.State.REMOTE: self._poll_again,
            Step.State.UNKNOWN: self._look_for,
        }
        for step in not_downloaded(self.account):
            yield ways[Step.State(step.state)](step)

    def _fetch_again(self, step: Step) -> Found:
        """The address may have expired before the image did: ask for a new one first."""
        if step.remote_id:
            outcome = self._poll(step.remote_id)
            images = [{"url": image.url, "part": image.part} for image in outcome.images]
            if images:
                Step.objects.filter(pk=step.pk, state=Step.State.STORING).update(images=images)
        return self._download(step)

    def _download(self, step: Step) -> Found:
        store_results.store(step, self.clock)
        return _found(step)

    def _poll_again(self, step: Step) -> Found:
        with self._lease() as where:
            if where is None:
                Step.objects.filter(pk=step.pk).poll_now(self.clock.now())
                wake_dispatcher()
                return Found(step, "pending", "a dispatcher is at work and asks now")
            outcome = self._poll(step.remote_id)
            now = self.clock.now()
            pipeline.apply_poll(step, outcome, where, now, poll_at=now)
        if step.state == Step.State.STORING:
            return self._download(step)
        return _found(step, outcome)

    def _look_for(self, step: Step) -> Found:
        """A person was asked; if the provider knows the task and has ended it, nobody need be."""
        remote_id = step.remote_id or self._only_unknown_id(step)
        if not remote_id:
            return Found(step, "lost", "not found at the provider: decide on its page")
        outcome = self._poll(remote_id)
        if outcome.state in AT_WORK:
            return Found(step, "pending", "still at work at the provider")
        known = outcome.state in ("succeeded", "canceled") or _failed_there(outcome)
        if not known or not step.job.reopen(remote_id):
            return Found(step, "lost", _describe(outcome))
        step.refresh_from_db()
        return self._poll_again(step)

    def _only_unknown_id(self, step: Step) -> str:
        """The one unknown task of the moment of the call, if no other step could be its owner."""
        owners = self.account.steps.filter(state=Step.State.UNKNOWN, remote_id="")
        if step.submitted_at is None or owners.filter(model=step.model).count() != 1:
            return ""
        try:
            tasks = reconcile.look_up(self.provider, step, self.clock.now())
        except ProviderError:
            return ""
        latest = step.submitted_at + reconcile.SKEW
        unknown = reconcile.unknown_ids(step, [t for t in tasks if t.created_at <= latest])
        return unknown[0] if len(unknown) == 1 else ""

    def _poll(self, remote_id: str) -> Outcome:
        while not self._queries.room(self.clock.monotonic()):
            self.clock.sleep(0.05)
        self._queries.take(self.clock.monotonic())
        try:
            return self.provider.poll([remote_id])[0]
        except Exception as error:
            log.exception("an adapter failed")
            fault = type(error).__name__
            return Outcome.failed(ProviderError(fault, kind="transient", sent="no"))

    @contextmanager
    def _lease(self) -> Iterator[pipeline.Where | None]:
        """What makes this the account's only writer; None while another is."""
        token = self.account.lease(self.clock.now())
        held = ProviderAccount.objects.filter(pk=self.account.pk, lease_token=token)
        try:
            yield {"account__in": held.values("pk")} if token else None
        finally:
            if token:
                self.account.release(token)


def _failed_there(outcome: Outcome) -> bool:
    return outcome.error is not None and outcome.error.sent == "yes"


def _found(step: Step, outcome: Outcome | None = None) -> Found:
    """What the row says now became of the step."""
    step.refresh_from_db()
    if step.state == Step.State.DONE:
        return Found(step, "downloaded")
    if step.error_code == "result_lost" or step.state == Step.State.UNKNOWN:
        return Found(step, "lost", step.error_message)
    if step.state in (*Step.ENDED, Step.State.WAITING):
        return Found(step, "ended", step.error_message)
    return Found(step, "pending", step.error_message or (_describe(outcome) if outcome else ""))


def _describe(outcome: Outcome) -> str:
    return str(outcome.error) if outcome.error else f"the provider says: {outcome.state}"
