"""From persons × outfits × a recipe to a batch of jobs, or to the reasons why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Person
from jobs import pipeline
from jobs.batches import completion
from jobs.launch.checks import CONSENT, RECIPE, CellFinding, refusals
from jobs.launch.plan import Plan, PlannedCell
from jobs.launch.selection import MAKE, REMAKE, SKIP, Cell, Outfit
from jobs.models import Batch, Comparison, ProviderAccount, TryOnJob
from jobs.recipe import Recipe
from jobs.wakeups import wake_dispatcher
from providers import registry

# Against launches of the same cells at the same moment: each round, one of them has queued some.
ROUNDS = 5


class LaunchRefused(ValueError):
    """Nothing was queued. `reasons` are sentences, each naming the cell and what to do."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = list(dict.fromkeys(reasons))
        super().__init__(" ".join(self.reasons))


class AlreadyMade(LaunchRefused):
    """Every cell has been made or is on its way."""

    def __init__(self, job_ids: Sequence[int]) -> None:
        self.job_ids = list(job_ids)
        text = ngettext(
            "This try-on was made before or is on its way: nothing was launched, nothing is spent.",
            "All %(n)d try-ons were made before or are on their way: "
            "nothing was launched, nothing is spent.",
            len(self.job_ids),
        )
        super().__init__([text % {"n": len(self.job_ids)}])

    @property
    def jobs(self) -> list[TryOnJob]:
        """Those jobs, in the order of the cells."""
        found = TryOnJob.objects.with_pictures().in_bulk(self.job_ids)
        return [found[pk] for pk in self.job_ids if pk in found]


class Launched(NamedTuple):
    """`skipped`: for each provider without a batch, why it has none."""

    batches: list[Batch]
    skipped: list[str]


def launch(*, persons: Iterable[Person], outfits: Iterable[Outfit], **order: Any) -> Batch:
    """Queue every person in every outfit; `order` as of `launch_cells`."""
    outfits = list(outfits)
    return launch_cells([(p, outfit) for p in persons for outfit in outfits], **order)


def launch_cells(
    cells: Sequence[Cell],
    *,
    account: ProviderAccount,
    recipe: Recipe | None = None,
    again: bool = False,
    override: bool = False,
    attempts_of: Sequence[int] = (),
    **order: Any,
) -> Batch:
    """Queue exactly these cells; `order` as of `launch_plan`.

    What the same provider has made of the same photos by the same recipe, or is making, is not
    paid for once more: it is in `batch.reused_jobs` instead, unless it is to be made `again`.
    `override`: also cells with a photo that the provider would refuse. `attempts_of`: for each
    cell, the id of the job that was the first attempt at it. Raises LaunchRefused before anything
    is written, AlreadyMade where nothing is left to queue.
    """
    if why := registry.unavailable_reason(account.alias):
        raise LaunchRefused([why])
    recipe = (recipe or Recipe()).with_default_model(registry.capabilities(account.alias))
    wanted = (REMAKE if again else MAKE) * len(cells)
    plan = Plan.of(cells, account, recipe, timezone.now(), wanted=wanted, override=override)
    refuse(plan.cells, account, override)
    for each, first in zip(plan.cells, attempts_of, strict=False):
        each.attempt_of = first
    return launch_plan(plan, **order)


def launch_plan(
    plan: Plan,
    *,
    by: User | None = None,
    name: str = "",
    interactive: bool = False,
    budget: Decimal | None = None,
    comparison: Comparison | None = None,
    owner: User | None = None,
) -> Batch:
    """Queue what a plan makes; cells that it refuses are left out.

    `budget` is the most that the batch may spend. `owner`: the shopper whose it is, and nobody
    else's to see. Raises LaunchRefused before anything is written, AlreadyMade where nothing is
    left to queue.
    """
    if not any(each.wanted != SKIP for each in plan.cells):
        raise LaunchRefused([_("Choose at least one model and one garment.")])
    for round_ in range(ROUNDS):
        new = [each for each in plan.cells if each.is_made]
        if not new:
            raise AlreadyMade([job.pk for job in plan.reused])
        if reasons := plan.estimate.refusals(budget):
            raise LaunchRefused(reasons)
        try:
            with transaction.atomic():
                batch = Batch.objects.create(
                    name=name or default_name(len(new)),
                    account=plan.account,
                    recipe=plan.recipe.dump(),
                    estimate=plan.estimate.total,
                    interactive=interactive,
                    budget=budget,
                    comparison=comparison,
                    created_by=by,
                    owner=owner,
                )
                batch.reused_jobs.set([job.pk for job in plan.reused])
                _add_jobs(batch, new, by)
                wake_dispatcher()
            return batch
        except (IntegrityError, OperationalError):
            # Somebody launched one of these cells just now: what they queued is reused.
            if round_ == ROUNDS - 1:
                raise
            plan.find_existing()
    raise AssertionError("the last round returns or raises")


