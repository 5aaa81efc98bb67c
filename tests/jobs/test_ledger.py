"""Every way that a call can go leaves a ledger that adds up."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.test import Client

from jobs.billing import ledger_check
from jobs.launch.create import launch
from jobs.models import Batch, LedgerEntry, MonthTotal, ProviderAccount, Step, TryOnJob
from jobs.recipe import Recipe
from providers.contract import Outcome, ProviderError
from tests.factories import make_garment, make_person
from tests.fake_provider import Fake, refused

Work = Callable[..., None]


@pytest.fixture
def ask(account: ProviderAccount) -> Callable[..., TryOnJob]:
    def launched(**recipe: Any) -> TryOnJob:
        persons, outfits = [make_person()], [{"top": make_garment()}]
        order = {"account": account, "recipe": Recipe(**recipe)}
        return launch(persons=persons, outfits=outfits, **order).jobs.get()

    return launched


def entries() -> list[tuple[str, str]]:
    rows = LedgerEntry.objects.order_by("id").values_list("kind", "amount")
    return [(kind, f"{amount.normalize():f}") for kind, amount in rows]


RESERVED, RELEASED, BILLED = ("reserve", "0.5"), ("release", "-0.5"), ("settle", "0.5")


def test_it_works(ask: Any, work: Work) -> None:
    ask()
    work()
    assert entries() == [RESERVED, RELEASED, BILLED]
    assert ledger_check.differences() == []


def lost(fake: Fake, *, taken: bool) -> Callable[[], Outcome]:
    def answer() -> Outcome:
        if taken:
            fake.accept()
        raise ProviderError("no_answer", "cut off", kind="transient", sent="maybe")

    return answer


def failed(fake: Fake) -> None:
    fake.polls.append(refused(sent="yes"))


def refused_at_once(fake: Fake) -> None:
    fake.answers.append(refused())


def sent_again(fake: Fake) -> None:
    fake.answers += [refused("Throttling", "throttled", retry_after=0.01)]


def repeated_by_us(fake: Fake) -> None:
    fake.polls.append(refused("InternalError", "transient", "yes"))


def lost_and_found(fake: Fake) -> None:
    fake.answers.append(lost(fake, taken=True))


def lost_and_sent_again(fake: Fake) -> None:
    fake.answers.append(lost(fake, taken=False))


def canceled_there(fake: Fake) -> None:
    fake.polls.append(Outcome("canceled"))


def nothing_came_but_the_bill(fake: Fake) -> None:
    fake.polls.append(refused("result_missing", "transient", "yes", usage=1))


@pytest.mark.parametrize(
    ("happens", "written"),
    [
        (failed, [RESERVED, RELEASED]),
        (refused_at_once, [RESERVED, RELEASED]),
        (sent_again, [RESERVED, RELEASED, RESERVED, RELEASED, BILLED]),
        (lost_and_found, [RESERVED, RELEASED, BILLED]),
        (lost_and_sent_again, [RESERVED, RELEASED, RESERVED, RELEASED, BILLED]),
        (canceled_there, [RESERVED, RELEASED]),
        (nothing_came_but_the_bill, [RESERVED, RELEASED, BILLED]),
    ],
)
def test_every_way_adds_up(
    ask: Any, fake: Fake, work: Work, happens: Any, written: list[tuple[str, str]]
) -> None:
    happens(fake)
    ask()
    work()
    assert entries() == written
    assert ledger_check.differences() == []


def test_a_fault_of_theirs_is_paid_for_once(ask: Any, fake: Fake, work: Work) -> None:
    repeated_by_us(fake)
    ask()
    Step.objects.update(due_at=Step.objects.get().due_at)
    work(until=lambda: Step.objects.filter(state="waiting", retries=1).exists())
    assert entries() == [RESERVED, RELEASED]
    assert ledger_check.differences() == []


def test_every_step_of_a_job_has_its_own_entries(ask: Any, fake: Fake, work: Work) -> None:
    ask(keep_rest=True, refine=True)
    fake.answers.append(fake_parse())
    work()
    sums = LedgerEntry.objects.order_by("model").values_list("model").annotate(n=Sum("amount"))
    assert {model: f"{n.normalize():f}" for model, n in sums} == {
        "fake": "0.5",
        "fake-parse": "0.004",
        "fake-refine": "0.3",
    }
    assert ledger_check.differences() == []


def fake_parse() -> Outcome:
    from providers.contract import RemoteImage

    return Outcome(
        "succeeded", images=[RemoteImage(url="https://results.example/c", part="bottom")]
    )


@pytest.mark.parametrize("billed", [True, False])
def test_a_person_settles_what_nobody_knows(ask: Any, fake: Fake, work: Work, billed: bool) -> None:
    fake.polls.append(Outcome("lost"))
    job = ask()
    work()
    job.refresh_from_db()
    assert job.state == "needs_attention"
    assert entries() == [RESERVED]
    assert ledger_check.differences() == []
    assert job.settle(by=None, billed=billed)
    assert entries() == [RESERVED, RELEASED, BILLED][: 3 if billed else 2]
    assert MonthTotal.objects.get().paid_images == billed
    assert ledger_check.differences() == []


def test_the_ledger_outlives_what_was_bought(ask: Any, work: Work) -> None:
    job = ask()
    work()
    Batch.objects.filter(pk=job.batch_id).delete()
    assert LedgerEntry.objects.aggregate(n=Sum("amount"))["n"] == Decimal("0.50")
    assert ledger_check.differences() == []


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (lambda: Step.objects.update(cost="0.40"), "Step"),
        (lambda: Step.objects.update(paid_images=2), "Step"),
        (lambda: MonthTotal.objects.update(billed="9"), "Account"),
        (lambda: Batch.objects.update(spent="9"), "Batch"),
        (lambda: LedgerEntry.objects.filter(kind="settle").delete(), "Step"),
    ],
)
def test_what_does_not_add_up_is_shown(ask: Any, work: Work, tamper: Any, words: str) -> None:
    ask()
    work()
    tamper()
    errors = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("ledger", "--check", stderr=errors)
    assert caught.value.returncode == 1
    assert words in errors.getvalue()


def test_the_command_tells_what_a_month_cost(ask: Any, work: Work) -> None:
    job = ask()
    work()
    out = io.StringIO()
    call_command("ledger", stdout=out)
    assert "Billed 0.5000 CNY, reserved 0.0000 CNY." in out.getvalue()
    out = io.StringIO()
    call_command("ledger", "--csv", stdout=out)
    [row] = csv.DictReader(io.StringIO(out.getvalue()))
    assert (row["account"], row["model"], row["billed"]) == ("fake", "fake", "0.5000")
    assert row["batch"].startswith(f"{job.batch_id} ")
    out = io.StringIO()
    call_command("ledger", "--month", "2001-01", stdout=out)
    assert "Billed 0.0000 CNY" in out.getvalue()
    call_command("ledger", "--check", stdout=out)
    assert "3 entries, and everything adds up." in out.getvalue()


def test_the_admin_shows_it_and_changes_nothing(
    ask: Any, work: Work, client: Client, boss: Any
) -> None:
    ask()
    work()
    client.force_login(boss)
    for page in ("ledgerentry", "monthtotal"):
        assert client.get(f"/admin/jobs/{page}/").status_code == 200
        assert client.get(f"/admin/jobs/{page}/add/").status_code == 403
