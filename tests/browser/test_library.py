"""The library in a real browser: uploads, findings, remedies, ticks, the bar."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from catalog.models import Garment, Tag
from catalog.views import library
from tests.browser.conftest import fits
from tests.factories import make_garment
from tests.pictures import photo


def files(folder: Path, **contents: bytes) -> list[str]:
    paths = [folder / f"{name}.jpg" for name in contents]
    for path, data in zip(paths, contents.values(), strict=True):
        path.write_bytes(data)
    return [str(path) for path in paths]


def choose(page: Page, *paths: str) -> None:
    page.locator("[data-upload-form] [name=photos]").set_input_files(list(paths))


def row(page: Page, name: str) -> Any:
    return page.locator("[data-upload-list] li", has_text=name)


def mark(page: Page, name: str) -> Any:
    """The one mark that a row shows."""
    return row(page, name).locator("[data-badge]:visible")


def test_it_works(portal: Page, live_server: Any, tmp_path: Path) -> None:
    """Upload, findings, a remedy: what a merchandiser does first."""
    portal.goto(f"{live_server.url}/garments/")
    expect(portal.get_by_role("heading", name="No garments yet")).to_be_visible()
    tee, bad = files(tmp_path, tee=photo(seed=1), bad=b"II*\x00 not for us")
    choose(portal, tee, bad)
    expect(mark(portal, "tee.jpg")).to_have_text("Added")
    expect(row(portal, "tee.jpg")).to_contain_text("Short side too short")
    expect(mark(portal, "bad.jpg")).to_have_text("Not added")
    expect(row(portal, "bad.jpg")).to_contain_text("Save it as JPEG")
    status = portal.locator("[data-upload-status]")
    expect(status).to_have_text("1 added, 0 left, 1 need your input")
    assert fits(portal)

    (skirt,) = files(tmp_path, skirt=photo(seed=2))
    row(portal, "bad.jpg").locator("input[type=file]").set_input_files(skirt)
    expect(mark(portal, "skirt.jpg")).to_have_text("Added")
    portal.get_by_role("link", name="Show the new photos").click()
    expect(portal.locator(".card")).to_have_count(2)
    expect(portal.locator(".card .state").first).to_contain_text("Short side too short")

    portal.get_by_role("link", name="tee", exact=True).click()
    portal.get_by_role("button", name="Resize").first.click()
    expect(portal.get_by_role("status").first).to_contain_text("Mended.")
    expect(portal.get_by_text("Short side too short")).to_have_count(0)
    assert fits(portal)


def test_a_duplicate_and_a_nameless_photo_are_asked_about(
    portal: Page, live_server: Any, tmp_path: Path
) -> None:
    portal.goto(f"{live_server.url}/garments/")
    tee, again, nameless = files(
        tmp_path, tee=photo(seed=1), again=photo(seed=1), IMG_1=photo(seed=2)
    )
    choose(portal, tee)
    expect(mark(portal, "tee.jpg")).to_have_text("Added")
    choose(portal, again, nameless)
    expect(row(portal, "again.jpg")).to_contain_text("in the library as “tee”")
    expect(mark(portal, "IMG_1.jpg")).to_have_text("Which slot?")
    row(portal, "IMG_1.jpg").get_by_role("button", name="Dress", exact=True).click()
    expect(mark(portal, "IMG_1.jpg")).to_have_text("Added")
    # Its name tells no slot either, so that is asked next.
    row(portal, "again.jpg").get_by_role("button", name="Add anyway").click()
    row(portal, "again.jpg").get_by_role("button", name="Top", exact=True).click()
    expect(mark(portal, "again.jpg")).to_have_text("Added")
    assert Garment.objects.count() == 3


def test_what_failed_is_tried_again_without_choosing_it_again(
    portal: Page, live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.goto(f"{live_server.url}/garments/")
    portal.route("**/garments/add/", lambda route: route.fulfill(status=200, body="{}"))
    choose(portal, *files(tmp_path, tee=photo(seed=1), skirt=photo(seed=2)))
    expect(row(portal, "tee.jpg")).to_contain_text("The server could not take it")
    portal.unroute("**/garments/add/")
    portal.get_by_role("button", name="Try the failed ones again").click()
    expect(mark(portal, "tee.jpg")).to_have_text("Added")
    expect(mark(portal, "skirt.jpg")).to_have_text("Added")
    dismiss = row(portal, "tee.jpg").get_by_role("button", name="Dismiss tee.jpg")
    dismiss.click()
    expect(portal.locator("[data-upload-list] li")).to_have_count(1)
    expect(row(portal, "skirt.jpg").get_by_role("button", name="Dismiss")).to_be_focused()


def test_at_most_two_are_on_their_way_and_each_can_be_stopped(
    portal: Page, live_server: Any, tmp_path: Path
) -> None:
    portal.goto(f"{live_server.url}/garments/")
    held: list[Any] = []
    portal.route("**/garments/add/", lambda route: held.append(route))
    choose(portal, *files(tmp_path, tee=photo(seed=1), skirt=photo(seed=2), polo=photo(seed=3)))
    expect(row(portal, "polo.jpg")).to_contain_text("Waiting for its turn")
    row(portal, "tee.jpg").get_by_role("button", name="Stop").click()
    expect(row(portal, "tee.jpg")).to_contain_text("Stopped. Nothing was added.")
    expect(row(portal, "polo.jpg")).not_to_contain_text("Waiting")
    assert len(held) == 3
    for route in held[1:]:
        route.continue_()
    expect(mark(portal, "polo.jpg")).to_have_text("Added")
    portal.unroute("**/garments/add/")
    row(portal, "tee.jpg").get_by_role("button", name="Try again").click()
    expect(mark(portal, "tee.jpg")).to_have_text("Added")


def test_photos_are_ticked_and_tagged(portal: Page, live_server: Any) -> None:
    for n in range(4):
        make_garment(name=f"Tee {n}")
    portal.goto(f"{live_server.url}/garments/")
    bar = portal.get_by_role("toolbar")
    expect(bar).to_be_hidden()
    boxes = portal.locator("[name=ids]")
    boxes.nth(0).focus()
    portal.keyboard.press("Space")
    expect(bar).to_contain_text("1 selected")
    boxes.nth(2).click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 selected")
    assert fits(portal)
    portal.keyboard.press("Escape")
    expect(bar).to_be_hidden()

    boxes.nth(0).check()
    boxes.nth(1).check()
    bar.get_by_role("button", name="Tag").click()
    portal.get_by_role("combobox", name="Tag").fill("linen")
    portal.keyboard.press("Enter")
    expect(portal.get_by_role("status")).to_contain_text("Tag put on 2 photos.")
    assert Tag.objects.get().garments.count() == 2


def test_all_of_a_filter_are_archived(
    portal: Page, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "PAGE", 2)
    for slot in ("top", "top", "top", "dress"):
        make_garment(slot)
    portal.goto(f"{live_server.url}/garments/?slot=top")
    portal.locator("[name=ids]").first.check()
    bar = portal.get_by_role("toolbar")
    bar.get_by_label("Select all 3").check()
    expect(bar).to_contain_text("All 3 selected")
    bar.get_by_role("button", name="Archive").click()
    expect(portal.get_by_role("status")).to_contain_text("3 photos archived.")
    expect(portal.get_by_role("heading", name="No garment matches")).to_be_visible()
    portal.get_by_role("link", name="Show everything").click()
    expect(portal.locator(".card")).to_have_count(1)


def test_filters_and_order_work_by_themselves(portal: Page, live_server: Any) -> None:
    make_garment("dress", name="B"), make_garment("top", name="A")
    portal.goto(f"{live_server.url}/garments/")
    portal.get_by_label("Sort by").select_option("oldest")
    expect(portal).to_have_url(re.compile("order=oldest"))
    expect(portal.locator(".card .name").first).to_have_text("B")
    portal.get_by_role("link", name="Dress").click()
    expect(portal.locator(".card")).to_have_count(1)
    portal.get_by_role("link", name="As a list").click()
    expect(portal.locator(".item")).to_have_count(1)
    assert fits(portal)


@pytest.mark.usefixtures("compiled_messages")
def test_it_speaks_chinese(portal: Page, live_server: Any, tmp_path: Path) -> None:
    portal.context.add_cookies(
        [{"name": "django_language", "value": "zh-hans", "url": live_server.url}]
    )
    portal.goto(f"{live_server.url}/garments/")
    expect(portal.get_by_role("heading", name="还没有服装")).to_be_visible()
    choose(portal, *files(tmp_path, 连衣裙=photo(seed=1), bad=b"x"))
    expect(mark(portal, "连衣裙.jpg")).to_have_text("已添加")
    expect(mark(portal, "bad.jpg")).to_have_text("未添加")
    portal.get_by_role("link", name="显示新照片").click()
    portal.locator("[name=ids]").first.check()
    expect(portal.get_by_role("toolbar")).to_contain_text("已选 1 项")
    assert fits(portal)
    portal.get_by_role("link", name="连衣裙", exact=True).click()
    portal.get_by_role("button", name="调整尺寸").first.click()
    expect(portal.get_by_role("status").first).to_contain_text("516 × 688")
    assert fits(portal)
