"""Another attempt at a rejected try-on: what may help against its reason, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Person
from jobs.billing import charges
from jobs.launch.create import AlreadyMade, launch_cells
from jobs.launch.plan import existing_jobs, fingerprints
from jobs.launch.selection import Cell
from jobs.models import Batch, ProviderAccount, Result, TryOnJob
from jobs.recipe import Recipe
from providers import registry
from review.models import Decision

Reason = Decision.Reason
PROVIDER, MODEL, PERSON = "provider", "model", "person"
KEEP_REST, REFINE, FACE = "keep_rest", "refine", "face"
ALL_KINDS = (PROVIDER, MODEL, PERSON, KEEP_REST, REFINE, FACE)
# What may help against what was wrong, the likeliest first.
HELPFUL_KINDS: dict[str, tuple[str, ...]] = {
    Reason.SHAPE: (PROVIDER, MODEL),
    Reason.PRINT: (PROVIDER, MODEL),
    Reason.COLOUR: (PROVIDER, MODEL),
    Reason.HANDS: (PERSON, KEEP_REST, REFINE),
    Reason.LENGTH: (PERSON, KEEP_REST, REFINE),
    Reason.FACE: (FACE, PROVIDER),
    Reason.BACKGROUND: (PROVIDER, PERSON),
    Reason.OTHER: ALL_KINDS,
    "": ALL_KINDS,
}
# So many other photos are offered.
MAX_PHOTOS = 6


class NewAttempt(NamedTuple):
    """One cell with the account, recipe and person of another attempt."""

    job: TryOnJob
    account: ProviderAccount
    recipe: Recipe
    person: Person

    @property
    def cell(self) -> Cell:
        return self.person, self.job.garments()

    @property
    def identity(self) -> tuple[int, int, str, int]:
        """Equal for two attempts that would make the same."""
        return self.job.pk, self.account.pk, str(self.recipe.dump()), self.person.pk

    def is_possible(self) -> bool:
        """Whether it differs from what was made, and its provider can make it."""
        job = self.job
        if registry.unavailable_reason(self.account.alias):
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
    """One thing to do otherwise; `value` is the alias, the model's id or the photo's.

    `model_name`: the display name of that model.
    """

    kind: str
    value: str = ""
    model_name: str = ""
    account: ProviderAccount | None = None
    person: Person | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.value}"

    def apply_to(self, job: TryOnJob) -> NewAttempt | None:
        """The job's cell with this change; None where that changes nothing or cannot be made."""
        account, person = self.account or job.account, self.person or job.person
        if registry.unavailable_reason(account.alias):
            return None
        old = Recipe.load(job.recipe)
        recipe = replace(old, **self._recipe_changes(job)).adapted_to(
            registry.capabilities(account.alias)
        )
        attempt = NewAttempt(job, account, recipe, person)
        return attempt if self._takes_effect(recipe, old) and attempt.is_possible() else None

    def _takes_effect(self, recipe: Recipe, old: Recipe) -> bool:
        """Whether the provider has it: otherwise it was dropped from the recipe."""
        refines = recipe.refine and not old.refine
        effective = {
            MODEL: recipe.model == self.value,
            KEEP_REST: recipe.keep_rest and not old.keep_rest,
            REFINE: refines,
            FACE: refines or (recipe.restore_face and not old.restore_face),
        }
        return effective.get(self.kind, True)

    def _recipe_changes(self, job: TryOnJob) -> dict[str, Any]:
        if self.kind == MODEL:
            return {"model": self.value}
        if self.kind == KEEP_REST:
            is_half = len(job.garments()) == 1 and not job.dress_id
            return {"keep_rest": True} if is_half else {}
        if self.kind in (REFINE, FACE):
            # The refiner takes nothing else.
            return {"refine": True, "restore_face": True, "resolution": -1}
        return {}

    def label(self) -> str:
        labels = {
            PROVIDER: _("Another provider: %s") % registry.provider_name(self.value),
            MODEL: _("Another model: %s") % self.model_name,
            PERSON: _("Another photo: %s") % self.person,
            KEEP_REST: _("Keep the person’s other half"),
            REFINE: _("Refine it"),
            FACE: _("Restore the face and refine it"),
        }
        return labels[self.kind]


@dataclass(frozen=True)
class Proposal:
    """A change, for those of the results that it is possible for, with its price."""

    change: Change
    attempts: list[NewAttempt]
    # How many of them exist already and can be reused.
    made_before: int
    total: Decimal
    refusals: list[str]

    @property
    def count(self) -> int:
        return len(self.attempts) - self.made_before

    def recipe_summary(self) -> list[str]:
        """Provider and model, and the options, where all attempts have the same."""
        recipes = {(attempt.account.pk, str(attempt.recipe.dump())) for attempt in self.attempts}
        if len(recipes) > 1:
            return []
        alias, recipe = self.attempts[0].account.alias, self.attempts[0].recipe
        return [registry.provider_and_model(alias, recipe.model), *recipe.summary()]


@dataclass
class LaunchOutcome:
    """`existing_jobs` were made so before, or are on their way."""

    batches: list[Batch] = field(default_factory=list)
    existing_jobs: list[TryOnJob] = field(default_factory=list)


def rejected_results(ids: Iterable[int]) -> list[Result]:
    """Load those of these results that are rejected, with all that another attempt needs."""
    names = ("person", "top", "bottom", "dress", "account", "batch")
    rows = Result.objects.final().filter(pk__in=list(ids), review=Result.Review.REJECTED)
    return list(rows.select_related(*(f"job__{name}" for name in names)).order_by("pk"))


