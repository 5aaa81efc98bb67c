"""What statistics are limited to: some batches, the garments of a collection, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from catalog.models import Garment
from jobs.models import TryOnJob


@dataclass(frozen=True)
class Scope:
    """`batches`: their ids. `collection`: its id."""

    batches: tuple[int, ...] = ()
    collection: int = 0

    def __bool__(self) -> bool:
        return bool(self.batches or self.collection)

    def __str__(self) -> str:
        """A text for cache keys."""
        return ",".join(map(str, (self.collection, *sorted(self.batches))))

    def jobs(self, job: str) -> Q:
        """As a filter of rows that belong to the job at the end of this path; "" is a job."""
        found = Q()
        if self.batches:
            found &= Q(**{f"{job}__batch__in".lstrip("_"): self.batches})
        if self.collection:
            found &= Q(**{f"{job or 'pk'}__in": self._wearing()})
        return found

    def money(self) -> Q:
        """As a filter of the ledger, which knows the batch even of deleted try-ons."""
        found = Q(batch__in=self.batches) if self.batches else Q()
        return found & Scope(collection=self.collection).jobs("step__job")

    def _wearing(self) -> object:
        # A query for each slot uses its index; one query with OR would read all jobs.
        worn = Garment.objects.filter(collections=self.collection).order_by().values("pk")
        top, bottom, dress = (
            TryOnJob.objects.filter(**{f"{slot}__in": worn}).order_by().values("pk")
            for slot in ("top", "bottom", "dress")
        )
        return top.union(bottom, dress)
