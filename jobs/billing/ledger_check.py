"""Compares the ledger's entries with the steps, the months' totals and the batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, F, Q, Sum, When
from django.db.models.functions import Coalesce

from jobs.models import Batch, LedgerEntry, MonthTotal, Step

SETTLED = Q(kind=LedgerEntry.Kind.SETTLE)
EXACT = Decimal("0.0001")


def differences() -> list[str]:
    """Describe every difference in a sentence; empty if all of it adds up."""
    return [*_steps(), *_totals(), *_batches()]


def _sums(*by: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """(reserved, billed, free images, paid images) of the entries, grouped."""
    rows = (
        LedgerEntry.objects.order_by()
        .values_list(*by)
        .annotate(
            reserved=Sum("amount", filter=~SETTLED, default=0),
            billed=Sum("amount", filter=SETTLED, default=0),
            free=Sum("free_images"),
            paid=Sum("paid_images"),
        )
    )
    return {row[: len(by)]: quantized(row[len(by) :]) for row in rows.iterator()}


def quantized(row: Sequence[Any]) -> tuple[Any, ...]:
    """Round to four decimals: SQLite adds in floating point."""
    reserved, billed, *images = row
    return (Decimal(reserved).quantize(EXACT), Decimal(billed).quantize(EXACT), *images)


def _steps() -> Iterator[str]:
    entered = _sums("step")
    still_reserved = Case(
        When(cost=None, then=F("reserved")), default=0, output_field=DecimalField()
    )
    rows = Step.objects.order_by("id").values_list(
        "pk", still_reserved, Coalesce("cost", Decimal(0)), "free_images", "paid_images"
    )
    nothing = (Decimal(0), Decimal(0), 0, 0)
    for pk, *sums in rows.iterator():
        from_entries = entered.get((pk,), nothing)
        if from_entries != quantized(sums):
            held, entries = _describe_sums(quantized(sums)), _describe_sums(from_entries)
            yield f"Step {pk} holds {held}, its entries say {entries}."


def _totals() -> Iterator[str]:
    entered = _sums("account", "model", "month")
    rows = MonthTotal.objects.values_list(
        "account", "model", "month", "reserved", "billed", "free_images", "paid_images"
    )
    totals = {row[:3]: quantized(row[3:]) for row in rows}
    for key in sorted({*entered, *totals}, key=str):
        if entered.get(key, 0) != totals.get(key, 0):
            account, model, month = key
            yield f"Account {account}, {model}, {month:%Y-%m}: the total is not its entries' sum."


def _batches() -> Iterator[str]:
    entered = _sums("batch")
    for pk, spent in Batch.objects.order_by("id").values_list("pk", "spent").iterator():
        reserved, billed, *_images = entered.get((pk,), (Decimal(0), Decimal(0)))
        if spent.quantize(EXACT) != reserved + billed:
            yield f"Batch {pk} says {spent}, its entries say {reserved + billed}."


def _describe_sums(row: tuple[Any, ...]) -> str:
    reserved, billed, free, paid = row
    return f"{reserved} reserved, {billed} billed, {paid} paid and {free} free images"
