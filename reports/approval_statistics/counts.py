"""The three things that are counted, each by the day on which it happened, in a query or two.

A day that is over never changes: decisions and the ledger are append-only. What is undone is
entered on the day of the undoing, as so many fewer of the day that it was decided on.
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
from reports.approval_statistics.outfit_kinds import grouped
from reports.approval_statistics.scope import Scope
from review.models import Decision

# Rows that JSON can hold, each with the day that it belongs to, of a time from its first to
# before its second end.
Counted = Iterator[tuple[date, list[Any]]]
Counting = Callable[[datetime, datetime, Scope], Counted]
GROUP = ("whose", "made_by", "worn")


def reviews(since: datetime, until: datetime, scope: Scope) -> Counted:
    """[day of the decision, provider, model, kind, verdict, reason, images].

    A decided result is decided again only after it was reopened, by a decision of its own.
    """
    said = Decision.objects.filter(scope.jobs("result__job"), opinion=False).order_by()
    now = said.filter(at__gte=since, at__lt=until)
    for on, *rest in _by_reason(now.annotate(on=TruncDate("at"))):
        yield on, [on.isoformat(), *rest]
    later = Decision.objects.filter(result=OuterRef("result"), opinion=False, pk__gt=OuterRef("pk"))
    undone = said.filter(result__in=now.filter(verdict=Result.Review.PENDING).values("result"))
    taken = undone.annotate(end=Subquery(later.order_by("pk").values("at")[:1]))
    taken = taken.filter(end__gte=since, end__lt=until)
    taken = taken.annotate(on=TruncDate("end"), was=TruncDate("at"))
    for on, was, *rest, n in _by_reason(taken, "was"):
        yield on, [was.isoformat(), *rest, -n]


def _by_reason(decisions: QuerySet, *more: str) -> QuerySet:
    verdicts = decisions.exclude(verdict=Result.Review.PENDING).annotate(**grouped("result__job__"))
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
    named = grouped("step__job__")
    # Of what was deleted since, the ledger alone knows by whom and by which model it was made.
    model = Case(
        When(step=None, then=F("model")), default=named["made_by"], output_field=TextField()
    )
    named |= {"whose": F("account__alias"), "made_by": model}
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
    rows = done.order_by().annotate(on=TruncDate("finished_at"), took=Seconds(took), **grouped(""))
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
