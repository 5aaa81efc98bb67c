"""One decision about many results at once, each only while it is in the state it was shown in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
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
RELATED = ("job__person", "job__top", "job__bottom", "job__dress", "job__batch", "leased_by")
# As many as a page shows and a form posts.
MAX_RESULTS = 500


@dataclass
class BulkOutcome:
    """What became of a selection. `skipped` ones had changed since, or were in no fitting state."""

    done: list[Result] = field(default_factory=list)
    skipped: list[Result] = field(default_factory=list)
    # Another attempt of the same cell is approved already: a person chooses between the two.
    with_rival: list[Result] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def decide_all(
    seen_states: Mapping[int, str],
    verdict: str,
    by: User | None,
    *,
    reason: str = "",
    note: str = "",
) -> BulkOutcome:
    """Decide results; `seen_states` has the state in which each was shown, by its id.

    The rows are locked first, in the order of their ids: what was decided before that is left
    as it is, and what comes later finds this decision.
    """
    now, outcome = timezone.now(), BulkOutcome()
    with transaction.atomic():
        for result in _lock_results(seen_states):
            is_unchanged = result.review == seen_states[
                result.pk
            ] and result.review in _states_before(verdict)
            if is_unchanged and (why := _refusal(result, verdict, by, now)):
                outcome.refused.append(f"{result.job}: {why}")
            else:
                (outcome.done if is_unchanged else outcome.skipped).append(result)
        if verdict == Review.APPROVED:
            rivals = attempts.approved_rivals(outcome.done)
            outcome.with_rival = [result for result in outcome.done if result.pk in rivals]
            outcome.done = [result for result in outcome.done if result.pk not in rivals]
        if settings.REVIEW_SECOND_OPINION:
            _decide_each(outcome, verdict, by, reason, note)
        else:
            _write_decisions(outcome.done, verdict, by, reason, note)
    return outcome


def _refusal(result: Result, verdict: str, by: User | None, now: datetime) -> str:
    if verdict == Review.PENDING:
        return ""
    four_eyes_refusal = launcher_refusal(result, by) if verdict == Review.APPROVED else ""
    return lease_refusal(result, by, now) or four_eyes_refusal


def _decide_each(
    outcome: BulkOutcome, verdict: str, by: User | None, reason: str, note: str
) -> None:
    """Where two must agree, each result has votes of its own."""
    selected, outcome.done = outcome.done, []
    for result in selected:
        try:
            decide(result, verdict, by, reason=reason, note=note, beside=True)
            outcome.done.append(result)
        except DecisionRefused as refused:
            outcome.refused.append(f"{result.job}: {refused}")


def _lock_results(ids: Iterable[int]) -> Sequence[Result]:
    rows = Result.objects.final().filter(pk__in=list(ids)).order_by("pk")
    return list(rows.select_related(*RELATED).select_for_update(of=("self",)))


def _states_before(verdict: str) -> tuple[str, ...]:
    is_undo = verdict == Review.PENDING
    return (Review.APPROVED, Review.REJECTED) if is_undo else (Review.PENDING,)


def _write_decisions(
    results: Sequence[Result], verdict: str, by: User | None, reason: str, note: str
) -> None:
    """Do what `decide` does to one to many locked rows, in a few statements."""
    ids = [result.pk for result in results]
    if verdict == Review.PENDING:
        Result.objects.set_published(ids, None, by=by)
    decidable = Result.objects.filter(pk__in=ids, review__in=_states_before(verdict))
    decidable.update(review=verdict, **NOT_LEASED)
    moves = [("result", r.pk, r.job_id, r.review) for r in results]
    Event.record_many(moves, verdict, by=by, why=reason)
    values = {"verdict": verdict, "by": by, "reason": reason, "note": note}
    Decision.objects.bulk_create(Decision(result=result, **values) for result in results)
    batches = {result.job.batch_id for result in results}
    for result in results:
        result.review = verdict
    fire(Kind.RESULT_DECIDED, result_ids=ids, batch_ids=sorted(batches), verdict=verdict)


def publish_all(ids: Iterable[int], by: User | None) -> BulkOutcome:
    """Publish what is approved, one by one; a refusal names its person and what to do."""
    outcome = BulkOutcome()
    rows = Result.objects.final().filter(pk__in=list(ids)).order_by("pk")
    for result in rows.select_related(*RELATED):
        try:
            done = result.publish(by)
        except PublishRefused as refused:
            outcome.refused.append(str(refused))
            continue
        (outcome.done if done else outcome.skipped).append(result)
    outcome.refused = list(dict.fromkeys(outcome.refused))
    return outcome
