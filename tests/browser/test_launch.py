"""The launch page as a merchandiser uses it: tick, untick, change the provider, launch."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from jobs.models import Batch, TryOnJob
from providers import registry
from tests.browser.conftest import fits
from tests.factories import make_account, make_garment, make_person


@pytest.fixture(autouse=True)
def _providers(settings: Any, transactional_db: None) -> None:
    """Two providers: one that can refine, and one that dresses no bottoms."""
    plain = {"refine": False, "slots": frozenset({"top", "dress"})}
    settings.PROVIDERS = {
        "fake": {"BACKEND": "tests.fake_provider.Fake"},
        "plain": {"BACKEND": "tests.fake_provider.Fake", "OPTIONS": plain},
    }
    registry.clear_caches()
    make_account("fake")
    make_account("plain")


@pytest.fixture
def launching(portal: Page, live_server: Any) -> Page:
    persons = [make_person(name=name) for name in ("Ada", "Noor")]
    garments = [make_garment("top", name="Tee"), make_garment("bottom", name="Jeans")]
    ids = [",".join(str(row.pk) for row in rows) for rows in (persons, garments)]
    portal.goto(f"{live_server.url}/launch/?persons={ids[0]}&garments={ids[1]}")
    return portal


def cell(page: Page, person: str, outfit: str) -> Any:
    return page.get_by_role("checkbox", name=f"{person} {outfit}", exact=True)


def test_it_works(launching: Page) -> None:
    page = launching
    go = page.locator("[data-launch-button]")
    expect(go).to_have_text("Launch 4 jobs")
    cell(page, "Ada", "Jeans").uncheck()
    expect(go).to_have_text("Launch 3 jobs")
    expect(page.locator(".summary [data-summary-value=cost]")).to_have_text("¥1.50")

    page.get_by_role("checkbox", name="Refine").check()
    expect(page.locator(".summary [data-summary-value=cost]")).to_have_text("¥1.60")
    expect(page.get_by_text("Refining needs a top: a bottom alone")).to_be_visible()
    page.get_by_role("radio", name="plain").check()
    expect(page.get_by_text("2 cells refused")).to_be_visible()
    expect(page.get_by_text("so it is left out: refine")).to_be_visible()
    expect(cell(page, "Noor", "Jeans")).to_have_count(0)
    expect(go).to_have_text("Launch 2 jobs")
    page.get_by_role("radio", name="fake fake").check()
    # What was unticked is still, what the other provider refused is back.
    expect(cell(page, "Noor", "Jeans")).to_be_checked()
    expect(cell(page, "Ada", "Jeans")).not_to_be_checked()
    assert fits(page)

    go.click()
    expect(page.get_by_role("status").first).to_have_text("3 try-ons launched.")
    assert TryOnJob.objects.count() == 3


def test_keys_and_heads(launching: Page) -> None:
    page = launching
    cell(page, "Ada", "Tee").focus()
    page.keyboard.press("ArrowRight")
    expect(cell(page, "Ada", "Jeans")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(cell(page, "Noor", "Jeans")).not_to_be_checked()
    page.get_by_role("checkbox", name="Whole row").first.uncheck()
    expect(page.locator("[data-launch-button]")).to_have_text("Launch 1 job")
    page.get_by_role("checkbox", name="All", exact=True).check()
    expect(page.locator("[data-launch-button]")).to_have_text("Launch 4 jobs")
    page.get_by_role("checkbox", name="All", exact=True).uncheck()
    expect(page.locator("[data-launch-button]")).to_be_disabled()


def test_over_the_cap_nothing_can_be_launched(launching: Page) -> None:
    page = launching
    page.get_by_label("Stop at ¥").fill("1.20")
    expect(page.get_by_text("its budget is 1.20 CNY")).to_be_visible()
    expect(page.locator("[data-launch-button]")).to_be_disabled()
    page.get_by_role("checkbox", name="Whole column").first.uncheck()
    expect(page.get_by_text("its budget is 1.20 CNY")).to_be_hidden()
    page.locator("[data-launch-button]").click()
    expect(page.get_by_role("status").first).to_have_text("2 try-ons launched.")


def test_providers_are_compared(launching: Page) -> None:
    page = launching
    page.get_by_text("Compare with other providers").click()
    page.get_by_role("checkbox", name="plain").check()
    expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
    expect(page.locator("[data-launch-button]")).to_have_text("Launch 6 jobs")
    cell(page, "Ada", "Tee").uncheck()
    expect(page.locator("[data-launch-button]")).to_have_text("Launch 4 jobs")
    expect(page.locator(".compared tbody tr").nth(1)).to_contain_text("¥0.50")
    assert fits(page)
    page.locator("[data-launch-button]").click()
    expect(page.get_by_text("To compare:")).to_be_visible()
    assert Batch.objects.exclude(comparison=None).count() == 2


def test_what_is_done_while_the_server_answers_is_kept(launching: Page) -> None:
    page = launching
    page.get_by_role("button", name="Outfit", exact=True).click()
    search = page.get_by_role("searchbox")
    search.press_sequentially("Tee", delay=120)
    expect(page.locator(".picks li")).to_have_count(1)
    expect(search).to_have_value("Tee")
    search.press_sequentially("s")
    expect(page.get_by_text("Nothing is named so.")).to_be_visible()
    expect(search).to_have_value("Tees")
    page.get_by_role("checkbox", name="Refine").check()
    cell(page, "Ada", "Tee").uncheck()
    expect(page.locator("[data-launch-form]")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("[data-launch-button]")).to_have_text("Launch 1 job")
    expect(cell(page, "Ada", "Tee")).not_to_be_checked()


def test_a_lost_connection_is_shown(launching: Page) -> None:
    page = launching
    page.route("**/launch/", lambda route: route.fulfill(status=204))
    page.get_by_role("checkbox", name="Refine").check()
    expect(page.get_by_text("The connection is gone")).to_be_visible()
    page.unroute("**/launch/")
    page.get_by_role("checkbox", name="Refine").uncheck()
    expect(page.get_by_text("The connection is gone")).to_be_hidden()


def test_a_recipe_is_saved_and_chosen(launching: Page) -> None:
    page = launching
    page.get_by_role("checkbox", name="Keep the rest").check()
    page.get_by_text("Save this recipe").click()
    page.get_by_label("Recipe name").fill("Studio")
    page.get_by_role("button", name="Save as new").click()
    expect(page.get_by_text("Recipe “Studio” is saved.")).to_be_visible()
    page.get_by_role("checkbox", name="Keep the rest").uncheck()
    page.get_by_label("Saved recipes").select_option(label="Studio · fake")
    expect(page.get_by_role("checkbox", name="Keep the rest")).to_be_checked()


@pytest.mark.usefixtures("compiled_messages")
def test_a_new_user_begins_with_nothing_in_chinese(portal: Page, live_server: Any) -> None:
    page = portal
    page.get_by_role("button", name="简体中文").click()
    page.goto(f"{live_server.url}/launch/")
    expect(page.get_by_text("还没有模特照片")).to_be_visible()
    make_person(name="Ada")
    make_garment("top", name="Tee")
    page.reload()
    page.get_by_role("checkbox", name="Ada").check()
    page.get_by_role("button", name="添加模特").click()
    page.get_by_role("checkbox", name="Tee").check()
    page.get_by_role("button", name="添加服装").click()
    expect(page.locator("[data-launch-button]")).to_have_text("发起 1 个任务")
    assert fits(page)
    page.locator("[data-launch-button]").click()
    expect(page.get_by_role("status").first).to_have_text("已发起 1 个试穿。")


def test_it_works_without_scripts(browser: Any, live_server: Any, mei: User) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    person, tee, jeans = make_person(), make_garment(), make_garment("bottom")
    garments = f"{tee.pk},{jeans.pk}"
    page.goto(f"{live_server.url}/launch/?persons={person.pk}&garments={garments}")
    page.get_by_label("Username").fill("mei")
    page.get_by_label("Password").fill("x")
    page.get_by_role("button", name="Sign in").click()
    page.locator("[name=cell]").first.uncheck()
    page.get_by_role("radio", name="fake fake").check()
    page.locator("[data-launch-button]").click()
    expect(page.get_by_text("Nothing was launched yet.")).to_be_visible()
    expect(page.locator("[data-launch-button]")).to_have_text("Launch 1 job")
    page.locator("[data-launch-button]").click()
    expect(page.get_by_role("status").first).to_have_text("1 try-on launched.")
    assert TryOnJob.objects.get().bottom == jeans
    context.close()
