"""Where a result comes from, as stages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from jobs.models import Event, Result, Step, TryOnJob


@dataclass(frozen=True)
class Stage:
    """One step with what came of it; `began` is when it could have begun."""

    step: Step
    outputs: list[Result]
    began: datetime

    @property
    def attempts(self) -> int:
        """Calls so far: the first and each repetition."""
        return self.step.retries + 1 if self.step.submitted_at else 0


def with_lineage() -> Any:
    """Jobs with all that their page shows, in a fixed number of queries."""
    return (
        TryOnJob.objects.with_pictures()
        .select_related("repeat_of", "repeated_by", "created_by")
        .prefetch_related(
            Prefetch("steps", Step.objects.select_related("account")),
            Prefetch("steps__results", Result.objects.order_by("index")),
            Prefetch("events", Event.objects.select_related("by")),
        )
    )


def stages(job: TryOnJob) -> list[Stage]:
    found, began = list[Stage](), job.created_at
    for step in job.steps.all():
        found.append(Stage(step, list(step.results.all()), began))
        began = step.ended_at or began
    return found


def finals(stages: list[Stage]) -> list[Result]:
    return [r for stage in stages for r in stage.outputs if r.role == Result.Role.FINAL]


def cost(stages: list[Stage]) -> Decimal | None:
    """CNY billed for all steps; None while nothing is known."""
    known = [stage.step.cost for stage in stages if stage.step.cost is not None]
    return sum(known, Decimal(0)) if known else None
