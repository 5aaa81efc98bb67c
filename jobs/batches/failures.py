"""A batch's failures by cause: what they have in common, what was paid for them, what helps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Max, Min, Sum

from catalog.models import Garment, Person
from jobs.models import Batch, Step, TryOnJob
from providers import error_help
from providers.error_kinds import ATTENTION, Remedy, another_launch_helps

SLOTS = ("person", "top", "bottom", "dress")


class Shared(NamedTuple):
    """A photo that all failures of a cause use. `page` is the name of its page's address."""

    page: str
    pk: int
    name: str


@dataclass(frozen=True)
class Cause:
    """Failed jobs of one kind and code; `message` is what the provider said last."""

    code: str
    kind: str
    message: str
    count: int
    remedy: Remedy
    shared: list[Shared]

    @property
    def elsewhere(self) -> bool:
        """Whether launching the same cells otherwise (provider, recipe, photo) can help."""
        return another_launch_helps(self.kind)

    @property
    def photo(self) -> Shared | None:
        """The one photo to mend or replace, where there is no doubt which."""
        return self.shared[0] if self.kind == "input" and len(self.shared) == 1 else None


def failed(batch: Batch) -> Any:
    return batch.current_jobs().filter(state=TryOnJob.State.FAILED)


def causes(batch: Batch) -> list[Cause]:
    """The most frequent first, in three queries however many there are."""
    rows = (
        failed(batch)
        .order_by()
        .values("error_code", "error_kind")
        .annotate(n=Count("id"), message=Max("error_message"), **_ends())
        .order_by("-n", "error_code")
    )
    found = [(row, _common(row)) for row in rows]
    names = _names(pair for _row, shared in found for pair in shared)
    return [_cause(row, [names[pair] for pair in shared if pair in names]) for row, shared in found]


def charged(batch: Batch) -> Decimal:
    """CNY that were billed for jobs that failed all the same."""
    return Step.objects.filter(job__in=failed(batch)).aggregate(n=Sum("cost", default=0))["n"]


def _ends() -> dict[str, Any]:
    """Of each slot the first and last photo, and how often there is one."""
    ways = {"first": Min, "last": Max, "times": Count}
    return {f"{way}_{slot}": function(slot) for slot in SLOTS for way, function in ways.items()}


def _common(row: Any) -> list[tuple[str, int]]:
    """(slot, id) of the photos that all jobs of this row have."""
    return [
        (slot, row[f"first_{slot}"])
        for slot in SLOTS
        if row[f"times_{slot}"] == row["n"] and row[f"first_{slot}"] == row[f"last_{slot}"]
    ]


def _names(pairs: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Shared]:
    wanted = set(pairs)
    persons = Person.objects.filter(pk__in={pk for slot, pk in wanted if slot == "person"})
    garments = Garment.objects.filter(pk__in={pk for slot, pk in wanted if slot != "person"})
    name = {("person", pk): name for pk, name in persons.values_list("pk", "name")}
    worn = dict(garments.values_list("pk", "name"))
    name |= {(slot, pk): worn[pk] for slot, pk in wanted if slot != "person" and pk in worn}
    return {
        (slot, pk): Shared("person" if slot == "person" else "garment", pk, said)
        for (slot, pk), said in name.items()
    }


def _cause(row: Any, shared: list[Shared]) -> Cause:
    code, kind, message = row["error_code"], row["error_kind"], row["message"]
    remedy = error_help.explain(code, kind, message)
    return Cause(code, kind, message, row["n"], remedy, shared)


def of_job(job: TryOnJob) -> Remedy | None:
    """What to say of a job that failed or needs a person; None of any other."""
    if job.state == job.State.NEEDS_ATTENTION:
        known = error_help.meaning(job.error_code)
        return Remedy(known.title, known.help, retry=False) if known else ATTENTION
    if job.state != job.State.FAILED:
        return None
    return error_help.explain(job.error_code, job.error_kind, job.error_message)
