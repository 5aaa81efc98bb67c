"""Which reviewer has which result open: leased to one at a time, until the lease runs out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections, models, transaction
from django.db.models import ExpressionWrapper, OuterRef, Q, Subquery

from jobs.models import Result
from jobs.models.result import ResultQuerySet
from review.models import Decision

# How long a reviewer has what the console has loaded; an open console renews it much sooner.
LEASE = timedelta(minutes=2)
NOT_LEASED: dict[str, Any] = {"leased_by": None, "leased_until": None}


def free_for(user: User, now: datetime) -> Q:
    """Match results that no other reviewer has leased now."""
    return Q(leased_by=None) | Q(leased_by=user) | Q(leased_until=None) | Q(leased_until__lte=now)


def not_voted_by(rows: ResultQuerySet, user: User) -> ResultQuerySet:
    """Leave out results that this reviewer has voted on, where two must agree."""
    if not settings.REVIEW_SECOND_OPINION:
        return rows
    # A decision that was undone asks everybody again.
    relevant = Q(by=user) | Q(opinion=False, verdict="pending")
    last = Decision.objects.filter(relevant, result=OuterRef("pk")).order_by("-id")
    is_vote = ExpressionWrapper(
        Q(opinion=True) & ~Q(verdict="pending"), output_field=models.BooleanField()
    )
    has_vote = Subquery(last.annotate(is_vote=is_vote).values("is_vote")[:1])
    return rows.alias(has_vote=has_vote).filter(Q(has_vote=None) | Q(has_vote=False))


def lease(rows: ResultQuerySet, user: User, limit: int, now: datetime) -> list[int]:
    """Lease the first `limit` that nobody else has; return the ids leased now, in order.

    Two requests at one moment get different ones: PostgreSQL passes over rows that the other
    is just taking, SQLite lets one of them write after the other.
    """
    free = free_for(user, now)
    wanted = rows.filter(free).order_by("id").only("pk")
    with transaction.atomic(using=rows.db):
        if connections[rows.db].features.has_select_for_update_skip_locked:
            wanted = wanted.select_for_update(skip_locked=True, of=("self",))
        ids = [row.pk for row in wanted[:limit]]
        pending = Result.objects.filter(pk__in=ids, review=Result.Review.PENDING)
        if pending.filter(free).update(leased_by=user, leased_until=now + LEASE) == len(ids):
            return ids
        leased = pending.filter(leased_by=user)
        return list(leased.order_by("id").values_list("pk", flat=True))


def renew(rows: ResultQuerySet, user: User, ids: list[int], now: datetime) -> list[int]:
    """Renew these leases; return the ids still leased. The others somebody else has taken."""
    return lease(rows.filter(pk__in=ids), user, len(ids), now)


def release(user: User, ids: list[int], until: datetime) -> int:
    """End leases that run no longer than `until`: a page loaded since keeps its own."""
    rows = Result.objects.filter(pk__in=ids, leased_by=user, leased_until__lte=until)
    return rows.update(**NOT_LEASED)
