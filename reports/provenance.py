"""How a result was made, as a structured record that may be exported with the image.

Schema `toile.provenance/1`, a JSON object; docs/labelling.md lists its fields. It holds no address
of anything private and no picture. Names of persons and sums of money are only in it on request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Prefetch, QuerySet

from galleries import public_images
from galleries.labelling.label import SOURCE_TYPE
from jobs.models import Result, Step, TryOnJob
from jobs.recipe import Recipe
from review.models import Decision

SCHEMA = "toile.provenance/1"
# What providers call the id of a call that they can look up.
REQUEST_IDS = ("request_id", "requestId", "x-ca-request-id", "traceId", "trace_id")


@dataclass(frozen=True)
class Scope:
    """What a record may contain beyond the image: what it cost, and the name of the person."""

    money: bool = False
    names: bool = False

    @classmethod
    def of(cls, user: User, *, names: bool = False) -> Scope:
        """What this user may pass on; `names` only where they are asked for and may be seen."""
        money = user.has_perm("jobs.view_ledgerentry")
        return cls(money, names and user.has_perm("catalog.view_person"))


def with_provenance(results: QuerySet) -> QuerySet:
    """Load these results with all that their records contain, in a fixed number of queries."""
    return results.select_related(
        *("job__person", "job__top", "job__bottom", "job__dress", "job__batch"),
        *("step__account", "public"),
    ).prefetch_related(
        Prefetch("job__steps", Step.objects.select_related("account")),
        Prefetch("decisions", Decision.objects.select_related("by")),
    )


def record(result: Result, scope: Scope | None = None) -> dict[str, Any]:
    scope = scope or Scope()
    job: TryOnJob = result.job
    return {
        "schema": SCHEMA,
        "result": {
            "id": result.pk,
            "sha256": result.sha256,
            "width": result.width,
            "height": result.height,
            "made_at": _at(result.created_at),
            "warnings": result.warnings,
        },
        "inputs": {"person": _person(job, scope), "garments": list(_garments(job))},
        "recipe": Recipe.load(job.recipe).dump(),
        "calls": [_call(step, scope) for step in _steps_up_to(result, job.steps.all())],
        "job": {
            "id": job.pk,
            "asked_at": _at(job.created_at),
            "started_at": _at(job.started_at),
            "finished_at": _at(job.finished_at),
        },
        "decisions": [_decision(decision) for decision in result.decisions.all()],
        "published_at": _at(result.published_at),
        "label": label(result),
        "public_images": _public(result),
    }


def label(result: Result) -> dict[str, Any]:
    """Return the marks that a copy of this result carries when it is exported now."""
    marks = public_images.marks(result)
    return {
        "digital_source_type": SOURCE_TYPE,
        "visible_text": marks.text,
        "credit": marks.credit,
        "ai_system": marks.system,
        "ai_system_version": marks.system_version,
        "content_producer": marks.producer,
        "produce_id": marks.produce_id,
    }


def _person(job: TryOnJob, scope: Scope) -> dict[str, Any]:
    person = {"wire_sha256": job.person.wire_sha256}
    return person | {"name": job.person.name} if scope.names else person


def _garments(job: TryOnJob) -> Iterator[dict[str, Any]]:
    for slot, garment in job.garments().items():
        yield {"slot": slot, "sku": garment.sku, "wire_sha256": garment.wire_sha256}


def _steps_up_to(result: Result, steps: Iterable[Step]) -> list[Step]:
    """Return the steps that led to this result: its own and those before it."""
    return [step for step in steps if step.position <= result.step.position]


def _call(step: Step, scope: Scope) -> dict[str, Any]:
    call = {
        "operation": step.operation,
        "provider": step.account.alias,
        "model": step.model,
        "remote_id": step.remote_id,
        "request_id": request_id(step.raw),
        "submitted_at": _at(step.submitted_at),
        "ended_at": _at(step.ended_at),
    }
    if scope.money:
        call["cost_cny"] = None if step.cost is None else str(step.cost)
    return call


def request_id(raw: Any) -> str:
    """Return the provider's id of the call, if its answer holds one."""
    found = raw if isinstance(raw, dict) else {}
    return next((str(found[name])[:100] for name in REQUEST_IDS if found.get(name)), "")


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "verdict": decision.verdict,
        "reason": decision.reason,
        "by": str(decision.by or ""),
        "at": _at(decision.at),
    }


def _public(result: Result) -> list[str]:
    public = getattr(result, "public", None)
    return [public.file(w, "jpg") for w in public.widths] if public else []


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
