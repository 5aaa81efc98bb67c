"""A comparison of two providers, as a launch makes it."""

from __future__ import annotations

from typing import Any

from jobs.models import Comparison, Result
from review.comparison.blind import BlindComparison, Cell
from tests.factories import (
    make_account,
    make_batch,
    make_garment,
    make_job,
    make_person,
    make_result,
)

PROVIDERS = {"dashscope": "aitryon-plus", "aidge": "v1", "local": ""}


def make_comparison(cells: int = 2, providers: int = 2, **kwargs: Any) -> Comparison:
    comparison = Comparison.objects.create(name="Tops for spring")
    person = make_person(name="Ada")
    tops = [make_garment("top", name=f"Tee {n}") for n in range(cells)]
    for alias, model in list(PROVIDERS.items())[:providers]:
        account = make_account(alias)
        recipe = {"model": model}
        batch = make_batch(account=account, comparison=comparison, recipe=recipe, name=alias)
        for top in tops:
            job = make_job("succeeded", batch=batch, person=person, top=top)
            make_result(job=job, **kwargs)
    return comparison


def cells_of(comparison: Comparison, user: Any) -> list[Cell]:
    return list(BlindComparison(comparison, user).cells.values())


def alias_of(result: int) -> str:
    return str(Result.objects.get(pk=result).job.account.alias)
