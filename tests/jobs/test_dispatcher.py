from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from jobs.dispatch.dispatcher import Dispatcher
from jobs.launch.create import launch
from jobs.models import Batch, Event, ProviderAccount, Result, Step, TryOnJob
from jobs.recipe import Recipe
from providers.contract import Outcome, ProviderError, RemoteImage
from tests.factories import make_garment, make_person
from tests.fake_provider import Fake, refused

Work = Callable[..., None]


def ask(account: ProviderAccount, count: int = 1, **recipe: object) -> Batch:
    outfits = [{"top": make_garment("top")} for _ in range(count)]
    return launch(
        persons=[make_person()],
        outfits=outfits,
        account=account,
        recipe=Recipe(**recipe),  # type: ignore[arg-type]
    )


def only_job() -> TryOnJob:
    return TryOnJob.objects.get()


def test_it_works(fake: Fake, account: ProviderAccount, work: Work) -> None:
    ask(account)
    work()
    job, step, result = only_job(), Step.objects.get(), Result.objects.get()
    assert job.state == "succeeded"
    assert (step.state, step.remote_id, str(step.cost)) == ("done", "task-1", "0.5000")
    assert (result.role, result.review, result.width) == ("final", "pending", 300)
    moves = Event.objects.filter(kind="step").values_list("from_state", "to_state")
    assert list(moves) == [
        ("waiting", "submitting"),
        ("submitting", "remote"),
        ("remote", "storing"),
        ("storing", "done"),
    ]


