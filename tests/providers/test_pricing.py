from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import registry
from providers.dashscope.adapter import DashScope
from providers.pricing import Charge, PriceTable, Used, parse, table

DAY = date(2026, 5, 31)
REFINER = parse(DashScope.prices["aitryon-refiner"])


def test_it_works() -> None:
    assert parse({"price": "0.50"}).charge(Used(), 3, DAY) == Charge(Decimal("1.50"), 0, 3)


@pytest.mark.parametrize(
    ("images", "cost"),
    [(0, "0"), (1, "0.30"), (25, "7.50"), (26, "7.775"), (125, "35.00"), (250, "66.25")],
)
def test_the_refiner_gets_cheaper_by_number(images: int, cost: str) -> None:
    assert REFINER.total(images) == Decimal(cost)


def test_the_free_ones_come_first_and_only_until_their_day() -> None:
    prices = parse({"price": "0.50", "free": 400, "free_until": "2026-05-31"})
    assert prices.charge(Used(free=399), 2, DAY) == Charge(Decimal("0.50"), 1, 1)
    assert prices.charge(Used(free=399), 2, date(2026, 6, 1)) == Charge(Decimal("1.00"), 0, 2)
    assert prices.max_cost(Used(free=390), 1, in_flight=9, on=DAY) == 0
    assert prices.max_cost(Used(free=390), 1, in_flight=10, on=DAY) == Decimal("0.50")


tables = st.builds(
    lambda ends, prices, free: PriceTable(
        (*zip(sorted(ends), prices, strict=False), (None, prices[-1])), free
    ),
    st.sets(st.integers(1, 60), max_size=4),
    st.lists(st.decimals("0", "2", places=3), min_size=5, max_size=5),
    st.integers(0, 10),
)
counts = st.integers(0, 80)


@given(tables, counts)
def test_single_images_add_up_to_the_graduated_total(prices: PriceTable, images: int) -> None:
    assert sum((prices.price_at(n) for n in range(images)), Decimal(0)) == prices.total(images)


@given(tables, counts, counts)
def test_more_images_never_cost_less(prices: PriceTable, some: int, more: int) -> None:
    assert prices.total(some) <= prices.total(some + more)


@given(tables, st.lists(st.integers(0, 8), max_size=12))
def test_bills_add_up_however_they_are_split(prices: PriceTable, calls: list[int]) -> None:
    used, cost = Used(), Decimal(0)
    for images in calls:
        bill = prices.charge(used, images, DAY)
        used = Used(used.free + bill.free, used.paid + bill.paid)
        cost += bill.cost
    assert cost == prices.charge(Used(), sum(calls), DAY).cost


@given(tables, counts, counts, st.integers(0, 10), st.integers(0, 10), st.integers(1, 4))
def test_no_call_costs_more_than_was_reserved(
    prices: PriceTable, free: int, paid: int, in_flight: int, done: int, images: int
) -> None:
    reserved = prices.max_cost(Used(free, paid), images, in_flight, DAY)
    before = prices.charge(Used(free, paid), min(done, in_flight), DAY)
    then = Used(free + before.free, paid + before.paid)
    assert prices.charge(then, images, DAY).cost <= reserved


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("0.50", "a dict"),
        ({}, "either price or tiers"),
        ({"price": "1", "tiers": [[None, "1"]]}, "either price or tiers"),
        ({"price": "cheap"}, "decimal number"),
        ({"price": "-1"}, "not negative"),
        ({"price": "NaN"}, "not negative"),
        ({"tiers": []}, "no tier"),
        ({"tiers": [[25, "0.3"]]}, "the last at None"),
        ({"tiers": [[None, "0.3"], [None, "0.2"]]}, "ends at a number"),
        ({"tiers": [[125, "0.3"], [25, "0.2"], [None, "0.1"]]}, "rise"),
        ({"tiers": [[0, "0.3"], [None, "0.1"]]}, "ends at a number"),
        ({"tiers": ["0.3"]}, "decimal number"),
        ({"price": "1", "fre": 3}, "unknown keys: fre"),
        ({"price": "1", "free": -3}, "free is"),
        ({"price": "1", "free": "3"}, "free is"),
        ({"price": "1", "free_until": "May"}, "isoformat"),
        ({"price": "1", "free_until": 5}, "a day"),
        ({"price": "1", "period": "week"}, "period is"),
    ],
    ids=str,
)
def test_the_error_of_a_malformed_table(spec: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(spec)


def test_the_settings_come_before_the_list_price(settings: Any) -> None:
    """A price for one model left the refiner without its tiers."""
    prices = {"aitryon-plus": {"price": "0.40"}}
    configured = {"BACKEND": "providers.dashscope.adapter.DashScope", "PRICES": prices}
    settings.PROVIDERS = {"dashscope": configured}
    registry.clear_caches()
    assert table("dashscope", "aitryon-plus").total(1) == Decimal("0.40")
    assert table("dashscope", "aitryon").total(1) == Decimal("0.20")
    assert table("dashscope", "aitryon-refiner") == REFINER
    assert table("dashscope", "nothing").total(1) == 0
