"""The three figures that are counted by day, each in a query or two.

A day that is over never changes: decisions and the ledger are append-only. What is undone is
counted on the day of the undoing, as a negative number for the day of the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import (
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    When,
)
from django.db.models.functions import TruncDate

from jobs.models import Batch, LedgerEntry, Result, TryOnJob
from reports.approval_statistics.outfit_kinds import group_columns
from reports.approval_statistics.scope import Scope
from review.models import Decision

# Rows that JSON can hold, each with the day that it belongs to, of a time from its first to
# before its second end.
Counted = Iterator[tuple[date, list[Any]]]
Counting = Callable[[datetime, datetime, Scope], Counted]
GROUP = ("provider_alias", "model_name", "outfit_kind")


def reviews(since: datetime, until: datetime, scope: Scope) -> Counted:
    """[day of the decision, provider, model, kind, verdict, reason, images].

    A decided result is decided again only after it was reopened, by a decision of its own.
    """
    decisions = Decision.objects.filter(scope.jobs("result__job"), opinion=False).order_by()
    now = decisions.filter(at__gte=since, at__lt=until)
    for on, *rest in _by_reason(now.annotate(on=TruncDate("at"))):
        yield on, [on.isoformat(), *rest]
    later = Decision.objects.filter(result=OuterRef("result"), opinion=False, pk__gt=OuterRef("pk"))
    undone = decisions.filter(result__in=now.filter(verdict=Result.Review.PENDING).values("result"))
    undone_within = undone.annotate(end=Subquery(later.order_by("pk").values("at")[:1]))
    undone_within = undone_within.filter(end__gte=since, end__lt=until)
    undone_within = undone_within.annotate(on=TruncDate("end"), was=TruncDate("at"))
    for on, was, *rest, n in _by_reason(undone_within, "was"):
        yield on, [was.isoformat(), *rest, -n]


def _by_reason(decisions: QuerySet, *more: str) -> QuerySet:
    verdicts = decisions.exclude(verdict=Result.Review.PENDING).annotate(
        **group_columns("result__job__")
    )
    rows = verdicts.values_list("on", *more, *GROUP, "verdict", "reason")
    return rows.annotate(n=Count("pk"))


def costs(since: datetime, until: datetime, scope: Scope) -> Counted:
    """[provider, model, kind, CNY] of what was billed; what is taken back is less than nothing.

    Every call of a job counts for the model that dresses, as do its cut-out and its refining.
    """
    billed = LedgerEntry.objects.filter(
        scope.money(),
        Q(batch=None) | Q(batch__in=Batch.objects.team_owned().order_by().values("pk")),
        kind=LedgerEntry.Kind.SETTLE,
        at__gte=since,
        at__lt=until,
    )
    named = group_columns("step__job__")
    # Of deleted steps, only the ledger knows the account and the model.
    model = Case(
        When(step=None, then=F("model")), default=named["model_name"], output_field=TextField()
    )
    named |= {"provider_alias": F("account__alias"), "model_name": model}
    rows = billed.order_by().annotate(on=TruncDate("at"), **named)
    for on, *group, amount in rows.values_list("on", *GROUP).annotate(sum=Sum("amount")):
        yield on, [*group, str(amount)]


def seconds(since: datetime, until: datetime, scope: Scope) -> Counted:
    """[provider, model, kind, whole seconds from the first call to the last image, try-ons]."""
    done = TryOnJob.objects.team_owned().filter(
        scope.jobs(""),
        state=TryOnJob.State.SUCCEEDED,
        started_at__isnull=False,
        finished_at__gte=since,
        finished_at__lt=until,
    )
    took = ExpressionWrapper(F("finished_at") - F("started_at"), DurationField())
    rows = done.order_by().annotate(
        on=TruncDate("finished_at"), took=Seconds(took), **group_columns("")
    )
    for on, *rest in rows.values_list("on", *GROUP, "took").annotate(n=Count("pk")):
        yield on, rest


class Seconds(Func):
    """A span of time in whole seconds."""

    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "floor(extract(epoch from %(expressions)s))::int"
        return super().as_sql(compiler, connection, template=template, **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        # There a span of time is a number of microseconds.
        template = "(%(expressions)s) / 1000000"
        return super().as_sql(compiler, connection, template=template, **extra)
