from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.models import ProviderAccount, Step
from providers.contract import Outcome, ProviderError
from tests.factories import make_batch, make_job, make_step
from tests.fake_provider import Fake, refused
from tests.jobs.test_dispatcher import ask, only_job

Work = Callable[..., None]


def accepted_but_unanswered(fake: Fake) -> Outcome:
    fake.accept()
    return refused("ReadTimeout", kind="transient", sent="maybe")


def test_it_works(fake: Fake, account: ProviderAccount, work: Work) -> None:
    """The provider took the call, its answer was lost: the task is found and not made again."""
    fake.answers.append(lambda: accepted_but_unanswered(fake))
    ask(account)
    work()
    assert only_job().state == "succeeded"
    assert Step.objects.get().remote_id == "task-1"
    assert len(fake.tasks) == len(fake.requests) == 1


def test_a_call_that_never_arrived_is_made_again(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.answers.append(refused("ReadTimeout", kind="transient", sent="maybe"))
    ask(account)
    work()
    assert only_job().state == "succeeded"
    assert (len(fake.tasks), len(fake.requests)) == (1, 2)


def test_a_fault_in_the_adapter_counts_as_maybe_sent(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.answers.append(KeyError("a fault"))
    fake.accept()
    ask(account)
    work()
    assert (len(fake.tasks), len(fake.requests)) == (1, 1)


def test_nothing_is_submitted_while_an_outcome_is_unknown(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.answers.append(refused("ReadTimeout", kind="transient", sent="maybe"))
    fake.listing = ProviderError("500", kind="transient", sent="no")
    ask(account, 3)
    work(lambda: Step.objects.filter(state="unknown", due_at__gt=timezone.now()).exists())
    assert len(fake.requests) == 1
    fake.listing = None
    Step.objects.filter(state="unknown").update(due_at=timezone.now())
    work()
    assert len(fake.tasks) == 3


def test_two_unknown_tasks_ask_a_person(fake: Fake, account: ProviderAccount, work: Work) -> None:
    """Somebody else uses this key: adopting either task could be the wrong image."""
    fake.accept()
    fake.answers.append(lambda: accepted_but_unanswered(fake))
    ask(account)
    work()
    job = only_job()
    assert (job.state, job.error_code) == ("needs_attention", "not_reconciled")
    assert "task-1" in job.error_message
    assert "task-2" in job.error_message


def test_known_tasks_and_other_models_are_not_adopted(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    earlier = make_job("succeeded", batch=make_batch(account=account))
    make_step(earlier, state="done", remote_id=fake.accept())
    fake.accept(model="fake-refine")
    fake.answers.append(lambda: accepted_but_unanswered(fake))
    ask(account)
    work()
    assert Step.objects.latest("id").remote_id == "task-3"


def test_without_a_list_a_person_decides(fake: Fake, account: ProviderAccount, work: Work) -> None:
    fake.answers.append(lambda: accepted_but_unanswered(fake))
    fake.listing = ProviderError("unsupported", kind="unsupported", sent="no")
    ask(account)
    work()
    assert only_job().state == "needs_attention"
    assert len(fake.requests) == 1


def test_a_list_that_never_answers_ends_with_a_person(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.answers.append(refused("ReadTimeout", kind="transient", sent="maybe"))
    fake.listing = ProviderError("500", kind="transient", sent="no")
    ask(account)
    work(lambda: Step.objects.filter(state="unknown", due_at__gt=timezone.now()).exists())
    long_ago = timezone.now() - timedelta(hours=1)
    Step.objects.update(submitted_at=long_ago, due_at=long_ago)
    work()
    assert only_job().state == "needs_attention"


def test_an_id_given_twice_is_not_believed(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.answers.extend([Outcome("pending", "same"), Outcome("pending", "same")])
    ask(account, 2)
    work()
    ids = Step.objects.values_list("remote_id", flat=True)
    assert sorted(ids) == ["same", "task-1"]


def test_an_answer_for_another_number_of_calls_is_not_believed(
    fake: Fake, account: ProviderAccount, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = fake.submit

    def mute(requests: object) -> list[Outcome]:
        monkeypatch.setattr(fake, "submit", honest)
        return []

    monkeypatch.setattr(fake, "submit", mute)
    ask(account)
    work()
    assert only_job().state == "succeeded"
