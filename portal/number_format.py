"""Numbers as people read them, in the language of the request; never for ids and attributes."""

from __future__ import annotations

from decimal import Decimal

from babel import Locale
from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language, to_locale

# What a provider charges has up to four decimals; amounts are rounded to nothing coarser.
EXACT = "#,##0.00##"


def _locale() -> Locale:
    return Locale.parse(to_locale(get_language() or "en"))


class Count(int):
    """A number that ngettext can use, and that is printed as 1,284."""

    def __str__(self) -> str:
        return format_decimal(int(self), locale=_locale())


def count(n: int | None) -> Count | str:
    """Format a number; None is a dash."""
    return "—" if n is None else Count(n)


def decimal(value: float) -> str:
    """21.4; one decimal."""
    return format_decimal(value, "#,##0.0", locale=_locale())


def cny(amount: Decimal | float) -> str:
    """0.80; four decimals only where the amount has them."""
    return format_decimal(amount, EXACT, locale=_locale())


def plain(amount: Decimal | float) -> str:
    """0.80 in every language: for form values and attributes, not for reading."""
    return format_decimal(amount, "0.00##", locale="en")


def yuan(amount: Decimal | float | None) -> str:
    """¥0.80; four decimals only where the price has them."""
    return "—" if amount is None else f"¥{cny(amount)}"


def cents(amount: Decimal | None) -> str:
    """¥0.63; for averages, which have more decimals than are useful."""
    return "—" if amount is None else yuan(round(amount, 2))


def percent(share: float) -> str:
    """78% of a share of 0.78."""
    return format_percent(share, locale=_locale())
