"""What an outage left behind comes home; what cannot is told."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from jobs.dispatch import recovery, store_results
from jobs.dispatch.download import DownloadFailed
from jobs.models import Event, ProviderAccount, Result, Step, TryOnJob
from providers.contract import Outcome, ProviderError, RemoteTask, Unsupported
from tests.factories import make_account, make_batch, make_job
from tests.fake_provider import Fake, refused

URL = "https://results.example/1.jpg"


def left(account: ProviderAccount, state: str, hours: float = 1, **kwargs: Any) -> Step:
    """A step in this state, submitted so many hours ago."""
    needs_person = state == "unknown"
    batch = make_batch(account=account)
    job = make_job("needs_attention" if needs_person else "running", step_state=state, batch=batch)
    at = timezone.now() - timedelta(hours=hours)
    values = {"submitted_at": at, "accepted_at": at, "due_at": at, "model": "fake"}
    ended = {"ended_at": at, "error_code": "overdue"} if needs_person else {}
    Step.objects.filter(job=job).update(**(values | ended | kwargs))
    return Step.objects.get(job=job)


def run(**options: Any) -> tuple[int, str]:
    """The command's exit code and what it printed."""
    out = io.StringIO()
    try:
        call_command("rescue", stdout=out, stderr=out, **options)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


def stranger(fake: Fake, step: Step, seconds: float = 5) -> str:
    assert step.submitted_at
    at = step.submitted_at + timedelta(seconds=seconds)
    fake.tasks.append(RemoteTask(f"stranger-{len(fake.tasks)}", "fake", at, "succeeded"))
    return fake.tasks[-1].remote_id


def test_it_works(fake: Fake, account: ProviderAccount) -> None:
    steps = [
        left(account, "storing", images=[{"url": URL, "part": ""}]),
        left(account, "remote"),
        left(account, "unknown", remote_id="forgotten-about"),
    ]
    code, text = run()
    assert code == 0
    assert text.count(" downloaded ") == 3
    assert Result.objects.count() == 3
    assert set(TryOnJob.objects.values_list("state", flat=True)) == {"succeeded"}
    assert not fake.requests
    assert [step.pk for step in steps if str(step.pk) in text]


def test_nothing_is_left(fake: Fake, account: ProviderAccount) -> None:
    assert run() == (0, "fake\n")


def test_a_dry_run_changes_nothing(fake: Fake, account: ProviderAccount) -> None:
    left(account, "remote", hours=3)
    before = list(Step.objects.values())
    code, text = run(dry_run=True)
    assert code == 1
    assert f"{timezone.now() + timedelta(hours=21):%Y-%m-%d %H}" in text
    assert list(Step.objects.values()) == before
    assert not fake.polled


def test_what_is_forgotten_soonest_comes_first(fake: Fake, account: ProviderAccount) -> None:
    late, soon = left(account, "remote", hours=1), left(account, "remote", hours=20)
    run()
    assert fake.polled == [[soon.remote_id], [late.remote_id]]


