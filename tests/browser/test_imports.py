from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from catalog.imports import runner
from catalog.models import Garment
from tests.browser.conftest import fits
from tests.catalog.test_imports import packed
from tests.pictures import photo


def choose(page: Page, name: str, data: bytes) -> None:
    page.get_by_label("ZIP, CSV or list of addresses").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )
    page.get_by_role("button", name="Import", exact=True).click()


def test_it_works(portal: Page, live_server: Any) -> None:
    portal.get_by_role("link", name="Imports").click()
    expect(portal.get_by_role("heading", name="No imports yet")).to_be_visible()
    assert fits(portal)
    choose(portal, "colours.csv", b"colour,shape\nred,round\n")
    expect(portal.get_by_role("alert")).to_contain_text("names no column that is known")
    portal.get_by_text("What new garments get").click()
    portal.get_by_label("Season").fill("SS27")
    choose(
        portal, "spring.zip", packed({"top/tee.jpg": photo(), "top/cut.jpg": photo(seed=1)[:900]})
    )
    expect(portal.get_by_role("heading", name="spring.zip")).to_be_visible()
    assert fits(portal)
    while runner.work():
        pass
    expect(portal.get_by_text("The file ends too early.")).to_be_visible()
    expect(portal.get_by_role("heading", name="2 of 2 rows")).to_be_visible()
    assert fits(portal)
    assert Garment.objects.get().season == "SS27"
    with portal.expect_download() as report:
        portal.get_by_role("link", name="Report as CSV").click()
    assert "truncated" in report.value.path().read_text("utf-8-sig")
    portal.get_by_role("button", name="Try 1 refused row again").click()
    expect(portal.get_by_role("status").first).to_contain_text("1 row is tried again.")
    portal.get_by_role("button", name="Cancel import").click()
    portal.get_by_role("dialog").get_by_role("button", name="Cancel import").click()
    expect(portal.get_by_role("status").first).to_contain_text("stays there")


@pytest.mark.usefixtures("compiled_messages")
def test_it_speaks_chinese_without_scripts(portal: Page, live_server: Any, browser: Any) -> None:
    plain = browser.new_context(java_script_enabled=False, locale="zh-CN")
    plain.add_cookies(portal.context.cookies())
    page = plain.new_page()
    page.goto(f"{live_server.url}/imports/")
    page.locator("[type=file]").set_input_files(
        {
            "name": "list.csv",
            "mimeType": "text/csv",
            "buffer": "货号,名称\nA-1,衬衫\n".encode("gb18030"),
        }
    )
    page.get_by_role("button", name="导入", exact=True).click()
    while runner.work():
        pass
    page.reload()
    expect(page.locator(".import-rows .row-message")).to_contain_text("A-1")
    expect(page.locator("h1")).to_have_text("list.csv")
    plain.close()
