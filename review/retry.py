"""Another attempt at a rejected try-on: what its reason proposes, and what each of it costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Person
from jobs.billing import charges
from jobs.launch import deduplicate
from jobs.launch.create import AlreadyMade, launch_cells
from jobs.launch.selection import Cell, cell_key
from jobs.models import Batch, ProviderAccount, Result, TryOnJob
from jobs.recipe import Recipe
from providers import registry
from review.models import Decision

Reason = Decision.Reason
PROVIDER, MODEL, PERSON = "provider", "model", "person"
KEEP_REST, REFINE, FACE = "keep_rest", "refine", "face"
EVERY = (PROVIDER, MODEL, PERSON, KEEP_REST, REFINE, FACE)
# What may help against what was wrong, the likeliest first.
HELPS: dict[str, tuple[str, ...]] = {
    Reason.SHAPE: (PROVIDER, MODEL),
    Reason.PRINT: (PROVIDER, MODEL),
    Reason.COLOUR: (PROVIDER, MODEL),
    Reason.HANDS: (PERSON, KEEP_REST, REFINE),
    Reason.LENGTH: (PERSON, KEEP_REST, REFINE),
    Reason.FACE: (FACE, PROVIDER),
    Reason.BACKGROUND: (PROVIDER, PERSON),
    Reason.OTHER: EVERY,
    "": EVERY,
}
# Other photos to choose from.
PHOTOS = 6


class Order(NamedTuple):
    """How a cell is to be made this time."""

    job: TryOnJob
    account: ProviderAccount
    recipe: Recipe
    person: Person

    @property
    def cell(self) -> Cell:
        return self.person, self.job.garments()

    @property
    def words(self) -> tuple[int, int, str, int]:
        """Equal for two orders of the same."""
        return self.job.pk, self.account.pk, str(self.recipe.dump()), self.person.pk

    def is_possible(self) -> bool:
        """Whether it differs from what was made, and its provider can make it."""
        job = self.job
        if registry.unavailable(self.account.alias):
            return False
        capabilities = registry.capabilities(self.account.alias)
        made = Recipe.load(job.recipe).with_default_model(capabilities)
        same = (self.account.pk, self.recipe, self.person.pk)
        if same == (job.account_id, made, job.person_id):
            return False
        slots = frozenset(job.garments())
        return not self.recipe.refusals(capabilities, slots, self.person.gender)


@dataclass(frozen=True)
class Change:
    """One thing to do otherwise; `value` names the provider, the model or the photo."""

    kind: str
    value: str = ""
    account: ProviderAccount | None = None
    person: Person | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.value}"

    def of(self, job: TryOnJob) -> Order | None:
        """The job's cell with this change; None where that changes nothing or cannot be made."""
        account, person = self.account or job.account, self.person or job.person
        if registry.unavailable(account.alias):
            return None
        old = Recipe.load(job.recipe)
        recipe = replace(old, **self._recipe(job)).adapted_to(registry.capabilities(account.alias))
        order = Order(job, account, recipe, person)
        return order if self._is_in(recipe, old) and order.is_possible() else None

    def _is_in(self, recipe: Recipe, old: Recipe) -> bool:
        """Whether the provider has it: what it has not, was dropped from the recipe."""
        refines = recipe.refine and not old.refine
        said = {
            MODEL: recipe.model == self.value,
            KEEP_REST: recipe.keep_rest and not old.keep_rest,
            REFINE: refines,
            FACE: refines or (recipe.restore_face and not old.restore_face),
        }
        return said.get(self.kind, True)

    def _recipe(self, job: TryOnJob) -> dict[str, Any]:
        if self.kind == MODEL:
            return {"model": self.value}
        if self.kind == KEEP_REST:
            one = len(job.garments()) == 1 and not job.dress_id
            return {"keep_rest": True} if one else {}
        if self.kind in (REFINE, FACE):
            # The refiner wants both so.
            return {"refine": True, "restore_face": True, "resolution": -1}
        return {}

    def words(self) -> str:
        said = {
            PROVIDER: _("Another provider: %s") % self.account,
            MODEL: _("Another model: %s") % self.value,
            PERSON: _("Another photo: %s") % self.person,
            KEEP_REST: _("Keep the person’s other half"),
            REFINE: _("Refine it"),
            FACE: _("Restore the face and refine it"),
        }
        return said[self.kind]


@dataclass(frozen=True)
class Proposal:
    """A change, for those of the results that it is possible for, with its price."""

    change: Change
    orders: list[Order]
    # Cells that this has been tried for already, and stands.
    made: int
    total: Decimal
    refusals: list[str]

    @property
    def count(self) -> int:
        return len(self.orders) - self.made

    def words(self) -> list[str]:
        """The recipe, where all have the same one."""
        ways = {(order.account.pk, str(order.recipe.dump())) for order in self.orders}
        if len(ways) > 1:
            return []
        recipe = self.orders[0].recipe
        return list(dict.fromkeys([str(self.orders[0].account), recipe.model, *recipe.summary()]))


@dataclass
class Launched:
    """`made`: jobs that had been made so before, or are on their way."""

    batches: list[Batch] = field(default_factory=list)
    made: list[TryOnJob] = field(default_factory=list)


