"""The pages of the API's document work under the content policy of all pages."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.django_db(transaction=True)
def test_it_works(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/api/docs")
    expect(page.get_by_role("heading", name="Toile")).to_be_visible()
    operation = page.locator("#operations-jobs-createJob")
    expect(operation).to_contain_text("/jobs")
    operation.locator(".opblock-summary-control").click()
    expect(operation).to_contain_text("Idempotency-Key")
    expect(page.locator("[id^=operations-]")).not_to_have_count(0)
