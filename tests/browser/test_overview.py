from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from jobs.models import ProviderAccount
from review.decide import approve
from tests.browser.conftest import fits
from tests.factories import make_account, make_job, make_result


def test_it_works(portal: Page, live_server: Any, mei: User) -> None:
    make_account().pause("No credit is left.")
    make_job("failed", error_kind="throttled")
    approve(make_result(), mei)
    portal.goto(f"{live_server.url}/overview/")
    expect(portal.get_by_role("heading", name="Needs attention")).to_be_visible()
    assert fits(portal)
    portal.get_by_role("link", name="See it").click()
    portal.get_by_role("button", name="Resume: local").click()
    expect(portal.get_by_role("status")).to_have_text("Local engine goes on.")
    expect(portal.get_by_role("button", name="Pause: local")).to_be_visible()
    assert ProviderAccount.objects.get(alias="local").state == "open"


def test_plots_say_what_they_show_and_have_their_numbers(portal: Page, live_server: Any) -> None:
    make_job("failed", error_kind="throttled")
    make_result()
    portal.goto(f"{live_server.url}/overview/")
    expect(portal.get_by_role("img", name="Most in one hour: 2")).to_be_visible()
    portal.get_by_text("The numbers").first.click()
    row = portal.get_by_role("row").filter(has_text=":00").last
    expect(row).to_contain_text("1")
    portal.get_by_role("link", name="The provider was too busy").click()
    expect(portal.get_by_role("heading", name="Failures by cause")).to_be_visible()


def test_a_new_site_leads_to_its_first_step(portal: Page, live_server: Any) -> None:
    portal.goto(f"{live_server.url}/overview/")
    expect(portal.get_by_text("three steps to the first try-on")).to_be_visible()
    assert fits(portal)
    expect(portal.get_by_role("link", name="Models").last).to_have_attribute("href", "/persons/")
