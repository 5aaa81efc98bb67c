"""Cancelling at DashScope, as the sandbox speaks it: what it has not begun stops for free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from jobs import pipeline
from jobs.billing import ledger_check
from jobs.dispatch import store_results
from jobs.models import ProviderAccount, Step
from providers import registry
from sandbox import Sandbox
from tests.factories import make_account
from tests.fake_provider import Fake
from tests.jobs.test_dispatcher import Work, ask
from tests.sandbox.calls import hosted


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """One task runs, the others are in its queue."""
    with Sandbox(task_seconds=3, instant=True, concurrency=1) as running:
        yield running


@pytest.fixture
def account(
    fake: Fake,
    sandbox: Sandbox,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    httpserver: HTTPServer,
) -> ProviderAccount:
    options = {"api_key": "sk-t", "base_url": sandbox.dashscope_url}
    backend = "providers.dashscope.adapter.DashScope"
    settings.PROVIDERS = {"dashscope": {"BACKEND": backend, "OPTIONS": options}}
    registry.clear_caches()
    url = hosted(httpserver)
    monkeypatch.setattr(pipeline, "fetch_url", lambda name, way, **_: url)
    monkeypatch.setattr(
        store_results, "fetch", lambda url, trusted="": requests.get(url, timeout=5).content
    )
    return make_account("dashscope", typical_s=0.5, submits_per_s=100, queries_per_s=100)


def test_it_works(account: ProviderAccount, sandbox: Sandbox, work: Work) -> None:
    batch = ask(account, 3)
    work(lambda: Step.objects.filter(state="remote").count() == 3, turns=500)
    assert batch.cancel(None) == (0, 3)
    work(turns=500)
    counts = batch.counts()
    # On a slow machine the second may have begun before it was asked to stop.
    assert counts["canceled"] >= 1
    assert counts["canceled"] + counts["succeeded"] == 3
    assert sandbox.ledger()["counters"]["billed"] == counts["succeeded"] >= 1
    batch.refresh_from_db()
    paid = Step.objects.filter(state="done").values_list("cost", flat=True)
    assert batch.spent == sum(cost for cost in paid if cost is not None)
    assert ledger_check.differences() == []
