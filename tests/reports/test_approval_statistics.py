"""Every figure of the statistics, against one worked out by hand from a random history."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median_low
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from catalog.models import Collection
from jobs.models import Batch, LedgerEntry, Result, Step, TryOnJob
from reports.approval_statistics import precompute
from reports.approval_statistics.report import Period, Report, approvals_by_kind, report
from reports.approval_statistics.row import StatisticsRow
from reports.approval_statistics.scope import Scope
from reports.models import DailyFigure
from reports.overview.approval import wilson
from review.decide import approve, reject, reopen
from review.models import Decision
from tests.factories import (
    make_account,
    make_batch,
    make_garment,
    make_job,
    make_person,
    make_result,
    make_user,
    picture_fields,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 16, 10, 42, tzinfo=timezone.get_default_timezone())
MODELS = [("dashscope", "plus"), ("dashscope", "basic"), ("aidge", ""), ("local", "")]
OUTFITS = [("top",), ("bottom",), ("dress",), ("top", "bottom")]
REASONS = ["", *Decision.Reason.values]
DAYS_BACK = 40


class History:
    """Random work and random opinions about it, as the engine and reviewers would write them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.person = make_person()
        self.users = [make_user("one"), make_user("two")]
        self.garments = {slot: make_garment(slot) for slot in ("top", "bottom", "dress")}
        self.picture = picture_fields()
        self.batches = {
            whose: make_batch(account=make_account(whose[0]), recipe={"model": whose[1]})
            for whose in MODELS
        }

    def moment(self) -> datetime:
        """Often at the edges of days, as the site's time zone has them."""
        day = NOW - timedelta(days=self.random.randrange(DAYS_BACK))
        hour, minute = self.random.choice([(0, 0), (23, 59), (7, 30), (9, 5)])
        return min(day.replace(hour=hour, minute=minute), NOW)

    def job(self) -> TryOnJob:
        whose = self.random.choice(MODELS)
        worn = {slot: self.garments[slot] for slot in self.random.choice(OUTFITS)}
        state = self.random.choice(["succeeded"] * 4 + ["failed", "canceled", "running"])
        at = self.moment()
        times = {"started_at": at - timedelta(seconds=self.random.uniform(1, 9))}
        if state != "running":
            times["finished_at"] = at
        job = make_job(state, batch=self.batches[whose], person=self.person, **worn, **times)
        Step.objects.filter(job=job).update(model=whose[1])
        self.charge(job, at)
        return job

    def charge(self, job: TryOnJob, at: datetime) -> None:
        """A reservation, what became of it, sometimes a correction, sometimes a second call."""
        step = job.steps.get()
        self.record(step, "reserve", "0.5", at - timedelta(days=1))
        if job.state == "running":
            return
        self.record(step, "release", "-0.5", at)
        if job.state == "succeeded" or self.random.random() < 0.5:
            self.record(step, "settle", self.random.choice(["0.5", "0.3333", "0"]), at)
        if self.random.random() < 0.2:
            refine = Step.objects.create(
                **{"job": job, "account": job.account, "batch": job.batch, "position": 1},
                **{"operation": "refine", "model": "refiner", "state": "failed"},
            )
            self.record(refine, "settle", "0.25", at)
            self.record(refine, "settle", "-0.25", self.moment())

    def record(self, step: Step, kind: str, amount: str, at: datetime) -> None:
        LedgerEntry.objects.create(
            **{"step": step, "account": step.account, "batch": step.batch, "model": step.model},
            **{"kind": kind, "amount": Decimal(amount), "at": at, "month": date(2026, 3, 1)},
        )

    def result(self, job: TryOnJob, index: int) -> None:
        step = job.steps.first()
        fields = self.picture | {"job": job, "step": step, "role": "final", "index": index}
        result = Result.objects.create(**fields)
        at = self.moment()
        for _turn in range(self.random.choice([0, 1, 1, 2, 3, 3, 4, 5])):
            self.decide(result, at)
            at = min(at + timedelta(days=self.random.choice([0, 0, 1, 9])), NOW)

    def decide(self, result: Result, at: datetime) -> None:
        by = self.random.choice(self.users)
        if result.review == "pending" and self.random.random() < 0.25:
            verdict = self.random.choice(["approved", "rejected"])
            Decision.objects.create(result=result, verdict=verdict, by=by, at=at, opinion=True)
        elif result.review != "pending":
            assert reopen(result, by)
        elif self.random.random() < 0.6:
            assert approve(result, by)
        else:
            assert reject(result, by, self.random.choice(REASONS))
        # By the time of the next decision nobody is looking at it any more.
        Result.objects.filter(pk=result.pk).update(leased_by=None, leased_until=None)
        last = Decision.objects.filter(result=result).latest("pk")
        Decision.objects.filter(pk=last.pk).update(at=at)

    def play(self, jobs: int) -> None:
        for _n in range(jobs):
            job = self.job()
            if job.state == "succeeded":
                for index in range(self.random.choice([1, 1, 2])):
                    self.result(job, index)
        self.repeat()

    def repeat(self) -> None:
        """Some failures were tried again; each try counts for itself."""
        for old in TryOnJob.objects.filter(state="failed")[:3]:
            job = self.job()
            TryOnJob.objects.filter(pk=job.pk).update(repeat_of=old)


