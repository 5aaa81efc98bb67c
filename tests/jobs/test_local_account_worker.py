from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from catalog.models import Person
from jobs import tasks
from jobs.dispatch.dispatcher import Dispatcher
from jobs.models import ProviderAccount, Result, Step, TryOnJob
from providers import registry
from providers.contract import Outcome, RemoteImage
from tests.factories import make_account
from tests.fake_provider import Fake, refused
from tests.jobs.test_dispatcher import ask
from tests.pictures import photo


@pytest.fixture
def here(db: None, settings: Any) -> Iterator[Fake]:
    """A fake that runs in the media lane, as the embedded engine does."""
    options = {"runs_here": True, "concurrency": 2, "lookahead": 2}
    settings.PROVIDERS = {"fake": {"BACKEND": "tests.fake_provider.Fake", "OPTIONS": options}}
    registry.clear_caches()
    provider: Any = registry.provider("fake")
    provider.answers.extend([finished()] * 20)
    yield provider
    registry.clear_caches()


@pytest.fixture
def account(here: Fake) -> ProviderAccount:
    return make_account("fake")


def finished() -> Outcome:
    return Outcome("succeeded", images=[RemoteImage(data=photo())], warnings=["warp_folded"])


def turn() -> None:
    dispatcher = Dispatcher()
    dispatcher.turn()
    dispatcher.close()


def test_it_works(here: Fake, account: ProviderAccount) -> None:
    ask(account)
    turn()
    step = Step.objects.get()
    assert step.state == "submitting"
    assert not here.requests  # the dispatcher's process runs no engine
    tasks.render(step.pk)
    job, result = TryOnJob.objects.get(), Result.objects.get()
    assert (job.state, result.warnings) == ("succeeded", ["warp_folded"])


def test_no_more_is_handed_over_than_the_cores_can_use(account: ProviderAccount) -> None:
    ask(account, 10)
    dispatcher = Dispatcher()
    for _turn in range(10):
        dispatcher.turn()
    dispatcher.close()
    assert Step.objects.filter(state="submitting").count() == 4


def test_two_workers_do_one_image_once(here: Fake, account: ProviderAccount) -> None:
    ask(account)
    turn()
    step = Step.objects.get()
    assert step.take("submitting", timezone.now(), 60)
    tasks.render(step.pk)
    assert not here.requests


def test_a_dead_workers_claim_is_rung_for_again(account: ProviderAccount) -> None:
    ask(account)
    turn()
    step = Step.objects.get()
    step.take("submitting", timezone.now() - timedelta(minutes=5), 60)
    turn()
    tasks.render(step.pk)
    assert TryOnJob.objects.get().state == "succeeded"


def test_three_dead_workers_set_the_image_aside(here: Fake, account: ProviderAccount) -> None:
    ask(account)
    turn()
    long_ago = timezone.now() - timedelta(minutes=5)
    Step.objects.update(attempts=3, claim="dead", claimed_until=long_ago)
    turn()
    job = TryOnJob.objects.get()
    assert (job.state, job.error_code) == ("failed", "quarantined")
    assert not here.requests


def test_a_refusal_reaches_the_job(here: Fake, account: ProviderAccount) -> None:
    here.answers.clear()
    here.answers.append(refused("InvalidPerson", sent="yes"))
    ask(account)
    turn()
    tasks.render(Step.objects.get().pk)
    assert TryOnJob.objects.get().error_code == "InvalidPerson"


def test_a_missing_photo_is_explained(here: Fake, account: ProviderAccount) -> None:
    here.answers.clear()
    here.answers.append(lambda: read_person(here))
    ask(account)
    turn()
    default_storage.delete(Person.objects.get().wire.name)
    tasks.render(Step.objects.get().pk)
    job = TryOnJob.objects.get()
    assert (job.state, job.error_code) == ("failed", "file_unreadable")
    assert "No such file" in job.error_message


def read_person(here: Fake) -> Outcome:
    here.requests[0].person.read()
    return finished()


def test_a_full_disk_is_explained(
    here: Fake, account: ProviderAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    ask(account)
    turn()
    monkeypatch.setattr("catalog.photos.ingest.save", full)
    tasks.render(Step.objects.get().pk)
    job = TryOnJob.objects.get()
    assert (job.state, job.error_code) == ("failed", "storage_failed")


def test_a_late_task_does_not_start_it_once_more(here: Fake, account: ProviderAccount) -> None:
    ask(account)
    turn()
    Step.objects.update(attempts=3)
    tasks.render(Step.objects.get().pk)
    assert TryOnJob.objects.get().error_code == "quarantined"
    assert not here.requests