def launch_plans(plans: Sequence[Plan], *, name: str = "", **order: Any) -> Launched:
    """One batch per provider, all of them or none; `order` as of `launch_plan`.

    A provider that would make nothing gets no batch. Raises LaunchRefused before anything is
    written, AlreadyMade where nothing is left to do.
    """
    done, nothing = Launched([], []), list[LaunchRefused]()
    with transaction.atomic():
        if sum(bool(plan.count) for plan in plans) > 1:
            compared = name or default_name(max(plan.count for plan in plans))
            order["comparison"] = Comparison.objects.create(name=compared)
        for plan in plans:
            why: LaunchRefused | None = None
            if all(each.wanted == SKIP or each.refused or each.twin for each in plan.cells):
                why = LaunchRefused([_("None of the ticked try-ons can be made.")])
            else:
                try:
                    done.batches.append(launch_plan(plan, name=name, **order))
                except AlreadyMade as made:
                    why = made
            if why:
                nothing.append(why)
                done.skipped.append(f"{registry.provider_name(plan.account.alias)}: {why}")
        if not done.batches:
            raise nothing[0]
    return done


def repeat(job: TryOnJob, by: Any) -> TryOnJob | None:
    """Ask for an ended job again, as a new job of the same batch.

    None where it has not ended, or somebody has already repeated it. Raises LaunchRefused.
    """
    if job.state in (*job.UNFINISHED, job.State.NEEDS_ATTENTION):
        return None
    if why := registry.unavailable_reason(job.account.alias):
        raise LaunchRefused([why])
    recipe = Recipe.load(job.recipe).with_default_model(registry.capabilities(job.account.alias))
    cell = (job.person, job.garments())
    # Its photos were sent before: what its provider refuses of them, it refuses again.
    plan = Plan.of([cell], job.account, recipe, timezone.now(), wanted=REMAKE, override=True)
    refuse(plan.cells, job.account, override=True)
    # A repeated attempt is an attempt still.
    plan.cells[0].attempt_of = job.attempt_of_id
    try:
        with transaction.atomic():
            completion.jobs_added(job.batch)
            [new] = _add_jobs(job.batch, plan.cells, by, repeat_of=job)
            wake_dispatcher()
    except IntegrityError:
        return None
    return new


def refuse(cells: Sequence[PlannedCell], account: ProviderAccount, override: bool) -> None:
    """Raise LaunchRefused where a cell is refused: of consents first, then recipe, then photos."""
    refused = [(each.cell, found) for each in cells if (found := refusals(each.found, override))]
    for stage in (CONSENT, RECIPE, ""):
        reasons = [
            _sentences(cell, some, account)
            for cell, found in refused
            if (some := [f for f in found if (stage or f.code) == f.code])
        ]
        if reasons:
            raise LaunchRefused([reason for several in reasons for reason in several])


def _sentences(cell: Cell, found: list[CellFinding], account: ProviderAccount) -> list[str]:
    """Consent names the person, everything else the cell."""
    person, outfit = cell
    name = f"{person} · {' + '.join(str(garment) for garment in outfit.values())}"
    if found[0].code == CONSENT:
        return [str(each) for each in found]
    if found[0].code == RECIPE:
        return [f"{name}: {each}" for each in found]
    refusal = _("%s would refuse it.") % registry.provider_name(account.alias)
    return [f"{name}: {refusal} {' '.join(map(str, found))}"]


def default_name(count: int) -> str:
    now = timezone.localtime()
    return _("%(count)s try-ons, %(when)s") % {
        "count": count,
        "when": now.strftime("%Y-%m-%d %H:%M"),
    }


def _add_jobs(
    batch: Batch, new: Sequence[PlannedCell], by: User | None, repeat_of: TryOnJob | None = None
) -> list[TryOnJob]:
    """Jobs with their first steps, however many, in a few statements."""
    jobs = [
        TryOnJob(
            batch=batch,
            account=batch.account,
            recipe=batch.recipe,
            created_by=by,
            owner_id=batch.owner_id,
            person=each.cell[0],
            **each.cell[1],
            fingerprint=each.fingerprint,
            # What was made before is queued only to be made again.
            forced=each.existing is not None,
            attempt_of_id=each.attempt_of,
            repeat_of=repeat_of,
        )
        for each in new
    ]
    TryOnJob.objects.bulk_create(jobs, batch_size=500)
    pipeline.add_first_steps(jobs)
    return jobs