def group_of(job: TryOnJob) -> tuple[str, str, str]:
    slots = [slot for slot in ("top", "bottom", "dress") if getattr(job, slot)]
    kind = "pair" if len(slots) == 2 else slots[0]
    return job.account.alias, job.recipe["model"], kind


def day_of(at: datetime) -> date:
    return timezone.localtime(at).date()


class ByHand:
    """The same figures, read row by row in plain Python."""

    def __init__(self, period: Period, wanted: Callable[[TryOnJob], bool] = lambda job: True):
        self.period, self.wanted = period, wanted
        self.jobs = {j.pk: j for j in TryOnJob.objects.all() if wanted(j)}
        self.verdicts: dict[Any, Counter[str]] = defaultdict(Counter)
        self.weeks: dict[date, Counter[str]] = defaultdict(Counter)
        self.billed: dict[Any, Decimal] = defaultdict(Decimal)
        self.took: dict[Any, list[int]] = defaultdict(list)
        self.read_decisions()
        self.read_money()
        self.read_times()

    def has(self, at: datetime) -> bool:
        return self.period.first <= day_of(at) <= self.period.last

    def read_decisions(self) -> None:
        for result in Result.objects.all():
            stored = [d for d in Decision.objects.filter(result=result) if not d.opinion]
            last = max(stored, key=lambda d: d.pk, default=None)
            if not last or last.verdict == "pending" or not self.has(last.at):
                continue
            if result.job_id not in self.jobs:
                continue
            self.verdicts[group_of(self.jobs[result.job_id])][last.verdict] += 1
            if last.verdict == "rejected":
                day = day_of(last.at)
                self.weeks[day - timedelta(days=day.weekday())][last.reason] += 1

    def read_money(self) -> None:
        for entry in LedgerEntry.objects.filter(kind="settle").select_related("step"):
            if self.has(entry.at) and entry.step.job_id in self.jobs:
                self.billed[group_of(self.jobs[entry.step.job_id])] += entry.amount

    def read_times(self) -> None:
        for job in self.jobs.values():
            if job.state == "succeeded" and self.has(job.finished_at):
                seconds = int((job.finished_at - job.started_at).total_seconds())
                self.took[group_of(job)].append(seconds)

    def groups(self) -> set[Any]:
        billed = {group for group, amount in self.billed.items() if amount}
        return {*self.verdicts, *billed, *self.took}

    def assert_line(self, line: StatisticsRow, *groups: Any) -> None:
        approved = sum(self.verdicts[g]["approved"] for g in groups)
        rejected = sum(self.verdicts[g]["rejected"] for g in groups)
        billed = sum((self.billed[g] for g in groups), Decimal(0))
        took = [s for g in groups for s in self.took[g]]
        reviewed = approved + rejected
        assert (line.approved, line.rejected, line.reviewed) == (approved, rejected, reviewed)
        assert line.share == (approved / reviewed if reviewed else None)
        assert line.interval == wilson(approved, reviewed)
        assert line.billed == billed
        assert line.per_approved == (billed / approved if approved else None)
        assert line.made == len(took)
        assert line.median_s == (median_low(took) if took else None)


def compare(found: Report, hand: ByHand) -> None:
    assert {(x.provider, x.model, x.kind) for x in found.rows} == hand.groups()
    for line in found.rows:
        hand.assert_line(line, (line.provider, line.model, line.kind))
    for whole, parts in found.models:
        hand.assert_line(whole, *((x.provider, x.model, x.kind) for x in parts))
    hand.assert_line(found.total, *hand.groups())
    assert {week: reasons for week, reasons in found.weeks.items() if reasons} == hand.weeks


