"""A job on Aidge, from launch to results: several images a call, and a call that is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from jobs import pipeline
from jobs.dispatch import store_results
from jobs.launch.create import LaunchRefused, launch
from jobs.models import ProviderAccount, Result, TryOnJob
from jobs.recipe import Recipe
from providers import registry
from sandbox import Sandbox
from tests.factories import make_account, make_garment, make_person
from tests.fake_provider import Fake
from tests.sandbox.aidge_calls import flat_lay
from tests.sandbox.calls import hosted

Work = Callable[..., None]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        task_seconds=0, instant=True, queries_per_second=0, aidge_paid_images=4
    ) as running:
        yield running


@pytest.fixture
def account(
    fake: Fake,
    sandbox: Sandbox,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    httpserver: HTTPServer,
) -> ProviderAccount:
    """An account at the sandbox, which fetches every picture from one address."""
    options = {"app_key": "1", "app_secret": "sandbox", "base_url": sandbox.aidge_url}
    backend = "providers.aidge.adapter.Aidge"
    settings.PROVIDERS = {"aidge": {"BACKEND": backend, "OPTIONS": options}}
    registry.clear_caches()
    url = hosted(httpserver, data=flat_lay())
    monkeypatch.setattr(pipeline, "fetch_url", lambda name, way, **_: url)
    monkeypatch.setattr(
        store_results, "fetch", lambda url, trusted="": requests.get(url, timeout=5).content
    )
    return make_account("aidge", typical_s=0.01, submits_per_s=100, queries_per_s=100)


def ask(account: ProviderAccount, slot: str = "top", recipe: Recipe | None = None) -> None:
    outfits = [{slot: make_garment(slot)}]
    launch(persons=[make_person()], outfits=outfits, account=account, recipe=recipe)


def test_it_works(account: ProviderAccount, sandbox: Sandbox, work: Work) -> None:
    ask(account, "dress", Recipe(samples=4, extra={"library_model": {"style": "universal_1"}}))
    work()
    assert TryOnJob.objects.get().state == "succeeded"
    assert Result.objects.count() == 4
    counters = sandbox.ledger()["counters"]
    assert (counters["submits"], counters["billed"], counters["refused"]) == (1, 4, {})


@pytest.mark.parametrize("slot", ["bottom", "top"])
def test_what_it_cannot_do_is_not_launched(account: ProviderAccount, slot: str) -> None:
    with pytest.raises(LaunchRefused):
        ask(account, slot, Recipe(samples=1 if slot == "bottom" else 9))
    assert not TryOnJob.objects.exists()


def test_a_lost_call_is_not_repeated(
    account: ProviderAccount, sandbox: Sandbox, work: Work
) -> None:
    """Aidge has no list to look it up in, so a person decides."""
    sandbox.set_faults([{"kind": "drop_after_accept", "times": 1}])
    ask(account)
    work(until=lambda: TryOnJob.objects.filter(state="needs_attention").exists())
    assert sandbox.ledger()["counters"]["submits"] == 1


def test_no_quota_pauses_the_account(account: ProviderAccount, work: Work) -> None:
    ask(account, recipe=Recipe(samples=5))
    work(until=lambda: ProviderAccount.objects.filter(state="paused").exists())
    account.refresh_from_db()
    assert "exhausted" in account.pause_reason
    assert TryOnJob.objects.get().state == "queued"
