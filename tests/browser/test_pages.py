from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from jobs.models import Result
from tests.browser.conftest import fits
from tests.factories import make_result


def test_it_works(page: Page, live_server: Any, mei: User) -> None:
    page.goto(f"{live_server.url}/")
    page.get_by_label("Username").fill("mei")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert fits(page)
    page.get_by_label("Password").fill("x")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert fits(page)


def test_the_gallery_is_filtered_by_a_menu(portal: Page) -> None:
    wanted, other = make_result("approved"), make_result("approved")
    portal.reload()
    expect(portal.locator(".card")).to_have_count(2)
    portal.get_by_role("button", name="Model").click()
    portal.get_by_role("link", name=wanted.job.person.name, exact=True).click()
    expect(portal.locator(".card")).to_have_count(1)
    expect(portal.locator(".card")).not_to_contain_text(str(other.job))
    assert fits(portal)


def test_a_result_is_approved_undone_and_rejected(portal: Page, live_server: Any) -> None:
    result = make_result(warnings=["old_garment_skin_coloured"])
    portal.goto(live_server.url + result.get_absolute_url())
    expect(portal.get_by_text("old garment has skin colour")).to_be_visible()
    portal.get_by_role("button", name="Approve").click()
    expect(portal.get_by_role("status")).to_have_text("Approved.")
    portal.keyboard.press("u")
    expect(portal.get_by_role("status")).to_contain_text("waits for review again")
    portal.keyboard.press("r")
    portal.keyboard.press("4")
    expect(portal.get_by_role("status")).to_have_text("Rejected.")
    expect(portal.get_by_text("Hands or limbs are wrong")).to_be_visible()
    assert Result.objects.get().review == "rejected"
    assert fits(portal)


def test_keys_can_be_switched_off(portal: Page, live_server: Any) -> None:
    result = make_result()
    portal.goto(live_server.url + result.get_absolute_url())
    portal.get_by_role("checkbox").uncheck()
    portal.keyboard.press("r")
    expect(portal.get_by_role("dialog")).to_be_hidden()
    portal.get_by_role("checkbox").check()
    portal.keyboard.press("r")
    expect(portal.get_by_role("dialog")).to_be_visible()


def test_the_slider_uncovers_the_person(portal: Page, live_server: Any) -> None:
    portal.goto(live_server.url + make_result().get_absolute_url())
    slider = portal.get_by_role("slider")
    slider.focus()
    slider.press("End")
    share = "e => e.style.getPropertyValue('--before-share')"
    assert portal.locator(".before-after").evaluate(share) == "100%"


@pytest.mark.usefixtures("compiled_messages")
def test_theme_and_language_are_switched_and_kept(portal: Page, live_server: Any) -> None:
    theme = portal.get_by_role("button", name="Theme")
    for name in ("Light", "Dark"):
        theme.click()
        expect(theme).to_contain_text(name)
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = portal.evaluate(ground)
    portal.get_by_role("button", name="简体中文").click()
    expect(portal.get_by_role("heading", name="已通过", exact=True)).to_be_visible()
    assert portal.evaluate(ground) == dark
    portal.goto(f"{live_server.url}/admin/")
    assert portal.evaluate(ground) == dark
    assert fits(portal)
    portal.get_by_role("button", name="English").click()
    portal.get_by_role("button", name="Theme").click()
    expect(portal.locator("body")).not_to_have_class("theme-dark dashboard")
    assert portal.evaluate(ground) != dark


def test_it_works_without_scripts(browser: Any, live_server: Any, mei: User) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    result = make_result()
    page.goto(live_server.url + result.get_absolute_url())
    page.get_by_label("Username").fill("mei")
    page.get_by_label("Password").fill("x")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("slider")).to_have_count(0)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_have_text("Approved.")
    page.get_by_role("button", name="Theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    context.close()