@pytest.fixture(params=[1, 2, 3])
def history(request: Any) -> History:
    made = History(request.param)
    made.play(40)
    return made


def periods() -> Iterator[Period]:
    yield Period.of_days(30, NOW)
    yield Period.of_days(90, NOW)
    yield Period(date(2026, 2, 20), date(2026, 3, 2))
    yield Period(date(2026, 3, 16), date(2026, 3, 16))


def test_it_works(history: History) -> None:
    for period in periods():
        hand = ByHand(period)
        compare(report(period, NOW), hand)
    assert report(Period.of_days(90, NOW), NOW).total.reviewed > 5


def test_days_that_were_counted_before_say_the_same(history: History) -> None:
    """Also where what they counted is undone on a later day, and decided on once more."""
    period = Period.of_days(90, NOW)
    report(period, NOW)
    assert DailyFigure.objects.filter(name="stat:reviews").count() == 89
    for n, result in enumerate(Result.objects.exclude(review="pending")[:9]):
        assert reopen(result, history.users[0])
        assert n % 2 or reject(result, history.users[0], "face")
    Decision.objects.filter(at__gt=NOW).update(at=NOW)
    cache.clear()
    compare(report(period, NOW), ByHand(period))


def test_past_days_are_counted_before_anybody_asks(
    history: History, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(precompute, "enqueue", lambda name, **kwargs: asked.append(name))
    for _n in range(2):
        precompute.enqueue_if_due(NOW)
        precompute.count_missing_days(NOW)
    assert asked == ["reports.tasks.count_days"]
    period = Period.of_days(365, NOW)
    with django_assert_num_queries(7):  # the tallies, and today of each
        found = report(period, NOW)
    compare(found, ByHand(period))


def test_a_batch_alone(history: History) -> None:
    for batch in Batch.objects.all():
        hand = ByHand(Period.of_days(90, NOW), lambda job, pk=batch.pk: job.batch_id == pk)
        compare(report(hand.period, NOW, Scope(batches=(batch.pk,))), hand)


def test_a_collection_alone(history: History) -> None:
    shown = Collection.objects.create(name="Spring")
    shown.garments.set([history.garments["top"], history.garments["dress"]])
    hand = ByHand(Period.of_days(90, NOW), lambda job: bool(job.top or job.dress))
    compare(report(hand.period, NOW, Scope(collection=shown.pk)), hand)


def test_the_hint_of_a_launch_is_the_same_figure(history: History) -> None:
    found = report(Period.of_days(90, NOW), NOW)
    hints = approvals_by_kind(90, NOW)
    sums: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for line in found.rows:
        sums[line.provider, line.kind][0] += line.approved
        sums[line.provider, line.kind][1] += line.reviewed
    hinted = {(p, kind): list(n) for p, kinds in hints.items() for kind, n in kinds.items() if n[1]}
    assert hinted == {key: n for key, n in sums.items() if n[1]}


def test_nothing_is_counted_twice_within_a_minute(django_assert_num_queries: Any) -> None:
    approve(make_result(), make_user())
    period = Period.of_days(365, timezone.now())
    report(period, timezone.now())
    with django_assert_num_queries(0):
        assert report(period, timezone.now()).total.approved == 1


def test_what_was_paid_stays_paid_when_its_rows_are_deleted() -> None:
    job = make_job("succeeded")
    step = job.steps.get()
    LedgerEntry.objects.create(
        **{"step": step, "account": step.account, "model": "plus", "kind": "settle"},
        **{"amount": Decimal("0.5"), "month": date(2026, 3, 1), "at": NOW},
    )
    job.delete()
    (line,) = report(Period.of_days(30, NOW), NOW).rows
    assert (line.provider, line.model, line.kind) == ("local", "plus", "")
    assert (line.billed, line.per_approved, line.median_s) == (Decimal("0.5"), None, None)


def test_weeks_without_a_rejection_are_there() -> None:
    assert len(report(Period.of_days(30, NOW), NOW).weeks) == 6


@pytest.mark.parametrize(
    ("took", "words"), [({}, "—"), ({0: 3, 8: 1}, "under 1 s"), ({8: 1}, "8 s")]
)
def test_no_time_is_not_a_short_time(took: dict[int, int], words: str) -> None:
    line = StatisticsRow("local", "local", "top", took=Counter(took))
    assert line.median_text == words
