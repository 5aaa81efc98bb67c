"""The console by keyboard alone, over a bad line, and beside another reviewer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.test import Client
from playwright.sync_api import Page, expect

from jobs.models import Result
from review.decide import approve
from review.models import Decision
from tests.browser.conftest import fits
from tests.factories import (
    make_account,
    make_garment,
    make_job,
    make_person,
    make_result,
    make_user,
)

SLOW = {"latency": 120, "downloadThroughput": 200_000, "uploadThroughput": 60_000}


@pytest.fixture(autouse=True)
def _account(transactional_db: None) -> None:
    make_account()


@pytest.fixture(autouse=True)
def _one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite all threads of a live server share one connection, and with it transactions."""
    if connection.vendor != "sqlite":
        return
    lock, answer = threading.Lock(), BaseHandler.get_response

    def locked(handler: BaseHandler, request: Any) -> Any:
        with lock:
            return answer(handler, request)

    monkeypatch.setattr(BaseHandler, "get_response", locked)


def waiting(n: int) -> list[int]:
    """So many results of a few outfits."""
    person, garment = make_person(name="Ada"), make_garment(name="Dunes tee")
    jobs = [make_job("succeeded", person=person, top=garment) for _ in range(n)]
    return [make_result(job=job).pk for job in jobs]


def shown(page: Page) -> int:
    expect(page.locator("#main")).to_be_visible()
    return int(page.locator("[data-decide-form] [name=result]").input_value())


def press(page: Page, *keys: str) -> int:
    """Press these on the image that is shown; its id."""
    at = shown(page)
    for key in keys:
        page.keyboard.press(key)
    return at


def all_sent(page: Page) -> None:
    expect(page.locator("[data-unsent] span")).to_have_text("0 waiting to be sent", timeout=30_000)


class Line:
    """The browser's connection, slow, and sometimes gone."""

    def __init__(self, page: Page) -> None:
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("Network.enable")
        self.set(offline=False)

    def set(self, *, offline: bool) -> None:
        self.cdp.send("Network.emulateNetworkConditions", SLOW | {"offline": offline})


def test_fifty_decisions_arrive_once_over_a_bad_line(
    portal: Page, live_server: Any, console_messages: list[str]
) -> None:
    waiting(60)
    portal.goto(f"{live_server.url}/review/")
    line, wanted = Line(portal), dict[int, str]()
    undone = 0
    for n in range(50):
        if n in (12, 31):
            line.set(offline=True)
        if n in (17, 36):
            expect(portal.locator("[data-offline]")).to_be_visible()
            expect(portal.locator("[data-unsent]")).to_contain_text("waiting to be sent")
            line.set(offline=False)
        rejects = n % 3 == 0
        at = press(portal, *(("r", "4") if rejects else ("a",)))
        if n % 7 == 5:
            assert press(portal, "u") != at
            assert press(portal, "r", "2") == at
            undone, rejects = undone + 1, True
        wanted[at] = "rejected" if rejects else "approved"
    all_sent(portal)
    expect(portal.locator("[data-offline]")).to_be_hidden()
    assert len(wanted) == 50
    decided = Result.objects.exclude(review="pending").values_list("pk", "review")
    assert dict(decided) == wanted
    assert Decision.objects.count() == 50 + 2 * undone
    assert Decision.objects.exclude(verdict="pending").filter(verdict="approved").count() > 20
    assert all("ERR_INTERNET_DISCONNECTED" in line for line in console_messages)
    console_messages.clear()


def test_it_works(portal: Page, live_server: Any) -> None:
    first, second, third = waiting(3)
    portal.goto(f"{live_server.url}/review/")
    expect(portal.locator("[data-caption]")).to_have_text("Ada · Dunes tee")
    assert press(portal, "a") == first
    expect(portal.get_by_role("status").last).to_have_text("Approved: Ada · Dunes tee")
    assert press(portal, "r", "n", "s", "i", "x", "Enter", "5") == second
    expect(portal.locator("[data-decided-count]")).to_have_text("2")
    assert press(portal, "s") == third
    assert press(portal, "a") == third
    expect(portal.get_by_text("Nothing waits for review")).to_be_visible()
    all_sent(portal)
    found = Decision.objects.values_list("result", "verdict", "reason", "note")
    assert list(found) == [
        (first, "approved", "", ""),
        (second, "rejected", "face", "six"),
        (third, "approved", "", ""),
    ]


