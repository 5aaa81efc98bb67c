"""Choosing the best image of a cell, with a verdict on each of its images, and undoing that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction

from jobs.models import Comparison, Result
from review.comparison.blind import BlindComparison, Cell
from review.decide import approve, reject, reopen
from review.models import Decision, Preference

# A verdict and its reason.
VerdictAndReason = tuple[str, str]


class ChoiceOutcome(NamedTuple):
    """`is_new`: there was no choice before. `overtaken`: images somebody else decided first."""

    is_new: bool
    overtaken: int = 0


def choose(
    comparison: Comparison,
    cell: Cell,
    by: User,
    best_id: int | None,
    verdicts: Mapping[int, VerdictAndReason],
) -> ChoiceOutcome:
    """Store the choice and decide on the images that have a verdict; `verdicts` is by their id.

    The best is approved only if it has that verdict, too: whether an image can be shown and
    whether another one is better are two questions, and rates of approval answer the first.
    """
    with transaction.atomic():
        preference, is_new = Preference.objects.get_or_create(
            comparison=comparison,
            cell=cell.key,
            by=by,
            defaults={"result_id": best_id, "shown": list(cell.shown_ids)},
        )
        if not is_new:
            return ChoiceOutcome(False)
        results = Result.objects.in_bulk(verdicts)
        decided = [pk for pk, each in verdicts.items() if _decide(results.get(pk), by, *each)]
        Preference.objects.filter(pk=preference.pk).update(decided=decided)
    return ChoiceOutcome(True, len(verdicts) - len(decided))


def _decide(result: Result | None, by: User, verdict: str, reason: str) -> bool:
    if result is None:
        return False
    if verdict == Result.Review.APPROVED:
        return approve(result, by)
    return reject(result, by, reason)


def undo(comparison: Comparison, cell: str, by: User) -> bool:
    """Take back the choice, and the verdicts that were given with it and still stand.

    What was published meanwhile, or decided by somebody else, stays as it is.
    """
    with transaction.atomic():
        own_choices = Preference.objects.select_for_update().filter(comparison=comparison, by=by)
        preference = own_choices.filter(cell=cell).first()
        if preference is None:
            return False
        for result in Result.objects.filter(pk__in=preference.decided, published_at=None):
            if _last_decider(result) == by.pk:
                reopen(result, by)
        preference.delete()
    return True


def _last_decider(result: Result) -> int | None:
    decisions = Decision.objects.filter(result=result, opinion=False).order_by("-pk")
    return decisions.values_list("by", flat=True).first()


def may_see_providers(comparison: Comparison, blind: BlindComparison, user: User) -> bool:
    """Whether this user may see which provider made which image.

    Users who see costs may at any time; others when somebody has chosen in every cell, and they
    have no choice of their own left that knowing would bias.
    """
    if user.has_perm("jobs.view_ledgerentry"):
        return True
    if not blind.cells or blind.waiting:
        return False
    if user.has_perm("jobs.change_result"):
        return not blind.remaining
    chosen = Preference.objects.filter(comparison=comparison).values_list("cell", flat=True)
    return blind.cells.keys() <= set(chosen)
