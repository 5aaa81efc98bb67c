"""A merchandiser's Monday, in one go and in both languages: from a photo to a mended failure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from jobs.models import Result, TryOnJob
from providers.contract import Outcome, ProviderError
from providers.image_rules import Rule
from tests.browser.conftest import fits
from tests.factories import make_person
from tests.fake_provider import Fake
from tests.pictures import photo

WORDS = {
    "English": {
        "added": "Added",
        "small": "Short side too short",
        "resize": "Resize",
        "mended": "Mended.",
        "try": "Try on with…",
        "launch": "Launch 2 jobs",
        "failed": "A photo cannot be used",
        "retry": "Retry these with…",
        "launch_one": "Launch 1 job",
        "waits": "0 of 1 finished",
        "done": "1 of 1 finished",
    },
    "简体中文": {
        "added": "已添加",
        "small": "短边过短",
        "resize": "调整尺寸",
        "mended": "已补救",
        "try": "用于试穿…",
        "launch": "发起 2 个任务",
        "failed": "照片无法使用",
        "retry": "换种方式重试…",
        "launch_one": "发起 1 个任务",
        "waits": "已完成 0 / 1",
        "done": "已完成 1 / 1",
    },
}


@pytest.mark.usefixtures("compiled_messages", "account")
@pytest.mark.parametrize("language", WORDS)
def test_it_works(
    portal: Page,
    live_server: Any,
    fake: Fake,
    work: Callable[..., None],
    tmp_path: Path,
    language: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = WORDS[language]
    if language != "English":
        portal.get_by_role("button", name=language).click()
    for name in ("Ada", "Noor"):
        make_person(name=name)

    # Upload, findings, remedy.
    rule = Rule("garment", "short_side", "refuse", "The fake's reference", least=501)
    monkeypatch.setattr(Fake, "image_rules", (rule,))
    portal.goto(f"{live_server.url}/garments/")
    (tmp_path / "tee.jpg").write_bytes(photo(seed=1))
    portal.locator("[data-upload-form] [name=photos]").set_input_files(str(tmp_path / "tee.jpg"))
    row = portal.locator("[data-upload-list] li", has_text="tee.jpg")
    expect(row).to_contain_text(words["added"])
    expect(row).to_contain_text(words["small"])
    row.get_by_role("link").first.click()
    portal.get_by_role("button", name=words["resize"]).first.click()
    expect(portal.get_by_role("status").first).to_contain_text(words["mended"])
    expect(portal.get_by_text(words["small"])).to_have_count(0)

    # Launch.
    portal.get_by_role("button", name=words["try"]).click()
    portal.wait_for_url("**/launch/**")
    for person in portal.locator(".picks label").all():
        person.click()
    portal.locator("[name=do][value=add]").click()
    assert fits(portal)
    portal.get_by_role("button", name=words["launch"]).click()

    # Progress: one of the two fails.
    portal.wait_for_url("**/batches/*/")
    fake.polls.append(Outcome.failed(ProviderError("BadPhoto", kind="input", sent="yes")))
    work()
    assert sorted(TryOnJob.objects.values_list("state", flat=True)) == ["failed", "succeeded"]
    portal.reload()
    expect(portal.get_by_role("heading", name=words["failed"])).to_be_visible()
    assert fits(portal)

    # Retry, with what has failed and nothing else.
    portal.get_by_role("link", name=words["retry"]).click()
    portal.get_by_role("button", name=words["launch_one"]).click()
    portal.wait_for_url("**/batches/*/")
    expect(portal.get_by_role("heading", name=words["waits"])).to_be_visible()
    work()
    expect(portal.get_by_role("heading", name=words["done"])).to_be_visible()
    assert Result.objects.pending_review().count() == 2
