"""A real Chromium against a live server. Every test fails on any word in the console."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from playwright.sync_api import Page, expect

from tests.factories import make_user

CHROMIUM = "/usr/bin/chromium"
AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
# Playwright runs an event loop in this thread, which Django takes for asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
expect.set_options(timeout=8_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason=f"CHROMIUM IS MISSING at {CHROMIUM}: pages are not tried")
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            if not shutil.which(CHROMIUM):
                item.add_marker(missing)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file, as in production: in one database in memory, two requests lock each other out."""
    if connection.vendor == "sqlite":
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(path)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": QUIET}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return browser_context_args | {"reduced_motion": "reduce", "locale": "en-GB"}


@pytest.fixture(autouse=True)
def console_messages(page: Page) -> Iterator[list[str]]:
    """Errors and CSP violations alike are written to the console; both are failures."""
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    yield messages
    assert messages == []


@pytest.fixture
def mei(transactional_db: None) -> User:
    """A reviewer who may do everything."""
    return make_user("mei", is_superuser=True)


@pytest.fixture
def portal(page: Page, live_server: Any, mei: User, client: Any) -> Page:
    """Signed in as Mei; addresses are relative to the live server."""
    client.force_login(mei)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    page.context.add_cookies([cookie | {"url": live_server.url}])
    page.goto(f"{live_server.url}/gallery/")
    return page


def fits(page: Page) -> bool:
    """Whether the page needs no sideways scrolling at 390 px."""
    before = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    fit = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if before:
        page.set_viewport_size(before)
    return bool(fit)


def assert_accessible(page: Page) -> None:
    """No serious or critical violation on the page as it is now, by the rules of axe-core.

    Its text is evaluated and not added as a tag: the pages' own content policy stays in force.
    """
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [_describe(each) for each in found if each["impact"] in {"serious", "critical"}] == []


def _describe(violation: dict[str, Any]) -> str:
    where = [f"{node['target']}: {node['failureSummary']}" for node in violation["nodes"][:5]]
    return "\n".join([f"{violation['id']}: {violation['help']}", *where])