def rejected(ids: Iterable[int]) -> list[Result]:
    """The rejected ones of these results, with all that another attempt needs."""
    names = ("person", "top", "bottom", "dress", "account", "batch")
    rows = Result.objects.final().filter(pk__in=list(ids), review=Result.Review.REJECTED)
    return list(rows.select_related(*(f"job__{name}" for name in names)).order_by("pk"))


def reasons_of(results: Sequence[Result]) -> dict[int, Decision]:
    """The last decision of each result, by its id."""
    rows = Decision.objects.filter(result__in=results, verdict=Result.Review.REJECTED)
    return {decision.result_id: decision for decision in rows.order_by("id")}


def kinds(reasons: Iterable[str]) -> list[str]:
    """What may help against these reasons, the likeliest first."""
    return list(dict.fromkeys(kind for reason in reasons for kind in HELPS[reason]))


def changes(results: Sequence[Result], reasons: Iterable[str]) -> list[Change]:
    """What these reasons propose, whether or not it is possible for every result."""
    jobs = [result.job for result in results]
    return [change for kind in kinds(reasons) for change in _of_kind(kind, jobs)]


def _of_kind(kind: str, jobs: Sequence[TryOnJob]) -> list[Change]:
    if kind == PROVIDER:
        accounts = {each.alias: each for each in ProviderAccount.objects.all()}
        able = [accounts[alias] for alias in registry.offered() if alias in accounts]
        return [Change(kind, account.alias, account=account) for account in able]
    if kind == MODEL:
        aliases = dict.fromkeys(job.account.alias for job in jobs)
        able_to = [registry.capabilities(a) for a in aliases if not registry.unavailable(a)]
        names = [n for c in able_to for n, m in c.models.items() if m.operation == "tryon"]
        return [Change(kind, name) for name in dict.fromkeys(names)]
    if kind == PERSON:
        return [Change(kind, str(p.pk), person=p) for p in _photos(jobs)]
    return [Change(kind)]


def _photos(jobs: Sequence[TryOnJob]) -> list[Person]:
    """The newest photos of the same gender whose consent allows it."""
    rows = Person.objects.team_owned().active().consenting(timezone.localdate())
    rows = rows.filter(gender=jobs[0].person.gender)
    return list(rows.exclude(pk__in={job.person_id for job in jobs}).order_by("-id")[:PHOTOS])


def proposals(results: Sequence[Result], reasons: Iterable[str], now: datetime) -> list[Proposal]:
    """What is possible, with its price; the same by two names goes by the first of them."""
    found: dict[tuple[Any, ...], Proposal] = {}
    for change in changes(results, reasons):
        orders = [order for job in _jobs(results) if (order := change.of(job))]
        what = tuple(order.words for order in orders)
        if what and what not in found:
            found[what] = _proposal(change, orders, now)
    return list(found.values())


def _proposal(change: Change, orders: list[Order], now: datetime) -> Proposal:
    made, total, refusals = 0, Decimal(0), list[str]()
    for same in _alike(orders):
        account, recipe = same[0].account, same[0].recipe
        names = deduplicate.fingerprints(account, recipe, [order.cell for order in same])
        known = deduplicate.existing_jobs(names)
        new = len(set(names) - set(known))
        made += len(same) - new
        estimate = charges.estimate(recipe, account, new, now)
        total += estimate.total
        refusals += estimate.refusals()
    return Proposal(change, orders, made, total, refusals)


def _jobs(results: Sequence[Result]) -> list[TryOnJob]:
    """Each job once, though several of its images may be rejected."""
    return list({result.job_id: result.job for result in results}.values())


def _alike(orders: Sequence[Order]) -> list[list[Order]]:
    """Orders by provider and recipe: a batch has one of each."""
    found: dict[tuple[int, str], list[Order]] = {}
    for order in orders:
        found.setdefault((order.account.pk, str(order.recipe.dump())), []).append(order)
    return list(found.values())


def launch(results: Sequence[Result], key: str, by: Any) -> Launched:
    """Queue the change of this key for all results, each batch with one provider and recipe.

    All or nothing. Raises LaunchRefused; and LookupError where the change is not, or no longer,
    possible. What has been tried so before is in `made` and not paid for again.
    """
    every = changes(results, [""])
    change = next((change for change in every if change.key == key), None)
    orders = [order for job in _jobs(results) if change and (order := change.of(job))]
    if not orders:
        raise LookupError(key)
    done = Launched()
    with transaction.atomic():
        for same in _alike(orders):
            try:
                done.batches.append(_launch(same, by))
            except AlreadyMade as known:
                done.made += known.jobs
    return done


def _launch(orders: Sequence[Order], by: Any) -> Batch:
    first: Mapping[Any, int] = {
        cell_key(order.cell): order.job.attempt_of_id or order.job.pk for order in orders
    }
    return launch_cells(
        [order.cell for order in orders],
        account=orders[0].account,
        recipe=orders[0].recipe,
        by=by,
        name=_name(orders),
        attempts=first,
    )


def _name(orders: Sequence[Order]) -> str:
    if len(orders) == 1:
        return (_("Again: %s") % orders[0].job)[:120]
    when = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    return _("%(count)s tried again, %(when)s") % {"count": len(orders), "when": when}
