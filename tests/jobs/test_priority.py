"""Which batch goes next: by priority, then in turn; who waits at a screen goes before all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jobs.dispatch.dispatcher import Dispatcher
from jobs.models import Batch, ProviderAccount, Step
from tests.factories import make_batch, make_job
from tests.fake_provider import Fake
from tests.jobs.test_dispatcher import Work, ask


@pytest.fixture(autouse=True)
def _one_at_a_time(fake: Fake, account: ProviderAccount) -> None:
    ProviderAccount.objects.filter(pk=account.pk).update(concurrency=1)
    fake.capabilities = replace(fake.capabilities, lookahead=0)


def order() -> list[int]:
    return list(Step.objects.order_by("submitted_at").values_list("batch", flat=True))


def test_it_works(account: ProviderAccount, work: Work) -> None:
    last, normal, first = ask(account, 2), ask(account, 1), ask(account, 2)
    first.set_priority(Batch.Priority.FIRST)
    last.set_priority(Batch.Priority.LAST)
    work()
    assert order() == [first.pk, first.pk, normal.pk, last.pk, last.pk]


def test_who_waits_at_a_screen_goes_before_all(account: ProviderAccount, work: Work) -> None:
    first, urgent = ask(account), ask(account)
    first.set_priority(Batch.Priority.FIRST)
    Step.objects.filter(batch=urgent).update(interactive=True)
    work()
    assert order() == [urgent.pk, first.pk]


def test_equals_take_turns(fake: Fake, account: ProviderAccount, work: Work) -> None:
    ProviderAccount.objects.filter(pk=account.pk).update(concurrency=2)
    big, small = ask(account, 4), ask(account, 2)
    for batch in (big, small):
        batch.set_priority(Batch.Priority.FIRST)
    work()
    assert set(order()[:2]) == {big.pk, small.pk}


@pytest.mark.parametrize("n", [2, 30])
def test_the_number_of_queries_does_not_grow(
    account: ProviderAccount, django_assert_num_queries: Any, n: int
) -> None:
    for _ in range(n):
        make_job(batch=make_batch(account=account))
    loop = Dispatcher()
    loop.turn()
    worker = loop.workers[account.pk]
    waiting = account.steps.filter(state="waiting")
    with django_assert_num_queries(3):
        worker._next(waiting, [])
    loop.close()