def test_arrows_only_look(portal: Page, live_server: Any) -> None:
    first, second = waiting(2)
    portal.goto(f"{live_server.url}/review/")
    assert press(portal, "ArrowRight") == first
    assert press(portal, "ArrowRight") == second
    assert press(portal, "ArrowLeft") == second
    assert press(portal, "a") == first
    assert press(portal, "ArrowLeft") == second
    # What is decided is looked at, not decided again.
    assert press(portal, "a") == first
    all_sent(portal)
    assert Decision.objects.count() == 1


def test_slider_zoom_and_help_by_key(portal: Page, live_server: Any) -> None:
    waiting(1)
    portal.goto(f"{live_server.url}/review/")
    share = "document.querySelector('[data-before-after]').style.getPropertyValue('--before-share')"
    press(portal, "]", "]")
    assert portal.evaluate(share) == "10%"
    portal.keyboard.down("b")
    assert portal.evaluate(share) == "100%"
    portal.keyboard.up("b")
    assert portal.evaluate(share) == "10%"
    press(portal, "z")
    expect(portal.get_by_role("button", name="Zoom (Z)")).to_have_attribute("aria-pressed", "true")
    portal.mouse.move(100, 300)
    zoomed = "[...document.querySelectorAll('.zoomable img, .after img')].map(i => i.%s)"
    assert len(set(portal.evaluate(zoomed % "computedStyleMap().get('transform').toString()"))) == 1
    press(portal, "z", "?")
    expect(portal.get_by_role("dialog")).to_be_visible()
    portal.get_by_role("checkbox").uncheck()
    portal.keyboard.press("Escape")
    expect(portal.get_by_role("dialog")).to_be_hidden()
    press(portal, "a", "r")
    expect(portal.get_by_role("dialog")).to_be_hidden()
    portal.get_by_role("button", name="Keys").click()
    portal.get_by_role("checkbox").check()
    portal.keyboard.press("Escape")
    press(portal, "i")
    expect(portal.get_by_role("heading", level=1)).to_have_text("Ada · Dunes tee")
    assert not Decision.objects.exists()


def test_a_lost_answer_and_a_reload_lose_nothing(
    portal: Page, live_server: Any, console_messages: list[str]
) -> None:
    first, second, third = waiting(3)
    portal.goto(f"{live_server.url}/review/")

    def lost(route: Any) -> None:
        route.fetch()
        route.abort()

    portal.route("**/review/decide/", lost, times=1)
    press(portal, "a")
    all_sent(portal)
    portal.route("**/review/decide/", lambda route: route.abort())
    press(portal, "a")
    expect(portal.locator("[data-unsent]")).to_contain_text("1 waiting to be sent")
    portal.reload()
    assert shown(portal) == third
    expect(portal.locator("[data-unsent]")).to_contain_text("1 waiting to be sent")
    portal.unroute("**/review/decide/")
    all_sent(portal)
    assert list(Decision.objects.values_list("result", flat=True)) == [first, second]
    assert all("ERR_FAILED" in line for line in console_messages)
    console_messages.clear()


def test_a_refused_decision_says_so_and_does_not_move(
    portal: Page, live_server: Any, console_messages: list[str]
) -> None:
    first, second, third = waiting(3)
    portal.goto(f"{live_server.url}/review/")
    assert shown(portal) == first
    Result.objects.update(leased_by=None)
    assert approve(Result.objects.get(pk=first), make_user("ann"))
    press(portal, "a")
    toast = portal.get_by_role("status").last
    expect(toast).to_have_text("Not decided: Ada · Dunes tee. ann has approved it already.")
    assert press(portal, "a") == second
    all_sent(portal)
    assert shown(portal) == third
    portal.keyboard.press("ArrowLeft")
    portal.keyboard.press("ArrowLeft")
    assert shown(portal) == first
    assert all("409" in line for line in console_messages)
    console_messages.clear()


