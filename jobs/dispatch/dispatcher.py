"""The loop that submits and polls. Several may run: each account is leased to one of them."""

from __future__ import annotations

import logging
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import datetime

from django_q.tasks import async_task

from jobs.dispatch.account_worker import AccountWorker, LocalAccountWorker
from jobs.dispatch.clock import Clock
from jobs.models import Heartbeat, ProviderAccount, Step
from providers import registry

log = logging.getLogger(__name__)

RUN_S = 55
# Wait this long for more work before ending: a new loop takes longer to start.
LINGER_S = 3
LEASE_EVERY_S = 2
TURN_S = 0.1
THREADS = 8


class Dispatcher:
    """Has a worker for each account that it has leased, and gives each its turn.

    Threads do HTTP only; every database access happens in the caller's thread.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.workers: dict[int, AccountWorker] = {}
        self.clock = clock or Clock()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="provider")
        self._lease_at = 0.0

    def run(self, run_s: float = RUN_S) -> None:
        """Work until there is nothing left to do, at most `run_s` seconds."""
        ends = self.clock.monotonic() + run_s
        idle_since = self.clock.monotonic()
        try:
            while self.clock.monotonic() < min(ends, idle_since + LINGER_S):
                if self.turn():
                    idle_since = self.clock.monotonic()
                self.rest()
                if not self.workers:
                    break
        finally:
            self.close()
        # Rows that were added while the leases were being given up woke no other loop.
        if _has_unattended_work(self.clock.now()):
            async_task("jobs.tasks.dispatch")

    def turn(self) -> bool:
        """Give every account's worker its turn; whether any has something left to do."""
        if self.clock.monotonic() >= self._lease_at:
            self._lease()
        busy = [worker.turn() for worker in self.workers.values()]
        return any(busy)

    def rest(self) -> None:
        """Sleep until a call returns, for a moment at most."""
        calls = [call for worker in self.workers.values() for call in worker.calls]
        if calls:
            wait(calls, timeout=TURN_S, return_when=FIRST_COMPLETED)
        else:
            self.clock.sleep(TURN_S)

    def close(self) -> None:
        """Wait for the calls on their way, write what they brought, give the leases back."""
        for worker in self.workers.values():
            wait(list(worker.calls))
            worker.close()
        self.workers.clear()
        self._pool.shutdown()

    def _lease(self) -> None:
        """Renew what is held, drop what was lost, take what is free."""
        self._lease_at = self.clock.monotonic() + LEASE_EVERY_S
        now = self.clock.now()
        self.workers = {pk: worker for pk, worker in self.workers.items() if worker.renew(now)}
        for account in ProviderAccount.objects.leasable(now):
            if registry.unavailable_reason(account.alias):
                continue
            token = account.lease(now)
            if token:
                local = registry.capabilities(account.alias).runs_here
                worker_class = LocalAccountWorker if local else AccountWorker
                self.workers[account.pk] = worker_class(account, token, self._pool, self.clock)
        if self.workers:
            Heartbeat.beat("dispatch")


def _has_unattended_work(now: datetime) -> bool:
    """Whether a loop would have something to do that no other loop does."""
    free = ProviderAccount.objects.leasable(now).filter(state="open")
    usable = [account.pk for account in free if not registry.unavailable_reason(account.alias)]
    return Step.objects.open().filter(account__in=usable).exists()
