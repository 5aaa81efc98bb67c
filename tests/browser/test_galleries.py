"""A gallery is filled, ordered by keys and by pointer, shown, shared and taken down."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from galleries.models import Gallery
from jobs.models import Result
from tests.browser.conftest import AXE, assert_accessible, fits
from tests.factories import make_gallery, make_garment, make_job, make_public, make_result


def looks(*names: str) -> list[Result]:
    return [
        make_public(job=make_job("succeeded", top=make_garment("top", name=name))) for name in names
    ]


def names(gallery: Gallery) -> list[str]:
    rows = gallery.items.select_related("result__job__top")
    return [str(item.result.job.top) for item in rows]


def shown(page: Page) -> list[str]:
    return page.locator(".items .item-title a").all_inner_texts()


@pytest.fixture
def abcd(portal: Page, live_server: Any) -> Gallery:
    gallery = make_gallery(*looks("Ant", "Bee", "Cat", "Dog"))
    portal.goto(live_server.url + gallery.get_absolute_url())
    return gallery


def test_it_works(portal: Page, live_server: Any) -> None:
    """From nothing to a public page, and down again."""
    results = [make_result("approved") for _n in range(2)]
    portal.get_by_role("link", name="Galleries").click()
    portal.get_by_role("link", name="New gallery").first.click()
    portal.get_by_label("Name").fill("Spring")
    portal.get_by_role("button", name="Make the gallery").click()
    portal.get_by_role("link", name="Choose results").click()
    for result in results:
        portal.get_by_label(f"Select {result.job}").check()
    portal.get_by_role("button", name="Add and publish").click()
    expect(portal.get_by_role("status").first).to_contain_text("2 added to Spring")
    gallery = Gallery.objects.get()
    portal.goto(live_server.url + gallery.get_absolute_url())
    portal.get_by_role("button", name="Show now").click()
    expect(portal.locator(".head .state")).to_have_text("Shown")
    assert fits(portal)
    portal.get_by_role("button", name="Unpublish").click()
    portal.get_by_role("button", name="Unpublish all").click()
    expect(portal.locator(".head .state")).to_have_text("Draft")
    assert not Result.objects.exclude(published_at=None).exists()


def test_order_by_keys_alone(portal: Page, abcd: Gallery) -> None:
    portal.get_by_role("button", name="Move Ant, position 1").focus()
    portal.keyboard.press("ArrowRight")
    portal.keyboard.press("ArrowDown")
    assert shown(portal) == ["Bee", "Cat", "Ant", "Dog"]
    expect(portal.locator("[data-order-announcement]")).to_have_text("Ant: position 3")
    portal.keyboard.press("End")
    portal.keyboard.press("Home")
    portal.keyboard.press("End")
    portal.get_by_role("button", name="Dog: one earlier").press("Enter")
    assert shown(portal) == ["Bee", "Dog", "Cat", "Ant"]
    portal.get_by_role("button", name="Save order").press("Enter")
    expect(portal.get_by_text("Order saved.")).to_be_visible()
    assert names(abcd) == ["Bee", "Dog", "Cat", "Ant"]


def test_order_by_drag(portal: Page, abcd: Gallery) -> None:
    handle = portal.get_by_role("button", name="Move Dog, position 4")
    handle.hover()
    portal.mouse.down()
    target = portal.locator("[data-title=Bee] .photo").bounding_box()
    assert target
    portal.mouse.move(target["x"] + 40, target["y"] + 60, steps=6)
    portal.mouse.up()
    assert shown(portal) == ["Ant", "Dog", "Bee", "Cat"]
    portal.get_by_role("button", name="Save order").click()
    expect(portal.get_by_text("Order saved.")).to_be_visible()
    assert names(abcd) == ["Ant", "Dog", "Bee", "Cat"]


def test_a_number_moves_it_far(portal: Page, abcd: Gallery) -> None:
    portal.get_by_role("button", name="More for Ant").click()
    portal.get_by_label("Move to position (1 to 4)").first.fill("3")
    portal.keyboard.press("Enter")
    expect(portal.get_by_text("Moved.")).to_be_visible()
    assert names(abcd) == ["Bee", "Cat", "Ant", "Dog"]


def test_removing_is_asked(portal: Page, abcd: Gallery) -> None:
    portal.get_by_label("Select Bee").check()
    portal.get_by_role("button", name="Remove").click()
    portal.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(portal.get_by_text("1 removed. 1 is not public any more.")).to_be_visible()
    assert names(abcd) == ["Ant", "Cat", "Dog"]


def test_a_link_opens_until_it_is_revoked(
    portal: Page, live_server: Any, abcd: Gallery, browser: Any, console_messages: list[str]
) -> None:
    portal.get_by_label("For whom").fill("Paris")
    portal.get_by_role("button", name="Make a share link").click()
    address = portal.get_by_label("For Paris").input_value()
    stranger = browser.new_page()
    stranger.goto(address)
    expect(stranger.get_by_role("heading", name=abcd.name)).to_be_visible()
    assert fits(stranger)
    portal.get_by_role("link", name="Back to the gallery").click()
    portal.get_by_role("button", name="Revoke the link Paris").click()
    expect(portal.get_by_text("Revoked:")).to_be_visible()
    assert stranger.goto(address).status == 404
    stranger.close()


@pytest.mark.skipif(not AXE.exists(), reason="AXE-CORE IS MISSING: run deploy/test-packages")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.usefixtures("compiled_messages")
def test_public_pages_are_accessible(
    page: Page, live_server: Any, transactional_db: None, language: str
) -> None:
    gallery = make_gallery(*looks("Ant", "Bee", "Cat", "Dog", "Elk"), text="Words.")
    item = gallery.items.first()
    assert item
    for path in ("/g/", f"/g/{gallery.slug}/", f"/g/{gallery.slug}/{item.pk}/"):
        page.goto(f"{live_server.url}{path}?lang={language}")
        for colours in ("light", "dark"):
            page.emulate_media(color_scheme=colours, reduced_motion="reduce")  # type: ignore[arg-type]
            assert_accessible(page)
        assert fits(page)
