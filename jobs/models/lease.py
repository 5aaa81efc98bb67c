"""Who is looking at which result: lent to one reviewer at a time, and void by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import connections, models, transaction
from django.db.models import ExpressionWrapper, OuterRef, Q, Subquery

from catalog.models import ChangingQuerySet

# How long a reviewer has what the console has loaded; an open console renews it much sooner.
LEASE = timedelta(minutes=2)
NOT_LEASED: dict[str, Any] = {"leased_by": None, "leased_until": None}


def free_for(user: Any, now: datetime) -> Q:
    """That nobody else has it in review now."""
    return Q(leased_by=None) | Q(leased_by=user) | Q(leased_until=None) | Q(leased_until__lte=now)


class LeaseQuerySet(ChangingQuerySet):
    """Over pending finals; a mixin for the queryset of results."""

    # Who is looking at it.
    unheard = frozenset(NOT_LEASED)

    def awaiting(self, user: Any) -> Self:
        """What this reviewer has not yet an opinion on, where two must agree."""
        if not settings.REVIEW_SECOND_OPINION:
            return self
        from .decision import Decision

        # A decision that was undone asks everybody again.
        own = Q(by=user) | Q(opinion=False, verdict="pending")
        last = Decision.objects.filter(own, result=OuterRef("pk")).order_by("-id")
        stands = ExpressionWrapper(
            Q(opinion=True) & ~Q(verdict="pending"), output_field=models.BooleanField()
        )
        said = Subquery(last.annotate(stands=stands).values("stands")[:1])
        return self.alias(said=said).filter(Q(said=None) | Q(said=False))

    def lease_for(self, user: Any, n: int, now: datetime) -> list[int]:
        """Lend the first `n` that nobody else has; the ids that this user has now, in order.

        Two who ask at one moment get different ones: PostgreSQL passes over rows that the other
        is just taking, SQLite lets one of them write after the other.
        """
        free = free_for(user, now)
        wanted: Any = self.filter(free).order_by("id").only("pk")
        features = connections[self.db].features
        with transaction.atomic(using=self.db):
            if features.has_select_for_update_skip_locked:
                wanted = wanted.select_for_update(skip_locked=True, of=("self",))
            ids = [row.pk for row in wanted[:n]]
            rows = self.model._base_manager.filter(free, pk__in=ids, review="pending")
            if rows.update(leased_by=user, leased_until=now + LEASE) == len(ids):
                return ids
            held = self.model._base_manager.filter(pk__in=ids, leased_by=user, review="pending")
            return list(held.order_by("id").values_list("pk", flat=True))

    def renew(self, user: Any, ids: list[int], now: datetime) -> list[int]:
        """Lend these again; the ids that this user has now. The others somebody else has taken."""
        return self.filter(pk__in=ids).lease_for(user, len(ids), now)

    def release(self, user: Any, ids: list[int], until: datetime) -> int:
        """Give back what was lent no longer than `until`: a page loaded since keeps what it got."""
        rows = self.filter(pk__in=ids, leased_by=user, leased_until__lte=until)
        return rows.update(**NOT_LEASED)
