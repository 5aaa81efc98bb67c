"""A batch on Aliyun Market, from launch to results: one call for ten, and each ends by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from jobs import pipeline
from jobs.dispatch import store_results
from jobs.launch.create import launch
from jobs.models import ProviderAccount, Result, Step, TryOnJob
from jobs.recipe import Recipe
from providers import registry
from sandbox import Sandbox
from tests.factories import make_account, make_garment, make_person
from tests.fake_provider import Fake
from tests.sandbox.calls import hosted, picture

Work = Callable[..., None]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        task_seconds=0, instant=True, images_per_result=2, queries_per_second=0
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
    """An account at the sandbox, which fetches every picture from one address, but "gone" ones."""
    good = hosted(httpserver, data=picture(420, 560))
    bad = httpserver.url_for("/gone.jpg")

    def fetch_url(name: str, way: str, **_: Any) -> str:
        return bad if name == "gone" else good

    settings.PROVIDERS = {
        "aliyun-market": {
            "BACKEND": "providers.aliyun_market.adapter.AliyunMarket",
            "OPTIONS": {
                "appcode": "sandbox",
                "base_url": sandbox.aliyun_market_url,
            },
            "PRICES": {"full": {"price": "0.30"}},
        }
    }
    registry.clear_caches()
    monkeypatch.setattr(pipeline, "fetch_url", fetch_url)
    # A failure without a reason is tried once more, after two seconds.
    monkeypatch.setattr(pipeline, "MAX_RESUBMITS", 0)
    monkeypatch.setattr(
        store_results, "fetch", lambda url, trusted="": requests.get(url, timeout=5).content
    )
    return make_account("aliyun-market", typical_s=0.01, submits_per_s=100, queries_per_s=100)


def ask(account: ProviderAccount, *names: str) -> None:
    outfits = [{"top": make_garment("top", **({"wire": n} if n else {}))} for n in names]
    launch(persons=[make_person()], outfits=outfits, account=account, recipe=Recipe())


def test_it_works(account: ProviderAccount, sandbox: Sandbox, work: Work) -> None:
    ask(account, *[""] * 10)
    work(turns=600)
    counters = sandbox.ledger()["counters"]
    assert (counters["submits"], counters["accepted"], counters["billed"]) == (1, 10, 20)
    assert counters["refused"] == {}
    assert set(TryOnJob.objects.values_list("state", flat=True)) == {"succeeded"}
    assert {str(cost) for cost in Step.objects.values_list("cost", flat=True)} == {"0.6000"}
    assert Result.objects.count() == 20
    keys = {
        remote_id.partition("#")[0]
        for remote_id in Step.objects.values_list("remote_id", flat=True)
    }
    assert len(keys) == 1


def test_one_of_a_call_fails_alone(account: ProviderAccount, sandbox: Sandbox, work: Work) -> None:
    ask(account, "", "gone", "")
    work(turns=600)
    states = list(TryOnJob.objects.order_by("id").values_list("state", "error_code"))
    assert states == [("succeeded", ""), ("failed", "TaskFailed"), ("succeeded", "")]
    counters = sandbox.ledger()["counters"]
    assert (counters["submits"], counters["accepted"], counters["billed"]) == (1, 3, 4)


def test_the_most_that_a_call_may_bring_is_reserved(
    account: ProviderAccount, sandbox: Sandbox, work: Work
) -> None:
    """The manual shows up to four images of one sub-task, and none can be declined."""
    ask(account, "")
    step = Step.objects.get()
    work(lambda: Step.objects.get().state != "waiting")
    step.refresh_from_db()
    assert str(step.reserved) == "1.2000"
    work()
