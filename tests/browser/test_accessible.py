"""axe-core over every portal page, wide and narrow, light and dark. A new page is one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from jobs.models import Result
from notifications.models import Notification
from review.decide import approve, reject
from tests.browser.conftest import AXE, assert_accessible
from tests.catalog.test_imports_page import make_import
from tests.factories import (
    make_account,
    make_batch,
    make_gallery,
    make_garment,
    make_job,
    make_person,
    make_public,
    make_result,
)
from tests.review.comparison_setup import make_comparison

pytestmark = pytest.mark.skipif(
    not AXE.exists(), reason="AXE-CORE IS MISSING: run deploy/test-packages"
)


def _rows() -> None:
    """Something of everything that a page can show."""
    by = User.objects.get(username="mei")
    make_result("approved")
    approve(make_result(), by)
    reject(make_result(), by, "hands", "six fingers")
    batch = make_batch(budget=1, stopped_at=timezone.now())
    person = make_person(consent_until=timezone.localdate())
    for state in ("queued", "running", "needs_attention", "canceled"):
        make_job(state, batch=batch, person=person)
    make_job("failed", batch=batch, error_kind="throttled", error_code="Throttling")
    make_account("dashscope").pause("No credit is left.")


def _result() -> str:
    return make_result(warnings=["old_garment_skin_coloured"]).get_absolute_url()


def _batch() -> str:
    return make_job("failed", error_kind="content").batch.get_absolute_url()


def _comparisons() -> str:
    make_comparison()
    return reverse("comparisons")


def _rejected() -> Result:
    make_person()
    result = make_result()
    reject(result, None, "other", "something")
    return result


def _pair() -> Result:
    """A pending attempt beside an approved one."""
    old = make_result("approved")
    return make_result(job=make_job("succeeded", attempt_of=old.job))


def _sheet() -> str:
    return f"{reverse('sheet')}?batch={_pair().job.batch_id}&by=person"


def _told() -> str:
    mei = User.objects.get(username="mei")
    for kind in ("ready", "reviewed"):
        Notification.objects.create(user=mei, kind=kind, batch=make_batch())
    return ""


def _garments() -> str:
    return ",".join(str(make_garment(slot).pk) for slot in ("top", "bottom", "dress"))


def _gallery() -> str:
    return make_gallery(make_public(), make_public()).get_absolute_url()


PAGES: dict[str, Callable[[], str]] = {
    "overview": lambda: reverse("overview"),
    "garments": lambda: reverse("garments"),
    "garments, as a list": lambda: f"{reverse('garments')}?view=list",
    "garments, nothing found": lambda: f"{reverse('garments')}?q=nothing",
    "garment": lambda: make_result("approved").job.top.get_absolute_url(),
    "persons": lambda: reverse("persons"),
    "person": lambda: make_result("approved").job.person.get_absolute_url(),
    "consent": lambda: reverse("person-consent", args=[make_person(consent_scope="").pk]),
    "erasing": lambda: reverse("person-erase", args=[make_person().pk]),
    "launch": lambda: f"{reverse('launch')}?persons={make_person().pk}&garments={_garments()}",
    "launch, choosing": lambda: reverse("launch"),
    "imports": lambda: reverse("imports"),
    "import": lambda: make_import(created=2, refused=1).get_absolute_url(),
    "gallery": lambda: reverse("gallery"),
    "gallery, nothing found": lambda: f"{reverse('gallery')}?person={make_person().pk}",
    "batches": lambda: reverse("batches"),
    "batch": _batch,
    "result": _result,
    "job, failed": lambda: make_job("failed").get_absolute_url(),
    "job, unanswered": lambda: make_job("needs_attention").get_absolute_url(),
    "galleries": lambda: _gallery() and reverse("galleries"),
    "a new gallery": lambda: reverse("gallery-new"),
    "a gallery": _gallery,
    "statistics": lambda: reverse("statistics"),
    "statistics, nothing": lambda: f"{reverse('statistics')}?batch={make_batch().pk}",
    "comparisons": _comparisons,
    "comparison": lambda: reverse("comparison", args=[make_comparison().pk]),
    "comparison, results": lambda: reverse("comparison-results", args=[make_comparison().pk]),
    "contact sheet": lambda: reverse("sheet"),
    "contact sheet, by person": lambda: (
        f"{reverse('sheet')}?batch={_pair().job.batch_id}&by=person"
    ),
    "another attempt": lambda: reverse("again", args=[_rejected().pk]),
    "which attempt is kept": lambda: reverse("choose", args=[_pair().pk]),
    "notifications": lambda: f"{reverse('notifications')}?{_told()}",
    "review": lambda: reverse("review"),
    "decisions": lambda: reverse("decisions"),
    "not found": lambda: "/nothing/",
}
WIDTHS = {"wide": (1440, 900), "narrow": (390, 844)}


def _look(page: Page, colours: Any) -> None:
    page.emulate_media(color_scheme=colours, reduced_motion="reduce")
    for width, height in WIDTHS.values():
        page.set_viewport_size({"width": width, "height": height})
        assert_accessible(page)


@pytest.mark.parametrize("name", PAGES)
def test_it_works(portal: Page, live_server: Any, console_messages: list[str], name: str) -> None:
    _rows()
    portal.goto(live_server.url + PAGES[name]())
    for colours in ("light", "dark"):
        _look(portal, colours)
    if name == "not found":
        console_messages.clear()  # the browser itself says that it was answered with 404


def test_an_empty_site(portal: Page, live_server: Any) -> None:
    for name in ("overview", "garments", "persons", "launch", "imports", "gallery", "batches"):
        portal.goto(live_server.url + reverse(name))
        _look(portal, "light")


def test_signing_in_and_its_error(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/login/")
    _look(page, "light")
    page.get_by_label("Username").fill("mei")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    for colours in ("light", "dark"):
        _look(page, colours)


@pytest.mark.usefixtures("compiled_messages")
def test_it_is_accessible_in_chinese(portal: Page) -> None:
    _rows()
    portal.get_by_role("button", name="简体中文").click()
    portal.get_by_role("link", name="概览").click()
    _look(portal, "light")


def test_a_fault_is_found(portal: Page) -> None:
    portal.evaluate("document.querySelector('h1').innerHTML = '<input>'")
    with pytest.raises(AssertionError, match="label"):
        assert_accessible(portal)
