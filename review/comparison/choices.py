"""Saying which image of a cell is best, with a verdict of its own for each of them, and undoing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import transaction

from jobs.models import Comparison, Result
from review.comparison.blind import BlindComparison, Cell
from review.decide import approve, reject, reopen
from review.models import Decision, Preference

Verdict = tuple[str, str]


class Chosen(NamedTuple):
    """`new`: whether it was not chosen before. `late`: images that somebody else decided first."""

    new: bool
    late: int = 0


def choose(
    comparison: Comparison,
    cell: Cell,
    by: Any,
    best: int | None,
    verdicts: Mapping[int, Verdict],
) -> Chosen:
    """Keep the choice and decide on the images that have a verdict: (verdict, reason) by id.

    The best is approved only if it has that verdict, too: whether an image can be shown and
    whether another one is better are two questions, and rates of approval answer the first.
    """
    with transaction.atomic():
        preference, new = Preference.objects.get_or_create(
            comparison=comparison,
            cell=cell.key,
            by=by,
            defaults={"result_id": best, "shown": list(cell.results)},
        )
        if not new:
            return Chosen(False)
        results = Result.objects.in_bulk(verdicts)
        decided = [pk for pk, said in verdicts.items() if _decide(results.get(pk), by, *said)]
        Preference.objects.filter(pk=preference.pk).update(decided=decided)
    return Chosen(True, len(verdicts) - len(decided))


def _decide(result: Result | None, by: Any, verdict: str, reason: str) -> bool:
    if result is None:
        return False
    if verdict == Result.Review.APPROVED:
        return approve(result, by)
    return reject(result, by, reason)


def undo(comparison: Comparison, cell: str, by: Any) -> bool:
    """Take back the choice, and the verdicts that were given with it and still stand.

    What was published meanwhile, or decided by somebody else, stays as it is.
    """
    with transaction.atomic():
        mine = Preference.objects.select_for_update().filter(comparison=comparison, by=by)
        preference = mine.filter(cell=cell).first()
        if preference is None:
            return False
        for result in Result.objects.filter(pk__in=preference.decided, published_at=None):
            if _last_word(result) == by.pk:
                reopen(result, by)
        preference.delete()
    return True


def _last_word(result: Result) -> int | None:
    said = Decision.objects.filter(result=result, opinion=False).order_by("-pk")
    return said.values_list("by", flat=True).first()


def is_open(comparison: Comparison, blind: BlindComparison, user: Any) -> bool:
    """Whether it may be told whose images these are.

    To whoever answers for the money at any time; to others when somebody has chosen in every
    cell, and they themselves have no choice before them that knowing would colour.
    """
    if user.has_perm("jobs.view_ledgerentry"):
        return True
    if not blind.cells or blind.waiting:
        return False
    if user.has_perm("jobs.change_result"):
        return not blind.left
    said = Preference.objects.filter(comparison=comparison).values_list("cell", flat=True)
    return blind.cells.keys() <= set(said)