def last_rejections(results: Sequence[Result]) -> dict[int, Decision]:
    """Return the last rejection of each result, by the result's id."""
    rows = Decision.objects.filter(result__in=results, verdict=Result.Review.REJECTED)
    return {decision.result_id: decision for decision in rows.order_by("id")}


def helpful_kinds(reasons: Iterable[str]) -> list[str]:
    """Return the kinds of change that may help against these reasons, the likeliest first."""
    return list(dict.fromkeys(kind for reason in reasons for kind in HELPFUL_KINDS[reason]))


def proposed_changes(results: Sequence[Result], reasons: Iterable[str]) -> list[Change]:
    """Return what may help against these reasons, possible or not."""
    jobs = [result.job for result in results]
    return [change for kind in helpful_kinds(reasons) for change in _changes_of_kind(kind, jobs)]


def _changes_of_kind(kind: str, jobs: Sequence[TryOnJob]) -> list[Change]:
    if kind == PROVIDER:
        accounts = {each.alias: each for each in ProviderAccount.objects.all()}
        offered = [accounts[alias] for alias in registry.available() if alias in accounts]
        return [Change(kind, account.alias, account=account) for account in offered]
    if kind == MODEL:
        aliases = dict.fromkeys(job.account.alias for job in jobs)
        names = {
            model_id: registry.model_name(alias, model_id)
            for alias in aliases
            if not registry.unavailable_reason(alias)
            for model_id, model in registry.capabilities(alias).models.items()
            if model.operation == "tryon"
        }
        return [Change(kind, model_id, name) for model_id, name in names.items()]
    if kind == PERSON:
        return [Change(kind, str(p.pk), person=p) for p in _other_photos(jobs)]
    return [Change(kind)]


def _other_photos(jobs: Sequence[TryOnJob]) -> list[Person]:
    """The newest photos of the same gender whose consent allows it."""
    rows = Person.objects.team_owned().active().consenting(timezone.localdate())
    rows = rows.filter(gender=jobs[0].person.gender)
    return list(rows.exclude(pk__in={job.person_id for job in jobs}).order_by("-id")[:MAX_PHOTOS])


def proposals(results: Sequence[Result], reasons: Iterable[str], now: datetime) -> list[Proposal]:
    """Return what is possible, with its price; of two equal proposals the first."""
    by_identity: dict[tuple[Any, ...], Proposal] = {}
    for change in proposed_changes(results, reasons):
        attempts = [attempt for job in _distinct_jobs(results) if (attempt := change.apply_to(job))]
        identity = tuple(attempt.identity for attempt in attempts)
        if identity and identity not in by_identity:
            by_identity[identity] = _proposal(change, attempts, now)
    return list(by_identity.values())


def _proposal(change: Change, attempts: list[NewAttempt], now: datetime) -> Proposal:
    made_before, total, refusals = 0, Decimal(0), list[str]()
    for group in _by_account_and_recipe(attempts):
        account, recipe = group[0].account, group[0].recipe
        prints = fingerprints(account, recipe, [attempt.cell for attempt in group])
        known = existing_jobs(prints)
        new = len(set(prints) - set(known))
        made_before += len(group) - new
        estimate = charges.estimate(recipe, account, new, now)
        total += estimate.total
        refusals += estimate.refusals()
    return Proposal(change, attempts, made_before, total, refusals)


def _distinct_jobs(results: Sequence[Result]) -> list[TryOnJob]:
    """Each job once, though several of its images may be rejected."""
    return list({result.job_id: result.job for result in results}.values())


def _by_account_and_recipe(attempts: Sequence[NewAttempt]) -> list[list[NewAttempt]]:
    """Group them by account and recipe: a batch has one of each."""
    found: dict[tuple[int, str], list[NewAttempt]] = {}
    for attempt in attempts:
        found.setdefault((attempt.account.pk, str(attempt.recipe.dump())), []).append(attempt)
    return list(found.values())


def launch(results: Sequence[Result], key: str, by: User | None) -> LaunchOutcome:
    """Queue the change of this key for all results, each batch with one provider and recipe.

    All or nothing. Raises LaunchRefused; and LookupError where the change is not, or no longer,
    possible. What was made so before is in `existing_jobs` and not paid for again.
    """
    possible = proposed_changes(results, [""])
    change = next((change for change in possible if change.key == key), None)
    attempts = [
        attempt for job in _distinct_jobs(results) if change and (attempt := change.apply_to(job))
    ]
    if not attempts:
        raise LookupError(key)
    outcome = LaunchOutcome()
    with transaction.atomic():
        for group in _by_account_and_recipe(attempts):
            try:
                outcome.batches.append(_launch_batch(group, by))
            except AlreadyMade as known:
                outcome.existing_jobs += known.jobs
    return outcome


def _launch_batch(attempts: Sequence[NewAttempt], by: User | None) -> Batch:
    return launch_cells(
        [attempt.cell for attempt in attempts],
        account=attempts[0].account,
        recipe=attempts[0].recipe,
        by=by,
        name=_batch_name(attempts),
        attempts_of=[each.job.attempt_of_id or each.job.pk for each in attempts],
    )


def _batch_name(attempts: Sequence[NewAttempt]) -> str:
    if len(attempts) == 1:
        return (_("Again: %s") % attempts[0].job)[:120]
    when = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    return _("%(count)s tried again, %(when)s") % {"count": len(attempts), "when": when}