def test_a_new_address_is_asked_for(
    fake: Fake, account: ProviderAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = left(account, "storing", images=[{"url": URL, "part": ""}])
    fetched: list[str] = []
    monkeypatch.setattr(store_results, "fetch", lambda url, trusted="": fetched.append(url) or b"")
    run()
    assert fetched == [f"https://results.example/{old.remote_id}.jpg"]


@pytest.mark.parametrize("state", ["pending", "running"])
def test_what_is_at_work_is_left_at_work(fake: Fake, account: ProviderAccount, state: Any) -> None:
    left(account, "remote")
    left(account, "unknown", remote_id="slow")
    fake.polls += [Outcome(state, "x"), Outcome(state, "y")]
    code, text = run()
    assert (code, text.count(" pending ")) == (1, 2)
    assert set(Step.objects.values_list("state", flat=True)) == {"remote", "unknown"}


def test_a_provider_that_does_not_answer_is_asked_again(
    fake: Fake, account: ProviderAccount
) -> None:
    left(account, "remote")
    fake.polls += [refused("ConnectTimeout", "transient"), KeyError("a fault")]
    assert run()[0] == run()[0] == 1
    assert run()[0] == 0


def test_what_the_provider_forgot_is_lost(fake: Fake, account: ProviderAccount) -> None:
    left(account, "remote")
    fake.polls.append(Outcome("lost", "x"))
    code, text = run()
    assert code == 2
    assert "no longer knows" in text
    assert TryOnJob.objects.get().state == "needs_attention"


def test_an_image_that_is_gone_is_lost(
    fake: Fake, account: ProviderAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(url: str, trusted: str = "") -> bytes:
        raise DownloadFailed("The provider answers 404: expired?", gone=True)

    monkeypatch.setattr(store_results, "fetch", gone)
    left(account, "storing", images=[{"url": URL, "part": ""}])
    code, text = run()
    assert (code, "expired?" in text) == (2, True)


def test_a_task_that_failed_ends(fake: Fake, account: ProviderAccount) -> None:
    left(account, "unknown", remote_id="bad")
    fake.polls += [refused(sent="yes"), refused(sent="yes")]
    assert run()[0] == 0
    job = TryOnJob.objects.get()
    assert (job.state, job.error_code) == ("failed", "InvalidPerson")


def test_the_only_unknown_task_is_adopted(fake: Fake, account: ProviderAccount) -> None:
    step = left(account, "unknown", remote_id="", error_code="not_reconciled")
    task = stranger(fake, step)
    assert run()[0] == 0
    step.refresh_from_db()
    assert (step.state, step.remote_id) == ("done", task)
    assert Event.objects.filter(job=step.job, why="rescued").count() == 2


def test_unknown_tasks_are_never_guessed_at(fake: Fake, account: ProviderAccount) -> None:
    step = left(account, "unknown", remote_id="")
    ids = [stranger(fake, step), stranger(fake, step)]
    code, text = run()
    assert code == 2
    assert all(f"nobody knows task {remote_id}" in text for remote_id in ids)
    assert not fake.polled


def test_two_lost_calls_adopt_no_task(fake: Fake, account: ProviderAccount) -> None:
    first = left(account, "unknown", remote_id="")
    left(account, "unknown", remote_id="")
    stranger(fake, first)
    assert run()[0] == 2
    assert not fake.polled


def test_a_later_task_is_not_the_calls(fake: Fake, account: ProviderAccount) -> None:
    stranger(fake, left(account, "unknown", remote_id=""), seconds=600)
    assert run()[0] == 2
    assert Step.objects.get().state == "unknown"


def test_beside_a_dispatcher_it_only_hurries(fake: Fake, account: ProviderAccount) -> None:
    step = left(account, "remote", due_at=timezone.now() + timedelta(hours=1))
    account.lease(timezone.now())
    code, _ = run()
    assert code == 1
    step.refresh_from_db()
    assert (step.state, step.due_at <= timezone.now()) == ("remote", True)
    assert not fake.polled


def test_the_lease_is_given_back(fake: Fake, account: ProviderAccount) -> None:
    left(account, "remote")
    run()
    assert account.lease(timezone.now())


@pytest.mark.parametrize(
    ("error", "code"),
    [(Unsupported("no list"), 0), (ProviderError("500", kind="transient", sent="no"), 1)],
)
def test_a_list_that_cannot_be_had(
    fake: Fake, account: ProviderAccount, error: Exception, code: int
) -> None:
    fake.listing = error
    assert run()[0] == code


def test_one_account(fake: Fake, account: ProviderAccount) -> None:
    left(account, "remote")
    make_account("unused")
    assert run(account="fake")[0] == 0
    assert run(account="nobody")[0] == run(account="unused")[0] == 2


def test_the_clock(fake: Fake, account: ProviderAccount) -> None:
    soon, later = left(account, "storing", hours=23), left(account, "remote", hours=2)
    left(account, "done")
    rows = list(Step.objects.expiring_soonest())
    assert [row.pk for row in rows] == [soon.pk, later.pk]
    assert [row.forgotten_at for row in rows] == [row.result_expires_at() for row in rows]


def test_a_job_is_reopened_once(fake: Fake, account: ProviderAccount) -> None:
    job = left(account, "unknown", remote_id="").job
    assert job.reopen("task-7")
    assert not job.reopen("task-8")
    assert recovery.not_downloaded(account)[0].remote_id == "task-7"
