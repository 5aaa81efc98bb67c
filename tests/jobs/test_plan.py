from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from jobs.launch.plan import Plan, about, fingerprints
from jobs.models import ProviderAccount
from jobs.recipe import Recipe
from providers.aidge.adapter import Aidge
from providers.dashscope.adapter import DashScope
from tests.factories import make_garment, make_person

pytestmark = pytest.mark.django_db


def plan(account: ProviderAccount, count: int = 3, wanted: str = "", **recipe: Any) -> Plan:
    outfits = [{"top": make_garment()} for _n in range(count)]
    made = Recipe(**{"model": "fake"} | recipe)
    person = make_person()
    cells = [(person, outfit) for outfit in outfits]
    return Plan.of(cells, account, made, timezone.now(), wanted=wanted)


def test_it_works(account: ProviderAccount) -> None:
    shown = plan(account, wanted="101")
    assert (shown.count, shown.reused) == (2, [])
    assert shown.agreement == f"{account.pk}:2:1.00"


def test_it_takes_as_long_as_the_limits_allow(account: ProviderAccount) -> None:
    account.typical_s, account.concurrency, account.submits_per_s = 20, 5, None
    assert plan(account).seconds == 20 + 2 * 4
    assert plan(account, refine=True).seconds == 40 + 2 * 8
    account.submits_per_s = 0.125  # kept below: one in ten seconds
    assert plan(account).seconds == 20 + 2 * 10


def test_a_duration_is_rounded() -> None:
    assert [about(s) for s in (0, 1, 61, 5401)] == [
        "none",
        "about 1 min",
        "about 2 min",
        "about 2 h",
    ]


@pytest.mark.parametrize(("budget", "queries"), [(None, 1), (Decimal(100), 2)])
def test_everything_is_found_out_once(
    account: ProviderAccount, budget: Decimal | None, queries: int, django_assert_num_queries: Any
) -> None:
    """Made before is one query, spent of the month's budget another; nothing else asks."""
    account.month_budget = budget
    cells = [(make_person(), {"top": make_garment()}) for _n in range(5)]
    with django_assert_num_queries(queries):
        shown = Plan.of(cells, account, Recipe(model="fake"), timezone.now())
        assert (shown.count, shown.estimate.refusals(), shown.agreement) == (
            5,
            [],
            f"{account.pk}:5:2.50",
        )


def test_a_fingerprint_is_what_it_always_was(account: ProviderAccount) -> None:
    person, outfit = make_person(), {"top": make_garment(), "bottom": make_garment("bottom")}
    recipe = Recipe(model="fake", extra={"é": [1]})
    said = {
        "account": "fake",
        "recipe": recipe.dump(),
        "person": [person.wire_sha256, person.gender, person.body, person.view],
        "garments": {slot: [g.wire_sha256, g.photo_type] for slot, g in outfit.items()},
    }
    name = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    assert fingerprints(account, recipe, [(person, outfit)]) == [name]


def test_a_recipe_is_fitted_to_its_provider() -> None:
    asked = Recipe("aitryon", True, True, 3, 1024, False, {"library_model": {}, "seed": 7})
    aidge = asked.adapted_to(Aidge.capabilities)
    assert aidge == Recipe("aidge-tryon", samples=3, extra={"library_model": {}})
    assert asked.adapted_to(DashScope.capabilities) == Recipe("aitryon", True, True)
    plain = Recipe(resolution=1280, restore_face=False).adapted_to(DashScope.capabilities)
    assert plain == Recipe("aitryon-plus", resolution=1280, restore_face=False)


def test_what_a_provider_cannot_be_asked_is_refused() -> None:
    reasons = Recipe(resolution=1024, restore_face=False).refusals(
        Aidge.capabilities, frozenset({"top"}), "woman"
    )
    assert reasons == [
        "This provider does not let that resolution be chosen.",
        "This provider always restores the face.",
    ]
