from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from catalog.models import Collection
from jobs.models import LedgerEntry, Result
from review.decide import approve, reject, reopen
from review.models import Decision
from tests.factories import (
    client_of,
    make_account,
    make_batch,
    make_garment,
    make_job,
    make_person,
    make_result,
    make_user,
)
from tests.jobs.launch_setup import order, show

pytestmark = pytest.mark.django_db


@pytest.fixture
def with_costs(db: None) -> Client:
    return client_of(make_user("lead"), "view_result", "view_ledgerentry", "view_comparison")


@pytest.fixture
def without_costs(db: None) -> Client:
    return client_of(make_user("blind"), "view_result")


def page(client: Client, query: str = "") -> str:
    return client.get(f"/statistics/{query}").content.decode()


def made(by: User, alias: str = "dashscope", slot: str = "top", reason: str = "") -> Result:
    batch = make_batch(account=make_account(alias), recipe={"model": f"{alias}-model"})
    began = timezone.now() - timedelta(seconds=21)
    job = make_job("succeeded", slot, batch=batch, started_at=began)
    step = job.steps.get()
    LedgerEntry.objects.create(
        **{"step": step, "account": step.account, "batch": batch, "kind": "settle"},
        **{"amount": Decimal("0.5"), "month": timezone.localdate().replace(day=1)},
    )
    result = make_result(job=job)
    assert reject(result, by, reason) if reason else approve(result, by)
    return result


def test_it_works(with_costs: Client, boss: User) -> None:
    for reason in ("", "", "", "print"):
        made(boss, reason=reason)
    text = page(with_costs)
    for words in ("dashscope-model", "75%", "30% to 95%", "21 s", "¥2.00", "¥0.67"):
        assert words in text
    assert "Print or logo distorted" in text
    assert "style=" not in text


def test_money_is_hidden_from_those_who_may_not_see_it(without_costs: Client, boss: User) -> None:
    made(boss)
    assert "¥" not in page(without_costs)
    assert "ledger" not in page(without_costs)
    assert "billed" not in without_costs.get("/statistics/csv/").content.decode()


def test_it_needs_the_right_to_see_results(viewer: Client, client: Client) -> None:
    for address in ("/statistics/", "/statistics/csv/"):
        assert viewer.get(address).status_code == 403
        assert client.get(address).status_code == 302
    assert "/statistics/" not in viewer.get("/gallery/").content.decode()


def test_the_rail_leads_here(with_costs: Client) -> None:
    assert 'href="/statistics/" aria-current="page"' in page(with_costs)


def test_an_empty_time_says_so(with_costs: Client) -> None:
    text = page(with_costs)
    assert "Nothing was reviewed, billed or finished in this time" in text
    assert "What the numbers mean" in text


def test_it_is_narrowed(with_costs: Client, boss: User) -> None:
    old = made(boss, "aidge")
    Decision.objects.update(at=timezone.now() - timedelta(days=40))
    LedgerEntry.objects.update(at=timezone.now() - timedelta(days=40))
    old.job.finished_at = timezone.now() - timedelta(days=40)
    old.job.save(update_fields=["finished_at"])
    new = made(boss, "dashscope")
    assert "aidge-model" in page(with_costs)
    assert "aidge-model" not in page(with_costs, "?days=30")
    day = timezone.localdate() - timedelta(days=40)
    text = page(with_costs, f"?since={day}&until={day}")
    assert "aidge-model" in text
    assert "dashscope-model" not in text
    text = page(with_costs, f"?days=90&batch={old.job.batch_id}")
    assert "aidge-model" in text
    assert "dashscope-model" not in text
    spring = Collection.objects.create(name="Spring")
    spring.garments.add(new.job.top)
    text = page(with_costs, f"?collection={spring.pk}")
    assert "dashscope-model" in text
    assert "aidge-model" not in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?since=2026-13-01", "This is no date or number."),
        ("?since=2999-01-01", "The first day is after the last."),
        ("?since=1999-01-01", "Choose days of the last two years."),
        ("?until=0001-01-01", "Choose days of the last two years."),
        ("?batch=x", "This is no date or number."),
        ("?batch=99999999999999999999999", "This is no date or number."),
        ("?collection=-1&days=7", "This is no date or number."),
    ],
)
def test_nonsense_narrows_nothing(
    with_costs: Client, boss: User, query: str, expected: str
) -> None:
    made(boss)
    text = page(with_costs, query)
    assert expected in text
    assert "dashscope-model" in text


def test_what_was_undone_counts_nowhere(with_costs: Client, boss: User) -> None:
    result = made(boss, reason="face")
    reopen(result, boss)
    LedgerEntry.objects.all().delete()
    text = page(with_costs)
    assert "Nothing that was decided in this time is rejected." in text


def test_a_spreadsheet_gets_the_same(with_costs: Client, boss: User) -> None:
    for reason in ("", "", "print"):
        made(boss, reason=reason)
    answer = with_costs.get("/statistics/csv/?days=30")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["provider"], row["model"], row["outfit"]) == ("dashscope", "dashscope-model", "top")
    assert (row["reviewed"], row["approved"], row["rejected"]) == ("3", "2", "1")
    assert (row["approval_rate"], row["rate_low_95"], row["rate_high_95"]) == (
        *("0.6667", "0.2077"),
        "0.9385",
    )
    assert (row["tryons_made"], row["median_seconds"]) == ("3", "21")
    assert (row["billed_cny"], row["billed_cny_per_approved"]) == ("1.50", "0.7500")
    answer = with_costs.get("/statistics/csv/?table=reasons")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["reason"], row["rejected"]) == ("print", "1")


@pytest.mark.parametrize("n", [1, 12])
def test_the_number_of_queries_does_not_grow(
    with_costs: Client, boss: User, django_assert_num_queries: Any, n: int
) -> None:
    for _n in range(n):
        made(boss)
        made(boss, "aidge", "dress", "hands")
    page(with_costs)  # counts the days that are over, for everybody and for good
    cache.clear()
    # Session, user, rights 2; the two menus; tallies 3; today's decisions 2, money, times.
    with django_assert_num_queries(13):
        page(with_costs)
    with django_assert_num_queries(6):
        page(with_costs)


def test_the_launch_page_shows_approval_rates(boss: User, settings: Any) -> None:
    account = make_account("local")
    for reason in ("", "", "", "print"):
        made(boss, "local", reason=reason)
    client = client_of(make_user("mia"), "add_batch", "view_result")
    cells = order(account, make_garment(), make_garment("dress"), persons=[make_person()])
    text = show(client, cells).content.decode()
    assert "75% of tops approved (4)" in text
    assert "dresses approved" not in text
    assert "approved (" not in show(client_of(make_user("no"), "add_batch"), cells).content.decode()
