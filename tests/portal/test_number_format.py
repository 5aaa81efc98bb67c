from __future__ import annotations

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils.translation import override

from portal import number_format


def test_it_works() -> None:
    assert number_format.yuan(Decimal("2759.4")) == "¥2,759.40"
    assert number_format.yuan(Decimal("0.5040")) == "¥0.504"
    assert number_format.yuan(Decimal("0.0035")) == "¥0.0035"
    assert number_format.yuan(None) == "—"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_numbers_are_grouped_by_thousands_in_both_languages(language: str) -> None:
    with override(language):
        assert str(number_format.count(1_000_000)) == "1,000,000"
        assert number_format.percent(0.776) == "78%"
        assert number_format.cny(Decimal(12345)) == "12,345.00"


def test_a_count_chooses_its_plural_and_groups_itself() -> None:
    source = (
        "{% load i18n toile %}"
        "{% blocktranslate count n=n|count %}{{ n }} job"
        "{% plural %}{{ n }} jobs{% endblocktranslate %}"
    )
    rendered = [Template(source).render(Context({"n": n})) for n in (1, 1284)]
    assert rendered == ["1 job", "1,284 jobs"]


def test_an_unknown_count_is_a_dash() -> None:
    assert number_format.count(None) == "—"


def test_what_a_page_carries_back_is_the_same_in_every_language() -> None:
    assert number_format.plain(Decimal("1234.5")) == "1234.50"
