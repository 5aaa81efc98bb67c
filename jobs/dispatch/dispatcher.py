"""The loop that submits and polls. Several may run: each account is leased to one of them."""

from __future__ import annotations

import logging
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from django.utils import timezone
from django_q.tasks import async_task

from jobs.dispatch.account_worker import AccountWorker, LocalAccountWorker
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
    """Holds desks for the accounts it has leased, and gives each its turn.

    Threads do HTTP only; every database access happens in the caller's thread.
    """

    def __init__(self) -> None:
        self._desks: dict[int, AccountWorker] = {}
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="provider")
        self._lease_at = 0.0

    def run(self, run_s: float = RUN_S) -> None:
        """Work until there is nothing left to do, at most `run_s` seconds."""
        ends = time.monotonic() + run_s
        idle_since = time.monotonic()
        try:
            while time.monotonic() < min(ends, idle_since + LINGER_S):
                if self.turn():
                    idle_since = time.monotonic()
                self.rest()
                if not self._desks:
                    break
        finally:
            self.close()
        # Rows that came while the leases were being given up rang in vain: look once more.
        if _work_left():
            async_task("jobs.tasks.dispatch")

    def turn(self) -> bool:
        """Give every desk its turn; whether any has work."""
        if time.monotonic() >= self._lease_at:
            self._lease()
        busy = [desk.turn() for desk in self._desks.values()]
        return any(busy)

    def rest(self) -> None:
        """Sleep until a call returns, for a moment at most."""
        calls = [call for desk in self._desks.values() for call in desk.calls]
        if calls:
            wait(calls, timeout=TURN_S, return_when=FIRST_COMPLETED)
        else:
            time.sleep(TURN_S)

    def close(self) -> None:
        """Wait for the calls on their way, write what they brought, give the leases back."""
        for desk in self._desks.values():
            wait(list(desk.calls))
            desk.close()
        self._desks.clear()
        self._pool.shutdown()

    def _lease(self) -> None:
        """Renew what is held, drop what was lost, take what is free."""
        self._lease_at = time.monotonic() + LEASE_EVERY_S
        now = timezone.now()
        self._desks = {pk: desk for pk, desk in self._desks.items() if desk.renew(now)}
        for account in ProviderAccount.objects.leasable(now):
            if registry.unavailable(account.alias):
                continue
            token = account.lease(now)
            if token:
                here = registry.capabilities(account.alias).runs_here
                self._desks[account.pk] = (LocalAccountWorker if here else AccountWorker)(
                    account, token, self._pool
                )
        if self._desks:
            Heartbeat.beat("dispatch")


def _work_left() -> bool:
    """Whether a loop would have something to do that nobody is doing."""
    free = ProviderAccount.objects.leasable(timezone.now()).filter(state="open")
    usable = [account.pk for account in free if not registry.unavailable(account.alias)]
    return Step.objects.open().filter(account__in=usable).exists()
