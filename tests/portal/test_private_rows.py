"""Shoppers' rows are private: no page of the portal or the admin shows them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from api import retention
from catalog.models import Person
from catalog.photos.add import add_photo
from catalog.photos.upload import take
from jobs.launch.plan import fingerprints
from jobs.models import Batch, Event, LedgerEntry, ProviderAccount, Result, Step, TryOnJob
from jobs.recipe import Recipe
from notifications.models import Notification
from tests.factories import make_garment, make_job, make_person, make_result, make_user
from tests.pictures import photo

pytestmark = pytest.mark.django_db
SECRET = "Shopper-Of-Her-Own"


@pytest.fixture
def private(db: None) -> Result:
    """One shopper's result, a failed try-on and one that needs attention, beside the team's."""
    shopper = make_user("eve")
    person = make_person(owner=shopper, name=SECRET, consent_until=timezone.localdate())
    values = {"owner": shopper, "person": person, "created_by": shopper}
    for state in ("failed", "needs_attention", "running", "queued"):
        job = make_job(state, **values)
        Batch.objects.filter(pk=job.batch_id).update(name=SECRET)
    result = make_result(job=make_job("succeeded", **values))
    Batch.objects.filter(owner=shopper).update(name=SECRET)
    make_result("approved")
    make_result("pending")
    return result


@pytest.fixture
def staff(client: Client, private: Result) -> Client:
    client.force_login(make_user("boss", is_superuser=True))
    return client


LISTS = (
    *("overview", "launch", "persons", "garments", "gallery", "galleries", "batches", "review"),
    *("sheet", "decisions", "statistics", "comparisons", "imports", "notifications"),
)


@pytest.mark.parametrize("name", LISTS)
def test_lists_do_not_name_it(staff: Client, private: Result, name: str) -> None:
    page = staff.get(reverse(name))
    assert page.status_code == 200
    assert SECRET not in page.content.decode()
    assert private.thumb.name not in page.content.decode()


@pytest.mark.parametrize("query", ["q=Shopper-Of", "persons={person}", "again={batch}"])
def test_addresses_do_not_lead_to_it(staff: Client, private: Result, query: str) -> None:
    filled = query.format(person=private.job.person_id, batch=private.job.batch_id)
    for name in ("persons", "batches", "launch", "sheet"):
        page = staff.get(f"{reverse(name)}?{filled}").content.decode()
        assert SECRET not in page


PAGES: dict[str, Callable[[Result], Any]] = {
    "result": lambda r: r,
    "result-download": lambda r: r,
    "result-provenance": lambda r: r,
    "decide": lambda r: r,
    "again": lambda r: r,
    "choose": lambda r: r,
    "keep": lambda r: r,
    "job": lambda r: r.job,
    "job-repeat": lambda r: r.job,
    "job-cancel": lambda r: r.job,
    "job-settle": lambda r: r.job,
    "batch": lambda r: r.job.batch,
    "batch-progress": lambda r: r.job.batch,
    "batch-pause": lambda r: r.job.batch,
    "batch-resume": lambda r: r.job.batch,
    "batch-priority": lambda r: r.job.batch,
    "batch-budget": lambda r: r.job.batch,
    "batch-cancel": lambda r: r.job.batch,
    "batch-retry": lambda r: r.job.batch,
    "person": lambda r: r.job.person,
    "person-consent": lambda r: r.job.person,
    "person-withdraw": lambda r: r.job.person,
    "person-erase": lambda r: r.job.person,
    "person-document": lambda r: r.job.person,
    "person-mend": lambda r: r.job.person,
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_it_do_not_exist(staff: Client, private: Result, name: str) -> None:
    address = reverse(name, args=[PAGES[name](private).pk])
    answers = {staff.get(address).status_code, staff.post(address).status_code}
    # What is only posted to sends a visitor to the page that does not exist.
    assert answers <= {404, 302, 405}
    assert 404 in answers


@pytest.mark.parametrize("model", [Person, Batch, TryOnJob, Step, Result])
def test_the_administration_does_not_list_it(staff: Client, private: Result, model: Any) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    page = staff.get(reverse(f"{name}_changelist")).content.decode()
    assert SECRET not in page
    path = {Person: "owner", Batch: "owner", Step: "job__owner"}.get(model, "owner")
    row = model._default_manager.filter(**{f"{path}__isnull": False}).first()
    assert staff.get(reverse(f"{name}_change", args=[row.pk])).status_code == 302
    assert model in admin.site._registry


def test_nobody_is_notified(private: Result) -> None:
    make_user("reviewer", is_superuser=True)
    job = TryOnJob.objects.filter(owner__isnull=False, state="running").get()
    job.succeed()
    assert not Notification.objects.exists()


def test_the_same_photo_is_met_by_nobody(private: Result, settings: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    data = photo(600, 800)
    mine = add_photo(Person, data, name=SECRET, owner=private.owner, consent_scope="tryon")
    upload = SimpleUploadedFile("model.jpg", data, "image/jpeg")
    outcome = take(Person, upload, None, consent="tryon")
    assert outcome.kind == "added"
    assert mine not in outcome.alike
    assert outcome.asset not in list(Person.objects.filter(pk=mine.pk))


def test_what_was_made_for_one_is_not_offered_to_another(
    private: Result, account: ProviderAccount
) -> None:
    own, garment = private.job.person, make_garment("top")
    same = make_person(wire_sha256=own.wire_sha256, gender=own.gender)
    names = {
        fingerprints(account, Recipe(), [(person, {"top": garment})])[0] for person in (own, same)
    }
    assert len(names) == 2


def test_what_is_never_answered_is_given_up(private: Result) -> None:
    unclear = TryOnJob.objects.get(owner__isnull=False, state="needs_attention")
    team_job = make_job("needs_attention")
    retention.give_up(timezone.now())
    assert TryOnJob.objects.filter(state="needs_attention").count() == 2
    retention.give_up(timezone.now() + timedelta(days=3))
    unclear.refresh_from_db()
    team_job.refresh_from_db()
    assert (unclear.state, team_job.state) == ("failed", "needs_attention")
    assert Event.objects.filter(job=unclear, to_state="failed").exists()


def test_a_shared_garment_shows_only_the_teams_try_ons(staff: Client, private: Result) -> None:
    page = staff.get(reverse("garment", args=[private.job.top_id])).content.decode()
    assert SECRET not in page
    assert private.job.person.thumb.name not in page
    page = staff.get(reverse("admin:catalog_garment_delete", args=[private.job.top_id]))
    assert SECRET not in page.content.decode()
    assert "Try-ons of shoppers" in page.content.decode()


def test_the_same_photo_is_not_named_where_it_is_erased(staff: Client, private: Result) -> None:
    twin = make_person(sha256=private.job.person.sha256)
    page = staff.get(reverse("person-erase", args=[twin.pk])).content.decode()
    assert SECRET not in page


@pytest.mark.parametrize("name", ["gallery", "review"])
@pytest.mark.parametrize("what", ["person", "batch"])
def test_a_filter_does_not_name_it(staff: Client, private: Result, name: str, what: str) -> None:
    pk = {"person": private.job.person_id, "batch": private.job.batch_id}[what]
    assert SECRET not in staff.get(f"{reverse(name)}?{what}={pk}").content.decode()


def test_its_history_and_money_do_not_name_it(staff: Client, private: Result) -> None:
    job = private.job
    rows = (("job", job.pk, job.pk), ("person", job.person_id, None), ("batch", job.batch_id, None))
    for kind, pk, of in rows:
        Event.record(kind, pk, "", "changed", why=SECRET, job_id=of)
    TryOnJob.objects.filter(pk=job.pk).update(error_code=SECRET)
    entry = LedgerEntry.objects.create(
        **{"batch": job.batch, "step": private.step, "account": job.account, "kind": "settle"},
        **{"amount": Decimal("0.5"), "month": timezone.localdate().replace(day=1)},
    )
    for model in ("event", "tryonjob", "ledgerentry"):
        page = staff.get(reverse(f"admin:jobs_{model}_changelist")).content.decode()
        assert SECRET not in page
    page = staff.get(reverse("admin:jobs_ledgerentry_change", args=[entry.pk])).content.decode()
    assert SECRET not in page
    assert "0.5" in page
    for event in Event.objects.filter(why=SECRET):
        assert staff.get(reverse("admin:jobs_event_change", args=[event.pk])).status_code == 302
