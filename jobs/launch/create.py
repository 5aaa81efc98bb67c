"""From persons × outfits × a recipe to a batch of jobs, or to the reasons why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Garment, Person
from jobs import consent_check, pipeline
from jobs.batches import completion
from jobs.billing import charges
from jobs.launch import deduplicate, preflight
from jobs.models import Batch, Comparison, ProviderAccount, TryOnJob
from jobs.recipe import Recipe
from jobs.wakeups import wake_dispatcher
from providers import registry

Outfit = Mapping[str, Garment]
Cell = tuple[Person, Outfit]
# A cell by the ids of its person and garments.
CellKey = tuple[int, tuple[int, ...]]
# Against launches of the same cells at the same moment: each round, one of them has queued some.
ROUNDS = 5


class LaunchRefused(ValueError):
    """Nothing was queued. `reasons` are sentences, each naming the cell and what to do."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = list(dict.fromkeys(reasons))
        super().__init__(" ".join(self.reasons))


class AlreadyMade(LaunchRefused):
    """Every cell has been made or is on its way: `jobs`, in the order of the cells."""

    def __init__(self, jobs: Sequence[TryOnJob]) -> None:
        self.jobs = list(jobs)
        text = ngettext(
            "This try-on was made before or is on its way: nothing was launched, nothing is spent.",
            "All %(n)d try-ons were made before or are on their way: "
            "nothing was launched, nothing is spent.",
            len(self.jobs),
        )
        super().__init__([text % {"n": len(self.jobs)}])


def cell_key(cell: Cell) -> CellKey:
    person, outfit = cell
    return person.pk, tuple(garment.pk for garment in outfit.values())


def outfit_of(*garments: Garment) -> dict[str, Garment]:
    """Garments by slot. Raises LaunchRefused where they cannot be worn together."""
    outfit = {garment.slot: garment for garment in garments}
    if len(outfit) < len(garments):
        raise LaunchRefused([_("Two garments of the same slot cannot be worn together.")])
    if not outfit or ("dress" in outfit and len(outfit) > 1):
        raise LaunchRefused([_("An outfit is one dress, or a top, or a bottom, or both.")])
    return outfit


def launch(*, persons: Iterable[Person], outfits: Iterable[Outfit], **order: Any) -> Batch:
    """Queue every person in every outfit; `order` as of `launch_cells`."""
    outfits = list(outfits)
    return launch_cells([(p, outfit) for p in persons for outfit in outfits], **order)


def launch_cells(
    cells: Sequence[Cell],
    *,
    account: ProviderAccount,
    recipe: Recipe | None = None,
    by: Any = None,
    name: str = "",
    interactive: bool = False,
    budget: Decimal | None = None,
    again: deduplicate.RemakePolicy = False,
    override: bool = False,
    comparison: Comparison | None = None,
    attempts: Mapping[CellKey, int] | None = None,
    owner: Any = None,
) -> Batch:
    """Queue chosen cells of the matrix. Raises LaunchRefused before anything is written.

    What the same provider has made of the same photos by the same recipe, or is making, is not
    paid for once more: it is in `batch.offered` instead, unless `again` insists, on all cells or
    on those at some positions. Raises AlreadyMade where nothing is left to queue. `budget` is the
    most that the batch may spend. `override`: also cells with a photo that the provider would
    refuse. `attempts`: by place, the id of the job that was the first attempt at that cell.
    `owner`: the shopper whose it is, and nobody else's to see.
    """
    recipe = _checked(cells, account, recipe or Recipe())
    fields: dict[str, Any] = {"account": account, "recipe": recipe.dump(), "created_by": by}
    fields |= {"interactive": interactive, "budget": budget, "comparison": comparison}
    fields["owner"] = owner
    for round_ in range(ROUNDS):
        new, offered = deduplicate.split(cells, account, recipe, again=again)
        if not new:
            raise AlreadyMade(offered)
        refused = preflight.sentences([each.cell for each in new], account.alias)
        if refused and not override:
            raise LaunchRefused(refused)
        fields["estimate"] = _affordable(recipe, account, len(new), budget)
        try:
            with transaction.atomic():
                batch = Batch.objects.create(name=name or default_name(len(new)), **fields)
                batch.reused_jobs.set(offered)
                _add_jobs(batch, new, by, attempts)
                wake_dispatcher()
            return batch
        except (IntegrityError, OperationalError):
            # Somebody launched one of these cells just now: what they queued is offered.
            if round_ == ROUNDS - 1:
                raise
    raise AssertionError("the last round returns or raises")


