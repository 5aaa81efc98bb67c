from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jobs.launch import create
from jobs.models import Batch, Step, TryOnJob
from tests.browser.conftest import fits
from tests.factories import make_batch, make_job, make_person, make_result

WORDS = {
    "English": {
        "pause": "Pause",
        "resume": "Resume",
        "paused": "Paused",
        "running": "Running",
        "all_use": "All of them use",
        "retry": "Retry 2",
        "otherwise": "Retry these with…",
        "again": "Again, with…",
    },
    "简体中文": {
        "pause": "暂停",
        "resume": "恢复",
        "paused": "已暂停",
        "running": "进行中",
        "all_use": "全部都用到了",
        "retry": "重试 2 个",
        "otherwise": "换种方式重试…",
        "again": "以此再次发起…",
    },
}


def test_it_works(portal: Page, live_server: Any) -> None:
    job = make_job("running", step_state="remote")
    other = make_job("queued", batch=job.batch)
    portal.goto(live_server.url + job.batch.get_absolute_url())
    card = portal.locator(f"[data-job='{job.pk}']")
    expect(card).to_contain_text("Running")
    result = make_result(job=job)
    job.succeed()
    expect(card).to_contain_text("Succeeded")
    assert result.thumb.url in (card.locator("img").get_attribute("src") or "")
    expect(portal.get_by_role("heading", name="1 of 2 finished")).to_be_visible()
    other.cancel()
    expect(portal.get_by_role("button", name="Cancel batch")).to_be_hidden()
    expect(portal.locator("[data-overall-state]")).to_have_text("Finished")
    assert fits(portal)


def test_cancelling_says_first_what_it_stops(portal: Page, live_server: Any) -> None:
    job = make_job()
    portal.goto(live_server.url + job.batch.get_absolute_url())
    portal.get_by_role("button", name="Cancel batch").click()
    dialog = portal.get_by_role("dialog")
    expect(dialog).to_contain_text("1 job that has not been sent stops now")
    expect(dialog.get_by_role("button", name="Keep running")).to_be_focused()
    dialog.get_by_role("button", name="Cancel 1 job").click()
    expect(portal.get_by_role("status").first).to_have_text("1 job canceled.")


def test_a_lost_connection_is_shown_until_it_is_back(portal: Page, live_server: Any) -> None:
    job = make_job()
    portal.goto(live_server.url + job.batch.get_absolute_url())
    portal.route("**/progress/**", lambda route: route.fulfill(status=204))
    expect(portal.get_by_text("The connection is gone.")).to_be_visible()
    portal.unroute("**/progress/**")
    expect(portal.get_by_text("The connection is gone.")).to_be_hidden()


@pytest.mark.usefixtures("compiled_messages")
@pytest.mark.parametrize("language", WORDS)
def test_from_progress_to_failures_to_a_retry(
    portal: Page, live_server: Any, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(create.registry, "unavailable_reason", lambda alias: "")
    texts = WORDS[language]
    batch, leo = make_batch(name="Spring", recipe={}), make_person(name="Leo")
    busy = {"error_code": "Throttling", "error_kind": "throttled"}
    for _ in range(2):
        make_job("failed", batch=batch, person=leo, **busy)
    running = make_job("running", batch=batch)
    if language != "English":
        portal.get_by_role("button", name=language).click()
    portal.goto(live_server.url + batch.get_absolute_url())
    expect(portal.locator("[data-overall-state]")).to_have_text(texts["running"])
    expect(portal.locator(".causes")).to_contain_text(texts["all_use"])
    expect(portal.locator(".causes").get_by_role("link", name="Leo", exact=True)).to_be_visible()
    otherwise = portal.get_by_role("link", name=texts["otherwise"])
    assert otherwise.get_attribute("href") == f"/launch/?again={batch.pk}&code=Throttling"
    again = portal.get_by_role("link", name=texts["again"])
    assert again.get_attribute("href") == f"/launch/?again={batch.pk}"
    assert fits(portal)
    portal.locator(".causes").get_by_role("button", name=texts["retry"]).click()
    expect(portal.locator(".causes")).to_have_count(0)
    expect(portal.locator("[data-count=queued]")).to_have_text("2")
    running.succeed()
    expect(portal.locator("[data-count=succeeded]")).to_have_text("1")


@pytest.mark.usefixtures("compiled_messages")
@pytest.mark.parametrize("language", WORDS)
def test_a_batch_is_paused_and_resumed(portal: Page, live_server: Any, language: str) -> None:
    texts, batch = WORDS[language], make_job().batch
    if language != "English":
        portal.get_by_role("button", name=language).click()
    portal.goto(live_server.url + batch.get_absolute_url())
    portal.get_by_role("button", name=texts["pause"], exact=True).click()
    expect(portal.locator("[data-overall-state]")).to_have_text(texts["paused"])
    assert Batch.objects.get().paused_at is not None
    assert fits(portal)
    portal.get_by_role("button", name=texts["resume"], exact=True).click()
    expect(portal.get_by_role("button", name=texts["pause"], exact=True)).to_be_visible()
    assert Batch.objects.get().paused_at is None


def test_money_and_pauses_of_others_arrive_by_themselves(portal: Page, live_server: Any) -> None:
    batch = make_batch(estimate=Decimal("2"))
    job = make_job("running", batch=batch)
    make_job("queued", batch=batch)
    portal.goto(live_server.url + batch.get_absolute_url())
    Step.objects.filter(job=job).update(cost=Decimal("0.80"))
    Batch.objects.update(spent=Decimal("0.80"))
    expect(portal.locator("[data-spend=billed]")).to_have_text("¥0.80")
    expect(portal.locator("meter")).to_have_js_property("value", 0.8)
    expect(portal.locator("[data-stale=held]")).to_be_hidden()
    batch.pause()
    expect(portal.locator("[data-stale=held]")).to_be_visible()


def test_its_turn_is_chosen(portal: Page, live_server: Any) -> None:
    batch = make_job().batch
    portal.goto(live_server.url + batch.get_absolute_url())
    portal.get_by_label("Priority").select_option("Before others")
    portal.get_by_role("button", name="Change its turn").click()
    expect(portal.get_by_role("status").first).to_have_text("Priority changed.")
    portal.get_by_text("History").click()
    expect(portal.locator(".history")).to_contain_text("Before others")


def test_the_list_is_filtered_and_searched(portal: Page, live_server: Any) -> None:
    make_result(job=make_job("succeeded", batch=make_batch(name="Winter")))
    make_job(batch=make_batch(name="Spring"))
    portal.goto(f"{live_server.url}/batches/")
    expect(portal.locator(".batches > li")).to_have_count(2)
    portal.get_by_role("link", name="Finished").click()
    expect(portal.locator(".batches > li")).to_contain_text("Winter")
    portal.get_by_role("searchbox").fill("spring")
    portal.get_by_role("button", name="Search").click()
    expect(portal.get_by_role("heading", name="No batch named “spring” here")).to_be_visible()
    portal.get_by_role("link", name="Show all").click()
    expect(portal.locator(".batches > li")).to_have_count(2)
    assert fits(portal)
    assert TryOnJob.objects.count() == 2
