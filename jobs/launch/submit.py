"""Launching what a page has planned: one batch per provider, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from jobs.launch.create import AlreadyMade, LaunchRefused, default_name, launch_cells
from jobs.launch.plan import Plan
from jobs.models import Batch, Comparison


class Launched(NamedTuple):
    """`skipped`: for each provider without a batch, why it has none."""

    batches: list[Batch]
    skipped: list[str]


def launch_plans(
    plans: Sequence[Plan],
    *,
    by: Any,
    name: str = "",
    budget: Decimal | None = None,
    override: bool = False,
) -> Launched:
    """Raises LaunchRefused before anything is written, AlreadyMade where nothing is left to do.

    `budget` is of each batch. A provider that would make nothing gets no batch.
    """
    order: dict[str, Any] = {"by": by, "name": name, "budget": budget, "override": override}
    done, nothing = Launched([], []), list[LaunchRefused]()
    with transaction.atomic():
        if sum(bool(plan.count) for plan in plans) > 1:
            count = max(plan.count for plan in plans)
            order["comparison"] = Comparison.objects.create(name=name or default_name(count))
        for plan in plans:
            try:
                done.batches.append(_launch(plan, order))
            except AlreadyMade as made:
                nothing.append(made)
                done.skipped.append(f"{plan.account}: {made}")
            except _Nothing as refused:
                nothing.append(refused)
                done.skipped.append(f"{plan.account}: {refused}")
        if not done.batches:
            raise nothing[0]
    return done


class _Nothing(LaunchRefused):
    """This provider can make none of the ticked cells."""


def _launch(plan: Plan, order: dict[str, Any]) -> Batch:
    if not plan.cells:
        raise _Nothing([_("None of the ticked try-ons can be made.")])
    return launch_cells(
        plan.cells, account=plan.account, recipe=plan.recipe, again=plan.forced, **order
    )
