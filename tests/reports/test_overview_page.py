from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from jobs.models import Event, ProviderAccount
from reports import figure_cache
from review.decide import approve
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

pytestmark = pytest.mark.django_db
PANELS = {
    "view_tryonjob": ["Queue", "Finished", "Failures by kind"],
    "view_ledgerentry": ["Spend in"],
    "view_result": ["Approval rate"],
    "view_provideraccount": ["Provider accounts"],
}
ALL = [*PANELS, "view_batch"]


@pytest.fixture
def lead(db: None) -> Client:
    return client_of(make_user("lead"), *ALL)


def page(client: Client) -> str:
    """The page, without the white space that stands at the beginning of an element."""
    return re.sub(r">\s+", ">", client.get("/overview/").content.decode())


def test_it_works(lead: Client) -> None:
    make_job()
    text = page(lead)
    for heading in sum(PANELS.values(), ["Needs attention"]):
        assert f">{heading}" in text
    assert "Nothing: everything goes on by itself" in text


def test_an_empty_site_says_what_to_do_first(lead: Client) -> None:
    text = page(lead)
    assert "three steps to the first try-on" in text
    for address in ("/persons/", "/garments/"):
        assert f'href="{address}"' in text
    assert 'href="/launch/"' not in text
    assert ">Done<" not in text
    make_person()
    make_garment()
    assert page(lead).count(">Done<") == 2


def test_a_user_who_may_launch_is_led_there() -> None:
    client = client_of(make_user("merch"), "add_batch", *ALL)
    assert 'href="/launch/"' in page(client)
    make_batch()
    assert 'class="btn primary" href="/launch/"' in page(client)


def test_without_any_right_there_are_no_figures(viewer: Client) -> None:
    make_job("needs_attention")
    text = page(viewer)
    assert "Your account sees no figures" in text
    assert "Needs attention" not in text


@pytest.mark.parametrize("right", PANELS)
def test_each_panel_needs_its_right(right: str) -> None:
    make_job()
    text = page(client_of(make_user("one"), right))
    for needed, headings in PANELS.items():
        for heading in headings:
            assert (f">{heading}" in text) == (needed == right)


def test_money_is_hidden_from_those_who_may_not_see_it() -> None:
    ProviderAccount.objects.update(month_budget=7)
    make_job(batch=make_batch(budget=1, stopped_at="2026-01-01T00:00Z"))
    rights = [right for right in ALL if right != "view_ledgerentry"]
    assert "¥" not in page(client_of(make_user("blind"), *rights))
    assert "¥7.00" in page(client_of(make_user("sees"), *ALL))


@pytest.mark.parametrize("n", [1, 50])
def test_the_number_of_queries_does_not_grow(
    lead: Client,
    boss: Any,
    django_assert_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
    n: int,
) -> None:
    # In the first hour of a day, yesterday would be counted each time.
    monkeypatch.setattr(figure_cache, "DAY_CLOSED_AFTER", timedelta(0))
    for _ in range(n):
        make_job("queued")
        make_job("running")
        make_job("needs_attention")
        make_job("failed", error_kind="content", error_code=f"c{_}")
        approve(make_result(), boss)
    lead.get("/overview/")  # counts the days that are over, for everybody and for good
    cache.clear()
    # Session, user and two of rights; whether there is a batch; accounts 3; queue 3; lanes 4;
    # unanswered and stopped 2; tallies and today of three figures 7; decisions 2.
    with django_assert_num_queries(24):
        lead.get("/overview/")


def test_figures_over_many_rows_are_kept_for_a_minute(
    lead: Client, django_assert_num_queries: Any
) -> None:
    make_job()
    lead.get("/overview/")
    with django_assert_num_queries(17):
        lead.get("/overview/")


def test_the_rail_leads_here(viewer: Client) -> None:
    assert 'href="/overview/" aria-current="page"' in page(viewer)


def test_no_shape_carries_a_style(lead: Client) -> None:
    approve(make_result(), make_user("by"))
    make_job("failed")
    text = page(lead)
    assert text.count("<svg") > 10
    assert "style=" not in text
    assert "<style" not in text


@pytest.fixture
def account_manager(db: None) -> Client:
    return client_of(make_user("keeper"), "view_provideraccount", "change_provideraccount")


def test_an_account_is_paused_and_resumed(account_manager: Client) -> None:
    account = make_account()
    assert f'action="/accounts/{account.pk}/pause/"' in page(account_manager)
    assert (
        account_manager.post(f"/accounts/{account.pk}/pause/").headers["Location"] == "/overview/"
    )
    assert f'action="/accounts/{account.pk}/resume/"' in page(account_manager)
    account_manager.post(f"/accounts/{account.pk}/pause/")
    account_manager.post(f"/accounts/{account.pk}/resume/")
    moves = Event.objects.filter(kind="account").values_list("to_state", "by__username")
    assert list(moves) == [("paused", "keeper"), ("open", "keeper")]


def test_accounts_are_shown_by_name_and_alias(account_manager: Client) -> None:
    account = make_account("dashscope")
    answer = account_manager.post(f"/accounts/{account.pk}/pause/", follow=True)
    assert "Alibaba DashScope is paused: nothing more is sent" in answer.content.decode()
    text = page(account_manager)
    assert re.search(r">Alibaba DashScope</a>\s*<span [^>]+>dashscope</span>", text)
    assert 'aria-label="Resume: Alibaba DashScope"' in text


def test_pausing_needs_the_right_and_a_post(
    lead: Client, account_manager: Client, client: Client
) -> None:
    account = make_account()
    for verb in ("pause", "resume"):
        address = f"/accounts/{account.pk}/{verb}/"
        assert lead.post(address).status_code == 403
        assert client.post(address).headers["Location"].startswith("/login/")
        assert account_manager.get(address).headers["Location"] == f"/accounts/{account.pk}/"
        assert account_manager.post(f"/accounts/999999/{verb}/").status_code == 404
    account.refresh_from_db()
    assert account.state == "open"
    assert "/pause/" not in page(lead)


def test_an_account_is_found_on_the_overview(account_manager: Client) -> None:
    address = account_manager.get("/accounts/7/").headers["Location"]
    assert address == "/overview/#account-7"
