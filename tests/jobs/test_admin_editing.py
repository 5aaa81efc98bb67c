"""What people type in the admin reaches the row; what workers write stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Garment, Person, Tag
from jobs.models import Batch, Comparison, Event, Preset, ProviderAccount, Result
from privacy import consent
from tests.factories import (
    make_account,
    make_batch,
    make_garment,
    make_job,
    make_person,
    make_result,
    make_user,
)
from tests.fake_provider import Fake
from tests.jobs.test_admin import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_it_works(at_desk: Client, boss: User) -> None:
    batch, other = make_batch(name="Monday", budget=5), make_account("other")
    typed = {"name": "Tuesday", "budget": "9.50", "rank": "1"}
    unsafe = {"account": other.pk, "spent": "0", "priority": "-1", "recipe": "{}"}
    answer = at_desk.post(url(Batch, "change", batch.pk), typed | unsafe)
    assert answer.status_code == 302
    fresh = Batch.objects.get()
    assert (fresh.name, str(fresh.budget), fresh.priority) == ("Tuesday", "9.50", 1)
    assert fresh.account == batch.account
    told = {e.to_state: e for e in Event.objects.filter(kind="batch", object_id=batch.pk)}
    assert (told["budget"].why, told["first"].from_state) == ("9.50", "normal")
    assert (told["changed"].why, told["changed"].by) == ("Tuesday", boss)
    assert LogEntry.objects.get().object_id == str(batch.pk)
    page = at_desk.get(url(Batch, "change", batch.pk)).content.decode()
    assert "Tuesday" in page
    assert "9.50" in page


def test_a_batch_keeps_what_was_spent_meanwhile(
    at_desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = make_batch(budget=5)
    model_admin = type(admin.site.get_model_admin(Batch))
    original = model_admin.save_model

    def meanwhile(*args: Any) -> None:
        Batch.objects.update(spent=4, paused_at=timezone.now())
        original(*args)

    monkeypatch.setattr(model_admin, "save_model", meanwhile)
    typed = {"name": "x", "budget": "5", "rank": "0"}
    at_desk.post(url(Batch, "change", batch.pk), typed)
    fresh = Batch.objects.get()
    assert (fresh.name, fresh.spent) == ("x", 4)
    assert fresh.paused_at


def test_batches_are_neither_added_nor_deleted(at_desk: Client) -> None:
    batch = make_batch()
    assert at_desk.get(url(Batch, "add")).status_code == 403
    assert at_desk.post(url(Batch, "delete", batch.pk), {"post": "yes"}).status_code == 403
    bad = at_desk.post(url(Batch, "change", batch.pk), {"name": "", "budget": "-1", "rank": "7"})
    assert bad.status_code == 200
    assert Batch.objects.get().name == batch.name


@pytest.mark.parametrize("make", [make_person, make_garment])
def test_a_photo_measured_meanwhile_keeps_its_facts(
    at_desk: Client, monkeypatch: pytest.MonkeyPatch, make: Any
) -> None:
    asset = make()
    model = type(asset)
    model_admin = type(admin.site.get_model_admin(model))
    original = model_admin.save_model

    def meanwhile(*args: Any) -> None:
        model.objects.update(facts={"seen": 1}, facts_version=9)
        original(*args)

    monkeypatch.setattr(model_admin, "save_model", meanwhile)
    tag = Tag.objects.create(name="autumn")
    typed = {"name": "Renamed", "view": "full", "slot": "top", "photo_type": "flat"}
    typed |= {"height_cm": "178", "size": "M", "season": "AW26", "sku": "", "tags": [tag.pk]}
    assert at_desk.post(url(model, "change", asset.pk), typed).status_code == 302
    fresh = model.objects.get()
    assert (fresh.name, fresh.facts, fresh.facts_version) == ("Renamed", {"seen": 1}, 9)
    assert list(fresh.tags.all()) == [tag]
    own = (fresh.height_cm, fresh.size) if model is Person else fresh.season
    assert own == ((178, "M") if model is Person else "AW26")


def test_no_form_ends_a_withdrawal(at_desk: Client) -> None:
    person = make_person()
    consent.withdraw(person, None)
    typed = {"name": "x", "view": "full", "consent_scope": "publish", "consent_note": "hm"}
    at_desk.post(url(Person, "change", person.pk), typed)
    fresh = Person.objects.get()
    assert fresh.name == "x"
    assert (fresh.consent_withdrawn_at, fresh.consent_note) == (person.consent_withdrawn_at, "")
    page = at_desk.get(url(Person, "change", person.pk)).content.decode()
    assert reverse("person-consent", args=[person.pk]) in page
    assert page.count("Consent withdrawn") >= 2


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"all", "tryon", "none", "ended", "gone"}),
        ("?consent=publish", {"all"}),
        ("?consent=tryon", {"all", "tryon"}),
        ("?consent=none", {"none"}),
        ("?consent=ended", {"ended"}),
        ("?consent=withdrawn", {"gone"}),
    ],
)
def test_persons_by_consent(at_desk: Client, query: str, names: set[str]) -> None:
    make_person(name="all")
    make_person(name="tryon", consent_scope="tryon")
    make_person(name="none", consent_scope="")
    make_person(name="ended", consent_until=timezone.localdate() - timedelta(days=1))
    make_person(name="gone", consent_withdrawn_at=timezone.now())
    found = at_desk.get(url(Person) + query).context["cl"].result_list
    assert {person.name for person in found} == names


def test_tags_lead_to_what_has_them(at_desk: Client) -> None:
    tag = Tag.objects.create(name="autumn")
    tag.garments.add(make_garment(), make_garment())
    tag.persons.add(make_person())
    page = at_desk.get(url(Tag)).content.decode()
    assert f'{url(Garment)}?tags__id__exact={tag.pk}">2<' in page
    assert f'{url(Person)}?tags__id__exact={tag.pk}">1<' in page
    assert at_desk.get(f"{url(Garment)}?tags__id__exact={tag.pk}").context["cl"].result_count == 2


PLAIN = {"name": "House", "samples": "1", "resolution": "-1", "restore_face": "on"}


def test_a_preset_is_typed_in_fields(at_desk: Client, account: ProviderAccount, boss: User) -> None:
    typed = PLAIN | {"account": account.pk, "refine": "on", "extra": '{"seed": 7}'}
    assert at_desk.post(url(Preset, "add"), typed).status_code == 302
    preset = Preset.objects.get()
    assert (preset.created_by, preset.recipe["refine"]) == (boss, True)
    assert preset.recipe["extra"] == {"seed": 7}
    page = at_desk.get(url(Preset)).content.decode()
    assert "Refine afterwards" in page
    page = at_desk.get(url(Preset, "change", preset.pk)).content.decode()
    assert "seed" in page
    at_desk.post(url(Preset, "change", preset.pk), PLAIN | {"account": account.pk})
    assert Preset.objects.get().recipe == preset.recipe | {"refine": False, "extra": {}}


@pytest.mark.parametrize(
    "change",
    [
        {"samples": "2"},
        {"samples": "0"},
        {"samples": "99"},
        {"model": "unknown"},
        {"extra": "[1]"},
        {"extra": "{"},
        {"resolution": "x"},
        {"resolution": "1024", "refine": "on"},
        {"account": "9999"},
        {"name": ""},
    ],
)
def test_a_preset_that_cannot_work_is_refused(
    at_desk: Client, account: ProviderAccount, change: dict[str, str]
) -> None:
    answer = at_desk.post(url(Preset, "add"), PLAIN | {"account": account.pk} | change)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert not Preset.objects.exists()


def test_a_preset_of_a_provider_without_a_key(
    at_desk: Client, account: ProviderAccount, fake: Fake, settings: Any
) -> None:
    settings.PROVIDERS["fake"]["OPTIONS"] = {"why": "Set FAKE_KEY."}
    answer = at_desk.post(url(Preset, "add"), PLAIN | {"account": account.pk})
    assert b"Set FAKE_KEY." in answer.content


def test_a_comparison_leads_to_its_batches(at_desk: Client) -> None:
    comparison = Comparison.objects.create(name="Two ways")
    batches = [
        make_batch(account=make_account(alias), comparison=comparison) for alias in ("local", "b")
    ]
    listed = at_desk.get(url(Comparison)).content.decode()
    page = at_desk.get(url(Comparison, "change", comparison.pk)).content.decode()
    for batch in batches:
        assert batch.get_absolute_url() in listed
        assert url(Batch, "change", batch.pk) in page


def test_limits_are_explained(at_desk: Client) -> None:
    page = at_desk.get(url(ProviderAccount, "change", make_account().pk)).content.decode()
    assert "the account pauses and says so" in page
    assert "from the dispatcher" in page


def test_results_are_published_and_say_why_not(at_desk: Client) -> None:
    fine, pending = make_result("approved"), make_result()
    job = make_job("succeeded", person=make_person(name="Noor", consent_scope="tryon"))
    unlike = make_result("approved", job=job)
    chosen = {"_selected_action": [fine.pk, pending.pk, unlike.pk]}
    answer = at_desk.post(url(Result), chosen | {"action": "publish"}, follow=True)
    text = said(answer)
    assert "1 result published." in text
    assert "it is not approved" in text
    assert "Noor: Consent covers try-ons only" in text
    assert list(Result.objects.published()) == [fine]
    answer = at_desk.post(url(Result), chosen | {"action": "unpublish"}, follow=True)
    assert "1 result unpublished." in said(answer)
    assert "2 were left as they are: it was not published" in said(answer)


@pytest.mark.parametrize("kind", ["batch", "step", "result", "account", "person", "garment"])
def test_each_page_tells_what_happened(at_desk: Client, kind: str) -> None:
    result = make_result()
    rows: dict[str, Any] = {"batch": result.job.batch, "step": result.step, "result": result}
    rows |= {"account": make_account(), "person": result.job.person, "garment": result.job.top}
    row = rows[kind]
    teller = make_user("teller")
    Event.record(kind, row.pk, "", "changed", by=teller, why="as <told>")
    Event.record(kind, row.pk + 1000, "", "changed", by=teller, why="of another")
    page = at_desk.get(url(type(row), "change", row.pk)).content.decode()
    assert "as &lt;told&gt;" in page
    assert "teller" in page
    assert "of another" not in page


def test_users_show_their_roles(at_desk: Client) -> None:
    user = make_user("mei")
    user.groups.add(Group.objects.create(name="night shift"))
    assert b"night shift" in at_desk.get(url(User)).content
    assert b">1<" in at_desk.get(url(Group)).content
