"""Consent in a real browser: recorded, withdrawn, erased, by keyboard and on a small screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from catalog.models import Person
from jobs.models import TryOnJob
from tests.browser.conftest import fits
from tests.factories import make_job, make_person, make_result


def test_it_works(portal: Page, live_server: Any, tmp_path: Path) -> None:
    person = make_person(name="Noor", consent_scope="")
    make_job(person=person)
    result = make_result("approved", job=make_job("succeeded", person=person))
    document = tmp_path / "signed.pdf"
    document.write_bytes(b"%PDF-1.7\n%%EOF\n")

    portal.goto(f"{live_server.url}/persons/{person.pk}/consent/")
    expect(portal.get_by_text("No consent is recorded").first).to_be_visible()
    portal.get_by_label("Try-ons and publishing").check()
    portal.get_by_label("Until").fill("2199-12-31")
    portal.get_by_label("Document").set_input_files(document)
    portal.get_by_label("Note").fill("contract 12")
    portal.get_by_label("Note").press("Enter")
    expect(portal.get_by_text("The consent is recorded.")).to_be_visible()
    expect(portal.get_by_role("link", name="Download the document")).to_be_visible()
    assert fits(portal)
    result.publish(None)

    portal.reload()
    portal.locator("summary", has_text="Withdraw").press("Enter")
    expect(portal.get_by_text("queued try-ons are cancelled")).to_be_visible()
    portal.get_by_role("button", name="Withdraw and unpublish everything").click()
    expect(portal.get_by_text("1 try-on was cancelled.")).to_be_visible()
    expect(portal.get_by_text("1 result was unpublished.")).to_be_visible()

    portal.get_by_role("link", name="Erase this person").click()
    assert fits(portal)
    portal.get_by_label("Type “Noor” to confirm").fill("Noor")
    portal.get_by_role("button", name="Erase for ever").click()
    expect(portal.get_by_text("The person is erased. Try-ons: 2")).to_be_visible()
    assert not Person.objects.filter(pk=person.pk).exists()
    assert not TryOnJob.objects.exists()


def test_a_wrong_document_is_shown_beside_its_field(portal: Page, live_server: Any) -> None:
    person = make_person()
    portal.goto(f"{live_server.url}/persons/{person.pk}/consent/")
    portal.locator("summary", has_text="Renew or change").click()
    page = {"name": "consent.pdf", "mimeType": "application/pdf", "buffer": b"<html>"}
    portal.get_by_label("Document").set_input_files(page)  # type: ignore[arg-type]
    portal.get_by_role("button", name="Save the consent").click()
    expect(portal.get_by_text("This is no PDF, JPEG or PNG.")).to_be_visible()
    expect(portal.get_by_label("Document")).to_be_visible()