def test_signed_out_meanwhile(portal: Page, live_server: Any, mei: User) -> None:
    waiting(2)
    portal.goto(f"{live_server.url}/review/")
    cookies = portal.context.cookies()
    portal.context.clear_cookies(name="sessionid")
    press(portal, "a")
    expect(portal.get_by_role("alert")).to_contain_text("You are signed out")
    portal.context.add_cookies(cookies)
    portal.get_by_role("link", name="Sign in").click()
    all_sent(portal)
    assert Decision.objects.count() == 1


@pytest.fixture
def beside(browser: Any, live_server: Any) -> Iterator[Page]:
    """Ann's browser."""
    client, context = Client(), browser.new_context(reduced_motion="reduce")
    client.force_login(make_user("ann", is_superuser=True))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    context.add_cookies([cookie | {"url": live_server.url}])
    page = context.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    yield page
    context.close()
    assert messages == []


def test_two_browsers_never_decide_the_same(portal: Page, beside: Page, live_server: Any) -> None:
    waiting(60)
    seen: dict[str, list[int]] = {"mei": [], "ann": []}
    for page in (portal, beside):
        page.goto(f"{live_server.url}/review/")
    for n in range(20):
        seen["mei"].append(press(portal, "a"))
        seen["ann"].append(press(beside, *(("a",), ("r", "1"))[n % 2]))
    for page in (portal, beside):
        all_sent(page)
    assert not set(seen["mei"]) & set(seen["ann"])
    by = Decision.objects.values_list("by__username", "result")
    assert sorted(by) == sorted((name, pk) for name, pks in seen.items() for pk in pks)


def test_leaving_gives_back_what_was_loaded(portal: Page, beside: Page, live_server: Any) -> None:
    first, _second = waiting(2)
    portal.goto(f"{live_server.url}/review/")
    shown(portal)
    beside.goto(f"{live_server.url}/review/")
    expect(beside.get_by_text("Nothing waits for review")).to_be_visible()
    portal.get_by_role("link", name="Leave review").click()
    expect(portal.get_by_role("heading", name="Overview")).to_be_visible()
    # The beacon travels beside the next page.
    for _ in range(20):
        if not beside.locator("#main").is_visible():
            beside.get_by_role("link", name="Look again").click()
    assert shown(beside) == first


def test_it_fits_and_works_by_touch(portal: Page, live_server: Any) -> None:
    waiting(2)
    portal.goto(f"{live_server.url}/review/")
    assert fits(portal)
    portal.set_viewport_size({"width": 390, "height": 844})
    portal.get_by_role("button", name="Reject").click()
    portal.get_by_role("button", name="Colour is off").click()
    portal.get_by_role("button", name="Approve").click()
    portal.get_by_role("button", name="Undo").first.click()
    all_sent(portal)
    assert [d.verdict for d in Decision.objects.all()] == ["rejected", "approved", "pending"]
    portal.goto(f"{live_server.url}/decisions/")
    assert fits(portal)


def test_it_works_without_scripts(browser: Any, live_server: Any, client: Client) -> None:
    first, second = waiting(2)
    client.force_login(make_user("ann", is_superuser=True))
    context = browser.new_context(java_script_enabled=False)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    context.add_cookies([cookie | {"url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/review/")
    page.get_by_role("button", name="Reject").click()
    page.get_by_label("Note for the studio").fill("six fingers")
    page.get_by_role("button", name="Hands or limbs are wrong").click()
    expect(page.get_by_role("status").first).to_have_text("Rejected.")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Nothing waits for review")).to_be_visible()
    context.close()
    assert list(Decision.objects.values_list("result", "note")) == [
        (first, "six fingers"),
        (second, ""),
    ]