def test_keeping_the_rest_and_refining_take_three_steps(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    parsed = Outcome("succeeded", images=[_image("bottom")], usage=1)
    fake.answers.append(parsed)
    ask(account, keep_rest=True, refine=True)
    work()
    assert [step.operation for step in Step.objects.order_by("position")] == [
        "parse",
        "tryon",
        "refine",
    ]
    assert [r.role for r in Result.objects.order_by("id")] == ["cutout", "unrefined", "final"]
    parse, tryon, refine = fake.requests
    assert parse.parts == ("bottom",)
    assert set(tryon.garments) == {"top", "bottom"}
    assert refine.coarse is not None
    assert refine.person.sha256 == tryon.person.sha256


def _image(part: str = "") -> RemoteImage:
    return RemoteImage(url="https://results.example/crop.jpg", part=part)


def test_a_failed_refine_leaves_the_image_that_was_paid_for(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.answers.extend([Outcome("pending", "one"), refused("InternalError.Algo")])
    ask(account, refine=True)
    work()
    result = Result.objects.get()
    assert only_job().state == "succeeded"
    assert (result.role, result.warnings) == ("final", ["refine_failed"])


def test_a_refused_image_fails_the_job_with_its_code(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.answers.append(refused("InvalidPerson"))
    ask(account)
    work()
    job = only_job()
    assert (job.state, job.error_code, job.error_kind) == ("failed", "InvalidPerson", "input")
    assert Step.objects.get().cost == 0


def test_a_throttled_submit_waits_and_is_made_again(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.answers.append(refused("Throttling", kind="throttled"))
    ask(account)
    work()
    assert only_job().state == "succeeded"
    assert len(fake.requests) == 2
    account.refresh_from_db()
    assert account.throttled_until is not None


def test_an_account_error_pauses_the_account_and_keeps_the_job(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.answers.append(refused("Arrearage", kind="account"))
    ask(account)

    def paused() -> bool:
        account.refresh_from_db()
        return account.state == "paused"

    work(paused)
    assert "Arrearage" in account.pause_reason
    assert Step.objects.get().state == "waiting"
    account.resume()
    work()
    assert only_job().state == "succeeded"


def test_an_unsent_call_is_repeated_a_bounded_number_of_times(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.answers.extend(refused("DNS", kind="transient") for _ in range(10))
    ask(account)
    work()
    assert only_job().state == "failed"
    assert len(fake.requests) == 6
    assert fake.tasks == []


def test_a_failed_question_never_fails_a_job(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.polls.extend(
        [
            refused("500", kind="transient", sent="maybe"),
            ProviderError("timeout", kind="transient", sent="maybe"),
            KeyError("a fault in the adapter"),  # type: ignore[list-item]
            refused("Throttling", kind="throttled"),
        ]
    )
    ask(account)
    work()
    assert only_job().state == "succeeded"
    assert len(fake.requests) == 1


def test_a_task_that_failed_at_the_provider_is_made_anew_once(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fault = refused("InternalError.Algo", kind="transient", sent="yes")
    fake.polls.extend([fault, fault])
    ask(account)
    Step.objects.update(due_at=timezone.now())
    step = Step.objects.get()
    work(lambda: _is_waiting_again(step))
    Step.objects.update(due_at=timezone.now())
    work()
    assert only_job().error_code == "InternalError.Algo"
    assert len(fake.requests) == 2


def _is_waiting_again(step: Step) -> bool:
    step.refresh_from_db()
    return step.state == "waiting" and step.retries == 1


def test_a_forgotten_task_asks_a_person(fake: Fake, account: ProviderAccount, work: Work) -> None:
    fake.polls.append(Outcome("lost", "task-1"))
    ask(account)
    work()
    job = only_job()
    assert (job.state, job.error_code) == ("needs_attention", "provider_forgot")
    assert job.settle(by=None)
    assert Step.objects.get().state == "failed"


def test_the_concurrency_of_an_account_is_never_exceeded(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    fake.polls.extend(Outcome("running") for _ in range(20))
    ask(account, 20)
    most = 0

    def done() -> bool:
        nonlocal most
        most = max(most, Step.objects.at_work().count())
        return not TryOnJob.objects.unfinished().exists()

    work(done, turns=2000)
    assert most == 7  # 5 at work and 2 looking ahead


def test_interactive_comes_first_and_batches_take_turns(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    ProviderAccount.objects.filter(pk=account.pk).update(concurrency=1)
    fake.capabilities = replace(fake.capabilities, lookahead=0)
    big, small = ask(account, 3), ask(account, 1)
    urgent = launch(
        persons=[make_person()],
        outfits=[{"top": make_garment()}],
        account=account,
        interactive=True,
    )
    work()
    order = list(Step.objects.order_by("submitted_at").values_list("batch", flat=True))
    assert order[0] == urgent.pk
    assert set(order[1:]) == {big.pk, small.pk}


def test_a_canceled_job_is_not_submitted(fake: Fake, account: ProviderAccount, work: Work) -> None:
    batch = ask(account, 2)
    assert batch.jobs.order_by("id")[0].cancel()
    work()
    assert sorted(batch.jobs.values_list("state", flat=True)) == ["canceled", "succeeded"]
    assert len(fake.requests) == 1


def test_a_used_up_budget_pauses_before_the_call(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    ProviderAccount.objects.filter(pk=account.pk).update(month_budget="0.60")
    ask(account, 2)
    work(lambda: ProviderAccount.objects.get(pk=account.pk).state == "paused")
    work(lambda: not Step.objects.at_work().exists())
    assert len(fake.requests) == 1


def test_two_loops_share_accounts_without_sharing_one(fake: Fake, account: ProviderAccount) -> None:
    first, second = Dispatcher(), Dispatcher()
    first.turn()
    second.turn()
    assert account.pk in first.workers
    assert account.pk not in second.workers
    first.close()
    second.close()


def test_a_loop_that_lost_its_lease_writes_nothing(fake: Fake, account: ProviderAccount) -> None:
    ask(account)
    sleeper = Dispatcher()
    sleeper.turn()
    worker = sleeper.workers[account.pk]
    later = timezone.now() + timedelta(seconds=60)
    thief = ProviderAccount.objects.get(pk=account.pk)
    assert thief.lease(later)
    sleeper.rest()
    worker.turn()
    assert Step.objects.get().state == "submitting"
    assert not worker.renew(timezone.now())


def grouping(fake: Fake, most: int = 10, concurrency: int = 20) -> None:
    fake.capabilities = replace(
        fake.capabilities, group_size=most, concurrency=concurrency, lookahead=0, list=False
    )


def test_jobs_of_one_batch_travel_together_and_end_apart(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    grouping(fake)
    fake.polls.extend([finished(), Outcome("running"), refused("Bad", sent="yes")])
    ask(account, 3)
    ask(account, 1)
    work()
    assert sorted(fake.calls) == [1, 3]
    states = TryOnJob.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["succeeded", "succeeded", "failed", "succeeded"]
    together = next(ids for ids in fake.polled if len(ids) > 1)
    assert {fake.query_key(remote_id) for remote_id in together} == {"task-1"}


def finished() -> Outcome:
    return Outcome("succeeded", images=[_image()], usage=1)


def test_a_group_is_no_larger_than_the_room(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    grouping(fake, concurrency=4)
    ask(account, 6)
    work()
    assert fake.calls == [4, 2]


def test_a_lost_call_is_lost_for_all_of_its_group(
    fake: Fake, account: ProviderAccount, work: Work
) -> None:
    grouping(fake)
    fake.listing = ProviderError("unsupported", kind="unsupported", sent="no")
    fake.answers.append(refused("ReadTimeout", kind="transient", sent="maybe"))
    ask(account, 3)
    work()
    assert set(TryOnJob.objects.values_list("state", flat=True)) == {"needs_attention"}
    assert fake.calls == [3]


def test_two_batches_share_the_places(fake: Fake, account: ProviderAccount, work: Work) -> None:
    fake.capabilities = replace(fake.capabilities, concurrency=4, lookahead=0)
    fake.polls.extend(Outcome("running", retry_after=5) for _ in range(20))
    big, small = ask(account, 6), ask(account, 3)
    work(lambda: Step.objects.at_work().filter(state="remote").count() == 4)
    places = Step.objects.at_work().values_list("batch", flat=True)
    assert sorted(places) == [big.pk, big.pk, small.pk, small.pk]
