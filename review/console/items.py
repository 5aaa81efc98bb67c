"""What the console shows of a result, as plain values: the page and its scripts read the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from jobs import result_warnings
from jobs.models import Result, Step, TryOnJob
from jobs.recipe import Recipe
from portal.number_format import count, yuan
from portal.templatetags.toile import seconds
from review.decide import launcher_refusal

# An outfit of a job, as its three columns.
Outfit = tuple[int | None, int | None, int | None]


def items(ids: Sequence[int], user: Any) -> list[dict[str, Any]]:
    """One of each result, in the order of their ids; three queries, however many."""
    if not ids:
        return []
    pictured = ("job__person", "job__top", "job__bottom", "job__dress", "job__account")
    rows = Result.objects.filter(pk__in=ids).select_related("job__batch", *pictured)
    results = list(rows.order_by("id"))
    jobs = [result.job for result in results]
    costs = _costs(jobs) if user.has_perm("jobs.view_ledgerentry") else {}
    record = _record(jobs)
    return [_item(row, user, costs.get(row.job_id), record[_outfit(row.job)]) for row in results]


def _item(result: Result, user: Any, cost: Any, record: dict[str, int]) -> dict[str, Any]:
    job = result.job
    garments = list(job.garments().values())
    return {
        "id": result.pk,
        "url": result.get_absolute_url(),
        "name": str(job),
        "image": _picture(result, str(job)),
        "thumb": result.thumb.url,
        "person": _picture(job.person, _("%(name)s, before") % {"name": job.person}),
        "who": str(job.person),
        "view": str(job.person.get_view_display()),
        "garments": [_picture(garment, str(garment)) for garment in garments],
        "outfit": job.outfit_name(),
        "skus": ", ".join(garment.sku for garment in garments if garment.sku),
        "warnings": [result_warnings.sentence(code) for code in result.warnings],
        "facts": _facts(job, cost, record),
        "refusal": launcher_refusal(result, user),
    }


def _picture(row: Any, alt: str) -> dict[str, Any]:
    return {"src": row.large.url, "width": row.width, "height": row.height, "alt": alt}


def _facts(job: TryOnJob, cost: Any, record: dict[str, int]) -> list[tuple[str, str]]:
    recipe = Recipe.load(job.recipe)
    took = (job.finished_at - job.created_at) if job.finished_at else None
    said = [seconds(took), *([yuan(cost)] if cost is not None else [])]
    approved, decided = record.get(Result.Review.APPROVED, 0), sum(record.values())
    words = {"n": count(approved), "of": count(decided)}
    so_far = _("%(n)s of %(of)s approved so far") % words if decided else _("The first to be seen")
    facts = [
        (_("Recipe"), ", ".join(recipe.summary())),
        (_("Provider"), ", ".join(filter(None, [str(job.account), recipe.model]))),
        (_("Took"), ", ".join(said)),
        (_("Same outfit"), so_far),
        (_("Batch"), str(job.batch)),
    ]
    return [(label, value) for label, value in facts if value]


def _costs(jobs: Sequence[TryOnJob]) -> dict[int, Any]:
    """CNY billed for each job; nothing where it is not known."""
    costs: dict[int, Any] = {}
    billed = Step.objects.filter(job__in=[job.pk for job in jobs], cost__isnull=False)
    for job, cost in billed.order_by().values_list("job", "cost"):
        costs[job] = costs.get(job, 0) + cost
    return costs


def _outfit(job: TryOnJob) -> Outfit:
    return (job.top_id, job.bottom_id, job.dress_id)


def _record(jobs: Sequence[TryOnJob]) -> dict[Outfit, dict[str, int]]:
    """How results of these outfits were decided so far, whoever wears them."""
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