def repeat(job: TryOnJob, by: Any) -> TryOnJob | None:
    """Ask for an ended job again, as a new job of the same batch.

    None where it has not ended, or somebody has already repeated it. Raises LaunchRefused.
    """
    if job.state in (*job.UNFINISHED, job.State.NEEDS_ATTENTION):
        return None
    cell = (job.person, job.garments())
    recipe = _checked([cell], job.account, Recipe.load(job.recipe))
    fingerprint = deduplicate.fingerprint(job.account, recipe, *cell)
    try:
        with transaction.atomic():
            asked = deduplicate.NewCell(cell, fingerprint, forced=True)
            completion.jobs_added(job.batch)
            # A repeated attempt is an attempt still.
            first = {cell_key(cell): job.attempt_of_id} if job.attempt_of_id else None
            [new] = _add_jobs(job.batch, [asked], by, first, repeat_of=job)
            wake_dispatcher()
    except IntegrityError:
        return None
    return new


def _checked(cells: Sequence[Cell], account: ProviderAccount, recipe: Recipe) -> Recipe:
    """The recipe with its model filled in. Raises LaunchRefused."""
    why = registry.unavailable(account.alias)
    if why:
        raise LaunchRefused([why])
    if not cells:
        raise LaunchRefused([_("Choose at least one person and one garment.")])
    # No `override` helps here: that one is about what a provider may refuse.
    if refused := consent_check.sentences(person for person, _outfit in cells):
        raise LaunchRefused(refused)
    capabilities = registry.capabilities(account.alias)
    reasons = [
        f"{person} · {' + '.join(str(g) for g in outfit.values())}: {reason}"
        + who_could(recipe, frozenset(outfit), person.gender)
        for person, outfit in cells
        for reason in recipe.refusals(capabilities, frozenset(outfit), person.gender)
    ]
    if reasons:
        raise LaunchRefused(reasons)
    return recipe.with_default_model(capabilities)


def who_could(recipe: Recipe, slots: frozenset[str], gender: str) -> str:
    """The offered providers that could make this cell by this recipe, with a model of theirs."""
    recipe = replace(recipe, model="")
    able = [
        alias
        for alias in registry.offered()
        if not recipe.refusals(registry.capabilities(alias), slots, gender)
    ]
    return " " + _("These could: %(names)s.") % {"names": ", ".join(able)} if able else ""


def _affordable(
    recipe: Recipe, account: ProviderAccount, count: int, budget: Decimal | None
) -> Decimal:
    """What it costs. Raises LaunchRefused with the numbers, where a budget does not allow that."""
    estimate = charges.estimate(recipe, account, count, timezone.now())
    if reasons := estimate.refusals(budget):
        raise LaunchRefused(reasons)
    return estimate.total


def default_name(count: int) -> str:
    now = timezone.localtime()
    return _("%(count)s try-ons, %(when)s") % {
        "count": count,
        "when": now.strftime("%Y-%m-%d %H:%M"),
    }


def _add_jobs(
    batch: Batch,
    new: Sequence[deduplicate.NewCell],
    by: Any,
    attempts: Mapping[CellKey, int] | None = None,
    **values: Any,
) -> list[TryOnJob]:
    """Jobs with their first steps, however many, in a few statements."""
    values |= {"batch": batch, "account": batch.account, "recipe": batch.recipe, "created_by": by}
    values["owner_id"] = batch.owner_id
    jobs = [
        TryOnJob(
            person=each.cell[0],
            fingerprint=each.fingerprint,
            forced=each.forced,
            attempt_of_id=attempts.get(cell_key(each.cell)) if attempts else None,
            **each.cell[1],
            **values,
        )
        for each in new
    ]
    TryOnJob.objects.bulk_create(jobs, batch_size=500)
    pipeline.add_first_steps(jobs)
    return jobs
