"""One decision about many results at once: exactly those, and only as they were seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jobs.domain_events import Kind, fire
from jobs.models import Event, Result
from jobs.models.result import PublishRefused
from review import attempts
from review.decide import decide, launcher_refusal, lease_refusal
from review.leases import NOT_LEASED
from review.models import Decision, DecisionRefused

Review = Result.Review
NAMES = ("job__person", "job__top", "job__bottom", "job__dress", "job__batch", "leased_by")
# What a page shows and a form carries.
MOST = 500


@dataclass
class Reviewed:
    """What became of a selection. `late`: somebody else had decided, and that stays."""

    done: list[Result] = field(default_factory=list)
    late: list[Result] = field(default_factory=list)
    # Another attempt of the same cell is approved already: a person chooses between the two.
    rivals: list[Result] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def decide_all(
    seen: Mapping[int, str], verdict: str, by: Any, *, reason: str = "", note: str = ""
) -> Reviewed:
    """Decide results by id, each of which was `seen` in this state when it was chosen.

    The rows are locked first, in the order of their ids: what was decided before that is left
    as it is, and what comes later finds this decision.
    """
    now, reviewed = timezone.now(), Reviewed()
    with transaction.atomic():
        for result in _locked(seen):
            as_seen = result.review == seen[result.pk] and result.review in _allowed(verdict)
            if as_seen and (why := _refusal(result, verdict, by, now)):
                reviewed.refused.append(f"{result.job}: {why}")
            else:
                (reviewed.done if as_seen else reviewed.late).append(result)
        if verdict == Review.APPROVED:
            rivals = attempts.rivals(reviewed.done)
            reviewed.rivals = [result for result in reviewed.done if result.pk in rivals]
            reviewed.done = [result for result in reviewed.done if result.pk not in rivals]
        if settings.REVIEW_SECOND_OPINION:
            _vote(reviewed, verdict, by, reason, note)
        else:
            _move(reviewed.done, verdict, by, reason, note)
    return reviewed


def _refusal(result: Result, verdict: str, by: Any, now: datetime) -> str:
    if verdict == Review.PENDING:
        return ""
    four_eyes = launcher_refusal(result, by) if verdict == Review.APPROVED else ""
    return lease_refusal(result, by, now) or four_eyes


def _vote(reviewed: Reviewed, verdict: str, by: Any, reason: str, note: str) -> None:
    """Where two must agree, each result has a count of its own."""
    asked, reviewed.done = reviewed.done, []
    for result in asked:
        try:
            decide(result, verdict, by, reason=reason, note=note, beside=True)
            reviewed.done.append(result)
        except DecisionRefused as refused:
            reviewed.refused.append(f"{result.job}: {refused}")


def _locked(ids: Iterable[int]) -> Sequence[Result]:
    rows = Result.objects.final().filter(pk__in=list(ids)).order_by("pk")
    return list(rows.select_related(*NAMES).select_for_update(of=("self",)))


def _allowed(verdict: str) -> tuple[str, ...]:
    undone = verdict == Review.PENDING
    return (Review.APPROVED, Review.REJECTED) if undone else (Review.PENDING,)


def _move(results: Sequence[Result], verdict: str, by: Any, reason: str, note: str) -> None:
    """What `decide` does to one, for locked rows in a few statements.

    The one place that knows how a decision is written for many.
    """
    ids = [result.pk for result in results]
    if verdict == Review.PENDING:
        Result.objects.set_published(ids, None, by=by)
    open_to_it = Result.objects.filter(pk__in=ids, review__in=_allowed(verdict))
    open_to_it.update(review=verdict, **NOT_LEASED)
    moves = [("result", r.pk, r.job_id, r.review) for r in results]
    Event.record_many(moves, verdict, by=by, why=reason)
    values = {"verdict": verdict, "by": by, "reason": reason, "note": note}
    Decision.objects.bulk_create(Decision(result=result, **values) for result in results)
    batches = {result.job.batch_id for result in results}
    for result in results:
        result.review = verdict
    fire(Kind.RESULT_DECIDED, result_ids=ids, batch_ids=sorted(batches), verdict=verdict)


def publish_all(ids: Iterable[int], by: Any) -> Reviewed:
    """Publish what is approved, one by one; a refusal names its person and what to do."""
    reviewed = Reviewed()
    rows = Result.objects.final().filter(pk__in=list(ids)).order_by("pk")
    for result in rows.select_related(*NAMES):
        try:
            done = result.publish(by)
        except PublishRefused as refused:
            reviewed.refused.append(str(refused))
            continue
        (reviewed.done if done else reviewed.late).append(result)
    reviewed.refused = list(dict.fromkeys(reviewed.refused))
    return reviewed
