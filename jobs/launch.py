"""From persons × outfits × a recipe to a batch of jobs, or to the reasons why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Garment, Person

from . import photo_rules, pipeline
from .models import Batch, ProviderAccount, TryOnJob
from .providers import registry
from .recipe import Recipe

Outfit = Mapping[str, Garment]


class LaunchRefused(ValueError):
    """Nothing was queued. `reasons` are sentences, each naming the cell and what to do."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = list(dict.fromkeys(reasons))
        super().__init__(" ".join(self.reasons))


def outfit_of(*garments: Garment) -> dict[str, Garment]:
    """Garments by slot. Raises LaunchRefused where they cannot be worn together."""
    outfit = {garment.slot: garment for garment in garments}
    if len(outfit) < len(garments):
        raise LaunchRefused([_("Two garments of the same slot cannot be worn together.")])
    if not outfit or ("dress" in outfit and len(outfit) > 1):
        raise LaunchRefused([_("An outfit is one dress, or a top, or a bottom, or both.")])
    return outfit


def launch(
    *,
    persons: Iterable[Person],
    outfits: Iterable[Outfit],
    account: ProviderAccount,
    recipe: Recipe | None = None,
    by: Any = None,
    name: str = "",
    interactive: bool = False,
    override: bool = False,
) -> Batch:
    """Queue every person in every outfit. Raises LaunchRefused before anything is written."""
    outfits = list(outfits)
    cells = [(person, outfit) for person in persons for outfit in outfits]
    return launch_cells(
        cells,
        account=account,
        recipe=recipe,
        by=by,
        name=name,
        interactive=interactive,
        override=override,
    )


def launch_cells(
    cells: Sequence[tuple[Person, Outfit]],
    *,
    account: ProviderAccount,
    recipe: Recipe | None = None,
    by: Any = None,
    name: str = "",
    interactive: bool = False,
    override: bool = False,
) -> Batch:
    """Queue chosen cells of the matrix. Raises LaunchRefused before anything is written.

    `override`: also those with a photo that the provider would refuse.
    """
    recipe = _checked(cells, account, recipe or Recipe())
    reasons = [] if override else photo_rules.sentences(cells, account.alias)
    if reasons:
        raise LaunchRefused(reasons)
    with transaction.atomic():
        batch = Batch.objects.create(
            name=name or _default_name(cells),
            account=account,
            recipe=recipe.dump(),
            interactive=interactive,
            created_by=by,
        )
        for person, outfit in cells:
            _add_job(batch, person, outfit, by)
        pipeline.ring_dispatch()
    return batch


def repeat(job: TryOnJob, by: Any) -> TryOnJob | None:
    """Ask for an ended job again, as a new job of the same batch.

    None where it has not ended, or somebody has already repeated it. Raises LaunchRefused.
    """
    if job.state in (*job.UNFINISHED, job.State.NEEDS_ATTENTION):
        return None
    _checked([(job.person, job.garments())], job.account, Recipe.load(job.recipe))
    try:
        with transaction.atomic():
            new = _add_job(job.batch, job.person, job.garments(), by, repeats=job)
            pipeline.ring_dispatch()
    except IntegrityError:
        return None
    return new


def _checked(
    cells: Sequence[tuple[Person, Outfit]], account: ProviderAccount, recipe: Recipe
) -> Recipe:
    """The recipe with its model filled in. Raises LaunchRefused."""
    why = registry.unavailable(account.alias)
    if why:
        raise LaunchRefused([why])
    if not cells:
        raise LaunchRefused([_("Choose at least one person and one garment.")])
    capabilities = registry.capabilities(account.alias)
    reasons = [
        f"{person} · {' + '.join(str(g) for g in outfit.values())}: {reason}"
        for person, outfit in cells
        for reason in recipe.refusals(capabilities, frozenset(outfit), person.gender)
    ]
    if reasons:
        raise LaunchRefused(reasons)
    return replace(recipe, model=recipe.model or capabilities.default_model("tryon"))


def _default_name(cells: Sequence[tuple[Person, Outfit]]) -> str:
    now = timezone.localtime()
    return _("%(count)s try-ons, %(when)s") % {
        "count": len(cells),
        "when": now.strftime("%Y-%m-%d %H:%M"),
    }


def _add_job(
    batch: Batch, person: Person, outfit: Outfit, by: Any, repeats: TryOnJob | None = None
) -> TryOnJob:
    job = TryOnJob.objects.create(
        batch=batch,
        person=person,
        account=batch.account,
        recipe=batch.recipe,
        created_by=by,
        repeats=repeats,
        **outfit,
    )
    pipeline.add_next_step(job)
    return job
