"""Choosing by keys alone, in both languages; what the script adds and what goes without it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from jobs.models import Comparison, Result
from review.models import Decision, Preference
from tests.browser.conftest import fits
from tests.review.comparison_setup import cells_of, make_comparison


def opened(portal: Page, live_server: Any, cells: int = 3) -> Comparison:
    made = make_comparison(cells=cells, providers=3)
    portal.goto(f"{live_server.url}/comparisons/{made.pk}/")
    return made


def test_it_works(portal: Page, live_server: Any, mei: User) -> None:
    made = opened(portal, live_server)
    first, second, third = cells_of(made, mei)
    expect(portal.get_by_role("img", name="Image C")).to_be_visible()
    portal.keyboard.press("a")
    expect(portal.get_by_label("Verdict on A")).to_have_value("approved")
    portal.keyboard.press("b")
    portal.keyboard.press("b")
    expect(portal.get_by_label("Verdict on B")).to_have_value("rejected")
    portal.keyboard.press("3")
    expect(portal.get_by_text("Cell 2 of 3")).to_be_visible()
    portal.keyboard.press("s")
    expect(portal.get_by_text("Cell 3 of 3")).to_be_visible()
    portal.keyboard.press("0")
    expect(portal.get_by_text("Cell 2 of 3")).to_be_visible()
    portal.keyboard.press("1")
    expect(portal.get_by_text("You have chosen in every cell")).to_be_visible()
    best = dict(Preference.objects.values_list("cell", "result"))
    wanted = {
        first.key: first.ids_by_letter["C"],
        second.key: second.ids_by_letter["A"],
        third.key: None,
    }
    assert best == wanted
    reviews = [Result.objects.get(pk=pk).review for pk in first.shown_ids]
    assert reviews == ["approved", "rejected", "pending"]


def test_undo_by_key(portal: Page, live_server: Any) -> None:
    opened(portal, live_server)
    portal.keyboard.press("a")
    portal.keyboard.press("1")
    expect(portal.get_by_text("Cell 2 of 3")).to_be_visible()
    portal.keyboard.press("u")
    expect(portal.get_by_text("Cell 1 of 3")).to_be_visible()
    assert not Preference.objects.exists()
    assert not Result.objects.exclude(review="pending").exists()
    assert Decision.objects.count() == 2


def test_arrows_only_move(portal: Page, live_server: Any) -> None:
    opened(portal, live_server)
    portal.keyboard.press("ArrowRight")
    expect(portal.get_by_text("Cell 2 of 3")).to_be_visible()
    portal.keyboard.press("ArrowLeft")
    expect(portal.get_by_text("Cell 1 of 3")).to_be_visible()
    assert not Preference.objects.exists()


def test_a_menu_that_was_clicked_gives_the_keys_back(portal: Page, live_server: Any) -> None:
    opened(portal, live_server)
    menu = portal.get_by_label("Verdict on A")
    menu.dispatch_event("pointerdown")
    menu.select_option("Print or logo distorted")
    portal.keyboard.press("2")
    expect(portal.get_by_text("Cell 2 of 3")).to_be_visible()
    assert Decision.objects.get().reason == "print"


def test_the_order_does_not_change_by_loading_again(portal: Page, live_server: Any) -> None:
    opened(portal, live_server)
    images = portal.locator(".candidates img")
    order = [image.get_attribute("src").split("/")[-2:] for image in images.all()]
    portal.reload()
    assert [image.get_attribute("src").split("/")[-2:] for image in images.all()] == order


def test_it_fits_a_phone(portal: Page, live_server: Any) -> None:
    made = opened(portal, live_server)
    assert fits(portal)
    portal.get_by_role("button", name="A is best").click()
    for address in ("/statistics/", "/comparisons/", f"/comparisons/{made.pk}/results/"):
        portal.goto(live_server.url + address)
        assert fits(portal)


@pytest.mark.usefixtures("compiled_messages")
def test_in_chinese_by_the_same_keys(portal: Page, live_server: Any, mei: User) -> None:
    portal.get_by_role("button", name="简体中文").click()
    made = opened(portal, live_server, cells=2)
    expect(portal.get_by_role("button", name="A 最好")).to_be_visible()
    portal.keyboard.press("a")
    portal.keyboard.press("2")
    expect(portal.get_by_text("第 2 格，共 2 格")).to_be_visible()
    portal.keyboard.press("0")
    expect(portal.get_by_text("每一格都选好了")).to_be_visible()
    first = cells_of(made, mei)[0]
    assert Preference.objects.get(cell=first.key).result_id == first.ids_by_letter["B"]
    assert Result.objects.get(pk=first.ids_by_letter["A"]).review == "approved"


def test_without_scripts(browser: Browser, portal: Page, live_server: Any, mei: User) -> None:
    made = make_comparison(cells=1)
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(portal.context.cookies())  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{live_server.url}/comparisons/{made.pk}/")
    page.get_by_label("Verdict on B").select_option("face")
    page.get_by_role("button", name="A is best").click()
    expect(page.get_by_text("You have chosen in every cell")).to_be_visible()
    context.close()
    (cell,) = cells_of(made, mei)
    assert Preference.objects.get().result_id == cell.ids_by_letter["A"]
    assert Decision.objects.get(result=cell.ids_by_letter["B"]).reason == "face"
