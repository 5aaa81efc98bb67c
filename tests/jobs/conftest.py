"""A fake provider behind the real dispatcher, pipeline and storage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jobs import pipeline, storing
from jobs.dispatcher import Dispatcher
from jobs.models import ProviderAccount, Step, TryOnJob
from jobs.providers import registry
from tests.builders import make_account
from tests.pictures import photo

from .fake import Fake


@pytest.fixture
def fake(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    settings.PROVIDERS = {"fake": {"BACKEND": "tests.jobs.fake.Fake"}}
    monkeypatch.setattr(pipeline, "RECONCILE_AFTER_S", 0)
    monkeypatch.setattr(storing, "fetch", lambda url, trusted="": photo(width=300, height=400))
    registry.provider.cache_clear()
    yield registry.provider("fake")  # type: ignore[misc]
    registry.provider.cache_clear()


@pytest.fixture
def account(fake: Fake) -> ProviderAccount:
    return make_account("fake", typical_s=0.01)


@pytest.fixture
def work(fake: Fake) -> Callable[..., None]:
    """Turn the real loop until every job has ended, or `until` says so."""

    def run(until: Callable[[], bool] | None = None, turns: int = 200) -> None:
        from jobs.inline import _one_image

        dispatcher = Dispatcher()
        done = until or (lambda: not TryOnJob.objects.unfinished().exists())
        try:
            for _turn in range(turns):
                dispatcher.turn()
                if done():
                    return
                if not _one_image():
                    dispatcher.rest()
        finally:
            dispatcher.close()
        states = list(Step.objects.values_list("state", "error_code"))
        raise AssertionError(f"not done after {turns} turns: {states}")

    return run
