"""A batch's failures by cause: what they have in common, what they cost, what helps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Max, Min, Sum

from catalog.models import Garment, Person
from jobs.models import Batch, Step, TryOnJob
from jobs.models.job import JobQuerySet
from providers import error_help
from providers.error_help import ATTENTION, Remedy, another_launch_helps

SLOTS = ("person", "top", "bottom", "dress")


class SharedPhoto(NamedTuple):
    """A photo that all failures of a cause use. `page` is the URL name of its page."""

    page: str
    pk: int
    name: str


@dataclass(frozen=True)
class Cause:
    """Failed jobs of one kind and code; `message` is the last one of the provider."""

    code: str
    kind: str
    message: str
    count: int
    remedy: Remedy
    shared: list[SharedPhoto]

    @property
    def elsewhere(self) -> bool:
        """Whether another provider, recipe or photo can help."""
        return another_launch_helps(self.kind)

    @property
    def photo(self) -> SharedPhoto | None:
        """The one photo to fix or replace, where it is certain which."""
        return self.shared[0] if self.kind == "input" and len(self.shared) == 1 else None


def failed_jobs(batch: Batch) -> JobQuerySet:
    return batch.current_jobs().filter(state=TryOnJob.State.FAILED)


def causes(batch: Batch) -> list[Cause]:
    """Return the causes, the most frequent first, in three queries."""
    rows = (
        failed_jobs(batch)
        .order_by()
        .values("error_code", "error_kind")
        .annotate(n=Count("id"), message=Max("error_message"), **_photo_ranges())
        .order_by("-n", "error_code")
    )
    found = [(row, _common_photos(row)) for row in rows]
    names = _shared_photos(pair for _row, shared in found for pair in shared)
    return [_cause(row, [names[pair] for pair in shared if pair in names]) for row, shared in found]


def billed_for_failures(batch: Batch) -> Decimal:
    """Return the CNY that were billed for jobs that failed."""
    return Step.objects.filter(job__in=failed_jobs(batch)).aggregate(n=Sum("cost", default=0))["n"]


def _photo_ranges() -> dict[str, Any]:
    """Annotations for the lowest and highest photo id of each slot, and how many jobs have one."""
    aggregates = {"first": Min, "last": Max, "times": Count}
    return {
        f"{name}_{slot}": function(slot) for slot in SLOTS for name, function in aggregates.items()
    }


def _common_photos(row: Any) -> list[tuple[str, int]]:
    """(slot, id) of the photos that all jobs of this row have."""
    return [
        (slot, row[f"first_{slot}"])
        for slot in SLOTS
        if row[f"times_{slot}"] == row["n"] and row[f"first_{slot}"] == row[f"last_{slot}"]
    ]


def _shared_photos(pairs: Iterable[tuple[str, int]]) -> dict[tuple[str, int], SharedPhoto]:
    wanted = set(pairs)
    persons = Person.objects.filter(pk__in={pk for slot, pk in wanted if slot == "person"})
    garments = Garment.objects.filter(pk__in={pk for slot, pk in wanted if slot != "person"})
    name = {("person", pk): name for pk, name in persons.values_list("pk", "name")}
    worn = dict(garments.values_list("pk", "name"))
    name |= {(slot, pk): worn[pk] for slot, pk in wanted if slot != "person" and pk in worn}
    return {
        (slot, pk): SharedPhoto("person" if slot == "person" else "garment", pk, photo_name)
        for (slot, pk), photo_name in name.items()
    }


def _cause(row: Any, shared: list[SharedPhoto]) -> Cause:
    code, kind, message = row["error_code"], row["error_kind"], row["message"]
    remedy = error_help.explain(code, kind, message)
    return Cause(code, kind, message, row["n"], remedy, shared)


def remedy_of_job(job: TryOnJob) -> Remedy | None:
    """Explain a job that failed or needs attention; None for any other."""
    if job.state == job.State.NEEDS_ATTENTION:
        known = error_help.meaning(job.error_code)
        return Remedy(known.title, known.help, retry=False) if known else ATTENTION
    if job.state != job.State.FAILED:
        return None
    return error_help.explain(job.error_code, job.error_kind, job.error_message)
