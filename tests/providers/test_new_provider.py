"""A new provider is its package and its alias in the settings, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from catalog.preflight.findings import findings
from jobs.batches import failures
from jobs.launch.checks import check_cell
from jobs.launch.create import launch
from jobs.models import Batch, ProviderAccount, TryOnJob
from jobs.recipe import Recipe
from providers import registry
from providers.error_help import explain, remedy
from tests.factories import make_account, make_garment, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def toy(fake: Any, settings: Any) -> ProviderAccount:
    settings.PROVIDERS = {
        "toy": {"BACKEND": "tests.toy_provider.adapter.Toy", "OPTIONS": {"key": "k"}}
    }
    registry.clear_caches()
    return make_account("toy", typical_s=0.01)


def test_it_works(toy: ProviderAccount, work: Callable[..., None]) -> None:
    assert registry.available() == ["toy"]
    batch = launch(persons=[make_person()], outfits=[{"top": make_garment()}], account=toy)
    assert str(batch.estimate) == "0.07"
    work()
    job = TryOnJob.objects.get()
    assert (job.state, job.results.count()) == ("succeeded", 1)
    assert Batch.objects.get().spend()["billed"] == Decimal("0.07")


def test_its_rules_judge_a_photo(toy: ProviderAccount) -> None:
    small = make_garment(facts={"width": 40, "height": 60})
    today = small.created_at.date()
    [found] = check_cell((make_person(), {"top": small}), toy, Recipe(), today)
    assert (found.code, found.severity, found.asset) == ("short_side", "refuse", small)


def test_a_rule_of_its_own_is_explained_by_its_text(toy: ProviderAccount) -> None:
    [found] = findings(make_garment(facts={"width": 800, "height": 901}))
    assert found.message == "Higher than the toy's box: 901, at most 900"
    assert found.remedy == "Fold it."


def test_its_errors_are_explained_by_its_texts(
    toy: ProviderAccount, work: Callable[..., None]
) -> None:
    launch(persons=[make_person()], outfits=[{"dress": make_garment("dress")}], account=toy)
    work()
    explained = failures.remedy_of_job(TryOnJob.objects.get())
    assert explained
    assert str(explained.title) == "The toy finds it ugly"


def test_its_codes_may_mean_what_those_of_others_do(toy: ProviderAccount) -> None:
    assert explain("toy_tired", "throttled").title == "The provider was too busy"
    # Nobody here knows what only another provider's package explains.
    assert explain("IPInfringementSuspect", "content") == remedy("content")


def test_without_its_key_it_is_not_offered(toy: ProviderAccount, settings: Any) -> None:
    settings.PROVIDERS["toy"]["OPTIONS"] = {}
    registry.clear_caches()
    assert registry.unavailable_reason("toy") == "TOY_KEY is not set."
