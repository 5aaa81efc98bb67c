"""What was spent in a month, and whether the ledger adds up."""

from __future__ import annotations

import csv
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from jobs.billing import ledger_check
from jobs.models import LedgerEntry
from jobs.models.ledger import month_of

COLUMNS = ("account", "model", "batch", "billed", "reserved", "paid_images", "free_images")


class Command(BaseCommand):
    help = (
        "Print what a month's calls cost, by account, model and batch (CNY). "
        "With --check: compare entries, steps and totals of all months; exit code 1 if they differ."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--month", type=_month, help="YYYY-MM (default: this month)")
        parser.add_argument("--check", action="store_true", help="verify that the ledger adds up")
        parser.add_argument("--csv", action="store_true", help="print the table as CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
        rows = spend(options["month"] or month_of(timezone.now()))
        if options["csv"]:
            csv.writer(self.stdout).writerows([COLUMNS, *rows])
        else:
            self._print(rows)

    def _print(self, rows: list[list[Any]]) -> None:
        line = "{:12} {:18} {:32} {:>12} {:>12} {:>7} {:>7}"
        self.stdout.write(line.format(*COLUMNS[:5], "paid", "free"))
        for account, model, batch, billed, reserved, paid, free in rows:
            cells = (account, model, batch[:32], f"{billed:.4f}", f"{reserved:.4f}", paid, free)
            self.stdout.write(line.format(*cells))
        billed, reserved = (sum(row[n] for row in rows) for n in (3, 4))
        self.stdout.write(f"Billed {billed:.4f} CNY, reserved {reserved:.4f} CNY.")

    def _check(self) -> None:
        differences = ledger_check.differences()
        for text in differences:
            self.stderr.write(text)
        if differences:
            raise CommandError(f"{len(differences)} differences.", returncode=1)
        self.stdout.write(f"{LedgerEntry.objects.count()} entries, and everything adds up.")


def spend(month: date) -> list[list[Any]]:
    """One row for each account, model and batch with calls in the month; see COLUMNS."""
    settled = Q(kind=LedgerEntry.Kind.SETTLE)
    rows: QuerySet[Any, Any] = (
        LedgerEntry.objects.filter(month=month)
        .order_by("account__alias", "model", "batch")
        .values_list("account__alias", "model", "batch", "batch__name")
        .annotate(
            billed=Sum("amount", filter=settled, default=0),
            reserved=Sum("amount", filter=~settled, default=0),
            paid=Sum("paid_images"),
            free=Sum("free_images"),
        )
    )
    return [
        [alias, model, f"{pk} {name}" if pk else "–", *ledger_check.quantized(sums)]
        for alias, model, pk, name, *sums in rows
    ]


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise ArgumentTypeError("a month is YYYY-MM") from error
