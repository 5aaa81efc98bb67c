"""Do the books agree? Entries against steps, against the months' totals, against the batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, F, Q, Sum, When
from django.db.models.functions import Coalesce

from jobs.models import Batch, LedgerEntry, MonthTotal, Step

SETTLED = Q(kind=LedgerEntry.Kind.SETTLE)
CENT = Decimal("0.0001")


def differences() -> list[str]:
    """What does not add up, one sentence each; empty when all of it does."""
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
    return {row[: len(by)]: exact(row[len(by) :]) for row in rows.iterator()}


def exact(row: Sequence[Any]) -> tuple[Any, ...]:
    """SQLite adds in floating point: four decimals of it are true."""
    reserved, billed, *images = row
    return (Decimal(reserved).quantize(CENT), Decimal(billed).quantize(CENT), *images)


def _steps() -> Iterator[str]:
    entered = _sums("step")
    open_ = Case(When(cost=None, then=F("reserved")), default=0, output_field=DecimalField())
    rows = Step.objects.order_by("id").values_list(
        "pk", open_, Coalesce("cost", Decimal(0)), "free_images", "paid_images"
    )
    nothing = (Decimal(0), Decimal(0), 0, 0)
    for pk, *held in rows.iterator():
        said = entered.get((pk,), nothing)
        if said != exact(held):
            yield f"Step {pk} holds {_told(exact(held))}, its entries say {_told(said)}."


def _totals() -> Iterator[str]:
    entered = _sums("account", "model", "month")
    rows = MonthTotal.objects.values_list(
        "account", "model", "month", "reserved", "billed", "free_images", "paid_images"
    )
    kept = {row[:3]: exact(row[3:]) for row in rows}
    for key in sorted({*entered, *kept}, key=str):
        if entered.get(key, 0) != kept.get(key, 0):
            account, model, month = key
            yield f"Account {account}, {model}, {month:%Y-%m}: the total is not its entries' sum."


def _batches() -> Iterator[str]:
    entered = _sums("batch")
    for pk, spent in Batch.objects.order_by("id").values_list("pk", "spent").iterator():
        reserved, billed, *_images = entered.get((pk,), (Decimal(0), Decimal(0)))
        if spent.quantize(CENT) != reserved + billed:
            yield f"Batch {pk} says {spent}, its entries say {reserved + billed}."


def _told(row: Any) -> str:
    reserved, billed, free, paid = row
    return f"{reserved} reserved, {billed} billed, {paid} paid and {free} free images"
