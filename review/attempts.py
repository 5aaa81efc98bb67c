"""All attempts at one cell, and choosing between two of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Prefetch, Q, Sum
from django.utils.translation import gettext as _

from jobs.models import Result, TryOnJob
from review.decide import approve, reject, reopen
from review.models import Decision

Review = Result.Review


def first_attempt_id(job: TryOnJob) -> int:
    """Return the id of the first attempt, which all others refer to."""
    return job.attempt_of_id or job.pk


def all_attempts(job: TryOnJob) -> list[TryOnJob]:
    """Load every attempt at the job's cell, oldest first, each with its `finals` and `cost`."""
    first = first_attempt_id(job)
    jobs = TryOnJob.objects.filter(Q(pk=first) | Q(attempt_of=first))
    finals = Prefetch("results", Result.objects.final().order_by("index"), to_attr="finals")
    shown = jobs.with_pictures().annotate(cost=Sum("steps__cost"))
    return list(shown.prefetch_related(finals).order_by("id"))


def approved_rivals(results: Sequence[Result]) -> dict[int, Result]:
    """By the id of a result: an approved image of another attempt at the same cell."""
    if not results:
        return {}
    firsts = {first_attempt_id(result.job) for result in results}
    jobs = TryOnJob.objects.filter(Q(pk__in=firsts) | Q(attempt_of__in=firsts)).order_by()
    approved = Result.objects.final().filter(review=Review.APPROVED, job__in=jobs.values("pk"))
    by_cell = defaultdict[int, list[Result]](list)
    for other in approved.select_related("job"):
        by_cell[first_attempt_id(other.job)].append(other)
    found = {}
    for result in results:
        others = [o for o in by_cell[first_attempt_id(result.job)] if o.job_id != result.job_id]
        if others:
            found[result.pk] = others[-1]
    return found


def approve_instead(better: Result, other: Result, by: User | None) -> bool:
    """Approve one attempt and reject the other, both or neither; whether that was done.

    There is no state for it: the other one's history says why it was rejected.
    """
    with transaction.atomic():
        fresh = Result.objects.select_for_update().order_by("pk").in_bulk([better.pk, other.pk])
        better, other = fresh[better.pk], fresh[other.pk]
        done = better.review == Review.APPROVED or approve(better, by)
        if done and other.review == Review.APPROVED:
            done = reopen(other, by)
        if done and other.review == Review.PENDING:
            note = _("Another attempt is better.")
            done = reject(other, by, Decision.Reason.OTHER, note)
        transaction.set_rollback(not done)
    return done
