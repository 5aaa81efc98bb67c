from __future__ import annotations

from typing import Any

import pytest

from providers import checks, registry


def ids(messages: list[Any]) -> list[str]:
    return [message.id for message in messages]


def test_it_works() -> None:
    ours = (checks.providers_exist, checks.queue_is_sound, checks.sqlite_survives_workers)
    for check in (*ours, checks.prices_are_sound):
        assert check() == []


@pytest.mark.parametrize("path", ["jobs.nowhere.Provider", "jobs.models.Batch", "nonsense"])
def test_a_backend_that_is_no_provider_is_an_error(settings: Any, path: str) -> None:
    settings.PROVIDERS = {"mine": {"BACKEND": path}}
    assert ids(checks.providers_exist()) == ["jobs.E001"]


def test_a_missing_key_is_reported(settings: Any) -> None:
    options = {"api_key": "", "base_url": "https://example.com"}
    backend = "providers.dashscope.adapter.DashScope"
    settings.PROVIDERS = {"dashscope": {"BACKEND": backend, "OPTIONS": options}}
    [message] = checks.providers_offered()
    assert "DASHSCOPE_API_KEY" in message.msg


@pytest.mark.parametrize(
    ("change", "code"),
    [({"retry": 100}, "jobs.E002"), ({"queue_limit": 50}, "jobs.E003"), ({"bulk": 9}, "jobs.E003")],
)
def test_a_queue_that_runs_work_twice_is_an_error(
    settings: Any, change: dict[str, int], code: str
) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | change
    assert ids(checks.queue_is_sound()) == [code]


def test_sqlite_without_immediate_is_an_error(settings: Any) -> None:
    plain = {"ENGINE": "django.db.backends.sqlite3", "NAME": "x", "OPTIONS": {}}
    settings.DATABASES = {"default": plain}
    assert ids(checks.sqlite_survives_workers()) == ["jobs.E004"]


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ({"fake": {"price": "0.50", "free": 400, "free_until": "2026-05-31"}}, []),
        ({"fake": {"tiers": [[25, "0.30"], [None, "0.275"]]}}, []),
        ({"fake": {"tiers": [[25, "0.30"]]}}, ["jobs.E005"]),
        ({"fake": "0.50"}, ["jobs.E005"]),
        ({"fakee": {"price": "0.50"}}, ["jobs.W001"]),
    ],
)
def test_a_malformed_price_table_is_an_error(
    settings: Any, prices: dict[str, Any], expected: list[str]
) -> None:
    settings.PROVIDERS = {"fake": {"BACKEND": "tests.fake_provider.Fake", "PRICES": prices}}
    registry.clear_caches()
    assert ids(checks.prices_are_sound()) == expected
    registry.clear_caches()
