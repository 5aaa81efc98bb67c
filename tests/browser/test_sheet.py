"""The contact sheet by keyboard alone, in both languages and on a small screen."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jobs.models import Result
from notifications.models import Notification
from review.decide import reject
from review.models import Decision
from tests.browser.conftest import fits
from tests.factories import make_batch, make_garment, make_job, make_person, make_result

WORDS = {
    "English": {"selected": "3 selected", "hands": "Hands or limbs", "done": "3 results rejected."},
    "简体中文": {"selected": "已选 3 项", "hands": "手", "done": "已驳回 3 个结果。"},
}


def rows(n: int) -> list[Result]:
    """Results of one batch, the first of the page first."""
    batch, person, top = make_batch(), make_person(name="Ada"), make_garment(name="Tee")
    jobs = [make_job("succeeded", batch=batch, person=person, top=top) for _ in range(n)]
    return [make_result(job=job) for job in jobs][::-1]


def ticked(page: Page) -> list[int]:
    values = page.locator("[name=ids]:checked").evaluate_all("all => all.map(b => b.value)")
    return [int(value.partition(".")[0]) for value in values]


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.usefixtures("compiled_messages")
def test_it_works(portal: Page, live_server: Any, language: str) -> None:
    """Tick, extend, reject with the fourth reason: no mouse."""
    words, results = WORDS[language], rows(6)
    portal.goto(f"{live_server.url}/sheet/")
    if language != "English":
        portal.get_by_role("button", name=language).click()
        portal.goto(f"{live_server.url}/sheet/")
    bar = portal.locator("[data-bulk-bar]")
    expect(bar).to_be_hidden()
    portal.locator("[name=ids]").first.focus()
    portal.keyboard.press("Space")
    portal.keyboard.press("Shift+ArrowRight")
    portal.keyboard.press("Shift+ArrowRight")
    expect(bar.locator("output")).to_have_text(words["selected"])
    assert ticked(portal) == [result.pk for result in results[:3]]
    portal.keyboard.press("r")
    expect(portal.locator("[data-focus-key=r]")).to_be_focused()
    portal.keyboard.press("Enter")
    expect(portal.locator("[data-reason='1']")).to_be_focused()
    expect(portal.locator("#why")).to_contain_text(words["hands"])
    portal.keyboard.press("4")
    expect(portal.get_by_role("status").first).to_contain_text(words["done"])
    decisions = Decision.objects.values_list("result", "verdict", "reason", "by__username")
    assert sorted(decisions) == sorted((r.pk, "rejected", "hands", "mei") for r in results[:3])
    assert fits(portal)


def test_arrows_follow_the_rows_on_the_screen(portal: Page, live_server: Any) -> None:
    portal.set_viewport_size({"width": 800, "height": 800})
    results = rows(60)
    portal.goto(f"{live_server.url}/sheet/")
    tops = portal.locator(".cell").evaluate_all("all => all.map(c => c.offsetTop)")
    wide = tops.count(tops[0])
    assert 2 < wide < 60
    boxes = portal.locator("[name=ids]")
    boxes.nth(1).focus()
    portal.keyboard.press("ArrowDown")
    expect(boxes.nth(1 + wide)).to_be_focused()
    portal.keyboard.press("ArrowUp")
    portal.keyboard.press("ArrowLeft")
    expect(boxes.nth(0)).to_be_focused()
    # They only move: nothing is ticked, and Return alone approves nothing.
    assert ticked(portal) == []
    portal.keyboard.press("Space")
    portal.keyboard.press("a")
    expect(portal.locator("[data-focus-key=a]")).to_be_focused()
    # The bar floats over the page: what was ticked stays in sight.
    assert portal.evaluate("scrollY") == 0
    portal.keyboard.press("Escape")
    expect(portal.locator("[data-bulk-bar]")).to_be_hidden()
    expect(boxes.nth(0)).to_be_focused()
    portal.keyboard.press("Enter")
    portal.wait_for_url(f"**{results[0].get_absolute_url()}")
    assert not Decision.objects.exists()


def test_return_in_the_note_sends_nothing(portal: Page, live_server: Any) -> None:
    rows(2)
    portal.goto(f"{live_server.url}/sheet/")
    portal.locator("[name=ids]").first.check()
    portal.locator("[data-focus-key=r]").click()
    note = portal.locator("#note")
    note.fill("r1 a")
    note.press("Enter")
    expect(note).to_be_visible()
    assert not Decision.objects.exists()
    portal.get_by_role("button", name="Print or logo distorted").click()
    expect(portal.get_by_role("status").first).to_contain_text("1 result rejected.")
    assert Decision.objects.get().note == "r1 a"


def test_a_group_is_selected_and_the_size_is_kept(portal: Page, live_server: Any) -> None:
    results = rows(3)
    make_result(job=make_job("succeeded", batch=results[0].job.batch))
    address = f"{live_server.url}/sheet/?batch={results[0].job.batch_id}&by=person"
    portal.goto(address)
    portal.get_by_role("button", name="Select these 3").click()
    assert sorted(ticked(portal)) == sorted(result.pk for result in results)
    before = portal.locator(".cell").first.bounding_box()
    portal.locator("[data-tile-size]").fill("208")
    portal.goto(address)
    after = portal.locator(".cell").first.bounding_box()
    assert before
    assert after
    assert after["width"] > before["width"]
    assert fits(portal)


def test_what_somebody_else_decided_meanwhile_is_named(portal: Page, live_server: Any) -> None:
    results = rows(2)
    portal.goto(f"{live_server.url}/sheet/")
    assert reject(Result.objects.get(pk=results[1].pk), None, "face")
    for box in portal.locator("[name=ids]").all():
        box.check()
    portal.locator("[data-focus-key=a]").click()
    expect(portal.locator("main")).to_contain_text("1 result approved.")
    expect(portal.locator("main")).to_contain_text("1 had been decided meanwhile")


def test_notifications_are_counted_and_read(portal: Page, live_server: Any, mei: Any) -> None:
    Notification.objects.create(user=mei, kind="ready", batch=make_batch(name="Spring"))
    portal.goto(f"{live_server.url}/notifications/")
    notifications = portal.locator(".rail [data-unread-url]")
    expect(notifications).to_contain_text("1 unread")
    assert fits(portal)
    portal.get_by_role("button", name="Mark all as read").click()
    expect(notifications.locator("[data-unread]")).to_be_hidden()


def test_choosing_between_two_attempts(portal: Page, live_server: Any) -> None:
    old = make_result("approved")
    new = make_result(job=make_job("succeeded", attempt_of=old.job))
    portal.goto(live_server.url + new.get_absolute_url())
    portal.keyboard.press("a")
    expect(portal.get_by_role("heading", name="Which attempt is kept?")).to_be_visible()
    assert fits(portal)
    portal.get_by_role("button", name="Keep this one instead").click()
    expect(portal.get_by_role("status").first).to_contain_text("The better one is kept.")
    old.refresh_from_db()
    assert old.review == "rejected"
