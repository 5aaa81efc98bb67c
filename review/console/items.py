"""What the console shows of a result, as plain values: the page and its scripts read the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from jobs import result_warnings
from jobs.models import Result, Step, TryOnJob
from jobs.recipe import Recipe
from portal.number_format import count, yuan
from portal.templatetags.toile import seconds
from providers import registry
from review.decide import launcher_refusal

# An outfit of a job, as its three columns.
Outfit = tuple[int | None, int | None, int | None]


def console_items(ids: Sequence[int], user: User) -> list[dict[str, Any]]:
    """Describe these results for the console, in the order of their ids, in three queries."""
    if not ids:
        return []
    related = ("job__person", "job__top", "job__bottom", "job__dress", "job__account")
    rows = Result.objects.filter(pk__in=ids).select_related("job__batch", *related)
    results = list(rows.order_by("id"))
    jobs = [result.job for result in results]
    costs = _costs(jobs) if user.has_perm("jobs.view_ledgerentry") else {}
    outcomes = _outcomes_by_outfit(jobs)
    return [_item(row, user, costs.get(row.job_id), outcomes[_outfit(row.job)]) for row in results]


def _item(
    result: Result, user: User, cost: Decimal | None, outcomes: dict[str, int]
) -> dict[str, Any]:
    job = result.job
    garments = list(job.garments().values())
    return {
        "id": result.pk,
        "url": result.get_absolute_url(),
        "name": str(job),
        "image": _picture_values(result, str(job)),
        "thumb": result.thumb.url,
        "person": _picture_values(job.person, _("%(name)s, before") % {"name": job.person}),
        "who": str(job.person),
        "view": str(job.person.get_view_display()),
        "garments": [_picture_values(garment, str(garment)) for garment in garments],
        "outfit": job.outfit_name(),
        "skus": ", ".join(garment.sku for garment in garments if garment.sku),
        "warnings": [result_warnings.sentence(code) for code in result.warnings],
        "facts": _facts(job, cost, outcomes),
        "refusal": launcher_refusal(result, user),
    }


def _picture_values(row: Any, alt: str) -> dict[str, Any]:
    return {"src": row.large.url, "width": row.width, "height": row.height, "alt": alt}


def _facts(job: TryOnJob, cost: Decimal | None, outcomes: dict[str, int]) -> list[tuple[str, str]]:
    recipe = Recipe.load(job.recipe)
    took = (job.finished_at - job.created_at) if job.finished_at else None
    time_and_cost = [seconds(took), *([yuan(cost)] if cost is not None else [])]
    approved, decided = outcomes.get(Result.Review.APPROVED, 0), sum(outcomes.values())
    numbers = {"n": count(approved), "of": count(decided)}
    so_far = (
        _("%(n)s of %(of)s approved so far") % numbers if decided else _("The first to be seen")
    )
    facts = [
        (_("Recipe"), ", ".join(recipe.summary())),
        (_("Provider"), registry.provider_and_model(job.account.alias, recipe.model)),
        (_("Took"), ", ".join(time_and_cost)),
        (_("Same outfit"), so_far),
        (_("Batch"), str(job.batch)),
    ]
    return [(label, value) for label, value in facts if value]


def _costs(jobs: Sequence[TryOnJob]) -> dict[int, Decimal]:
    """CNY billed for each job; nothing where it is not known."""
    costs: dict[int, Decimal] = {}
    billed = Step.objects.filter(job__in=[job.pk for job in jobs], cost__isnull=False)
    for job, cost in billed.order_by().values_list("job", "cost"):
        costs[job] = costs.get(job, Decimal(0)) + (cost or 0)
    return costs


def _outfit(job: TryOnJob) -> Outfit:
    return (job.top_id, job.bottom_id, job.dress_id)


def _outcomes_by_outfit(jobs: Sequence[TryOnJob]) -> dict[Outfit, dict[str, int]]:
    """Count approved and rejected results of these outfits, on any person."""
    worn = Q(pk=None)
    for top, bottom, dress in {_outfit(job) for job in jobs}:
        worn |= Q(top=top, bottom=bottom, dress=dress)
    found: dict[Outfit, dict[str, int]] = defaultdict(dict)
    finals = Result.objects.final().exclude(review=Result.Review.PENDING).order_by()
    decided = finals.filter(job__in=TryOnJob.objects.filter(worn).order_by().values("pk"))
    columns = ("job__top", "job__bottom", "job__dress", "review")
    for *outfit, review, n in decided.values_list(*columns).annotate(n=Count("pk")):
        found[tuple(outfit)][review] = n
    return found
