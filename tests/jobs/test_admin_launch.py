from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from catalog.models import Garment
from jobs.admin.readonly import page_of
from jobs.models import Batch, ProviderAccount, TryOnJob
from tests.builders import make_account, make_garment, make_person, make_user

from .fake import Fake
from .test_admin import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


@pytest.fixture
def launching() -> str:
    return reverse("admin:catalog_garment_launch")


def order(account: ProviderAccount, *garments: Garment, **more: Any) -> dict[str, Any]:
    ids = ",".join(str(g.pk) for g in garments)
    person = more.pop("person", None) or make_person()
    fields = {"garments": ids, "persons": [person.pk], "account": account.pk, "combine": "alone"}
    return fields | more


def test_it_works(at_desk: Client, account: ProviderAccount, boss: User, launching: str) -> None:
    garments = [make_garment("top"), make_garment("dress")]
    chosen = {"action": "launch_tryon", "_selected_action": [g.pk for g in garments]}
    first = at_desk.post(url(Garment), chosen)
    assert garments[0].thumb.url in first.content.decode()
    assert b"style=" not in first.content
    assert "Show number and price" in first.content.decode()

    wanted = order(account, *garments, name="Autumn", keep_rest="")
    shown = at_desk.post(launching, wanted).content.decode()
    assert "Launch 2 try-ons for 1.00 CNY" in shown
    assert not Batch.objects.exists()

    answer = at_desk.post(launching, wanted | {"agreed": "2:1.00"})
    batch = Batch.objects.get()
    target = page_of(batch) or url(Batch, "change", batch.pk)
    assert (answer.status_code, answer["Location"]) == (302, target)
    assert (batch.name, batch.created_by, batch.jobs.count()) == ("Autumn", boss, 2)
    assert batch.recipe["model"] == "fake"
    said = at_desk.get(url(Batch, "change", batch.pk)).context["messages"]
    assert [str(m) for m in said] == ["2 try-ons launched."]


def test_a_changed_price_is_shown_before_it_is_paid(
    at_desk: Client, account: ProviderAccount, launching: str
) -> None:
    wanted = order(account, make_garment("top"), refine="on", agreed="1:0.50")
    shown = at_desk.post(launching, wanted).content.decode()
    assert "Launch 1 try-on for 0.80 CNY" in shown
    assert not Batch.objects.exists()


def test_missing_consent_is_told_before_a_price(
    at_desk: Client, account: ProviderAccount, launching: str
) -> None:
    person = make_person(name="Noor", consent_scope="")
    wanted = order(account, make_garment("top"), person=person, agreed="1:0.50")
    shown = at_desk.post(launching, wanted).content.decode()
    assert "Noor: No consent is recorded" in shown
    assert "Launch 1 try-on" not in shown
    assert not Batch.objects.exists()


def test_tops_are_combined_with_bottoms(
    at_desk: Client, account: ProviderAccount, launching: str
) -> None:
    garments = [make_garment(s) for s in ("top", "top", "bottom", "bottom", "dress")]
    wanted = order(account, *garments, combine="pairs", agreed="5:2.50")
    assert at_desk.post(launching, wanted).status_code == 302
    outfits = TryOnJob.objects.values_list("top", "bottom", "dress")
    assert len(set(outfits)) == 5
    assert sum(dress is not None for _top, _bottom, dress in outfits) == 1


def test_pairs_need_a_top_and_a_bottom(
    at_desk: Client, account: ProviderAccount, launching: str
) -> None:
    wanted = order(account, make_garment("top"), combine="pairs", agreed="0:0.00")
    assert (
        "Choose at least one top and one bottom."
        in at_desk.post(launching, wanted).content.decode()
    )
    assert not Batch.objects.exists()


def test_refusals_are_shown_and_nothing_is_queued(
    at_desk: Client, account: ProviderAccount, launching: str
) -> None:
    dress, person = make_garment("dress"), make_person(gender="")
    wanted = order(account, dress, person=person, keep_rest="on", refine="on", agreed="1:0.804")
    shown = at_desk.post(launching, wanted).content.decode()
    assert "Keeping the other half needs a top alone or a bottom alone." in shown
    assert "Refining needs the person&#x27;s gender" in shown
    assert not Batch.objects.exists()


def test_only_offered_accounts_are_offered(
    at_desk: Client, fake: Fake, settings: Any, launching: str
) -> None:
    settings.PROVIDERS = settings.PROVIDERS | {
        "keyless": {"BACKEND": "tests.jobs.fake.Fake", "OPTIONS": {"why": "No key is set."}}
    }
    ready, keyless = make_account("fake"), make_account("keyless")
    ready.pause("budget spent")
    shown = at_desk.post(
        launching, order(keyless, make_garment(), agreed="1:0.50")
    ).content.decode()
    assert f'<option value="{ready.pk}">fake (Paused: budget spent)</option>' in shown
    assert f'<option value="{keyless.pk}"' not in shown
    assert "keyless is not offered: No key is set." in shown
    assert "<li>No key is set.</li>" in shown
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"garments": ""},
        {"garments": "abc"},
        {"garments": "1 OR 1=1"},
        {"garments": "9" * 30},
        {"garments": "999999"},
        {"persons": []},
        {"persons": ["abc"]},
        {"persons": ["9" * 30]},
        {"account": "x"},
        {"account": "9" * 30},
        {"model": "nobody's"},
        {"combine": "x"},
        {"name": "x" * 121},
    ],
    ids=str,
)
def test_hostile_orders_are_refused(
    at_desk: Client, account: ProviderAccount, launching: str, bad: dict[str, Any]
) -> None:
    wanted = order(account, make_garment(), agreed="1:0.50") | bad
    answer = at_desk.post(launching, wanted)
    assert (answer.status_code, Batch.objects.count()) == (200, 0)
    assert answer.context["form"].errors


def test_archived_photos_are_not_launched(
    at_desk: Client, account: ProviderAccount, launching: str
) -> None:
    garment = make_garment(archived_at="2026-01-01T00:00Z")
    assert at_desk.post(launching, order(account, garment, agreed="1:0.50")).status_code == 200
    person = make_person(archived_at="2026-01-01T00:00Z")
    wanted = order(account, make_garment(), person=person, agreed="1:0.50")
    assert at_desk.post(launching, wanted).status_code == 200
    assert not Batch.objects.exists()


def test_a_plain_visit_leads_to_the_garments(at_desk: Client, launching: str) -> None:
    assert at_desk.get(launching)["Location"] == url(Garment)


def test_what_was_made_before_is_offered(
    at_desk: Client, account: ProviderAccount, launching: str
) -> None:
    old, new, person = make_garment(), make_garment(), make_person()
    first = at_desk.post(launching, order(account, old, person=person, agreed="1:0.50"))
    assert first.status_code == 302
    job = TryOnJob.objects.get()
    wanted = order(account, old, new, person=person)
    shown = at_desk.post(launching, wanted | {"agreed": "2:1.00"}).content.decode()
    assert "Launch 1 try-on for 0.50 CNY" in shown
    assert job.get_absolute_url() in shown
    answer = at_desk.post(launching, wanted | {"agreed": "1:0.50"}, follow=True)
    assert "1 was made before or is on its way" in answer.content.decode()
    assert list(Batch.objects.latest("id").offered.all()) == [job]
    # The same once more: a doubled click.
    twice = at_desk.post(launching, wanted | {"agreed": "0:0.00"}).content.decode()
    assert "All 2 try-ons were made before or are on their way" in twice
    assert (
        "Launch 2 try-ons for 1.00 CNY"
        in at_desk.post(launching, wanted | {"again": "on"}).content.decode()
    )
    assert Batch.objects.count() == 2


def test_a_launch_over_its_budget_is_told_before_it_is_agreed_to(
    at_desk: Client, account: ProviderAccount, launching: str
) -> None:
    ProviderAccount.objects.filter(pk=account.pk).update(month_budget="0.60")
    wanted = order(account, make_garment(), make_garment(), budget="0.80")
    shown = at_desk.post(launching, wanted).content.decode()
    assert "This launch costs up to 1.00 CNY, its budget is 0.80 CNY." in shown
    assert "Of this month’s budget of 0.60 CNY, 0.00 CNY are spent or reserved." in shown
    assert "Spent or reserved this month: 0.00 of 0.60 CNY." in shown
    refused = at_desk.post(launching, wanted | {"agreed": "2:1.00"}).content.decode()
    assert "Nothing was launched." in refused
    assert not Batch.objects.exists()


def test_launching_needs_the_right_to(
    client: Client, account: ProviderAccount, launching: str
) -> None:
    user, garment = make_user(), make_garment()
    user.user_permissions.add(Permission.objects.get(codename="view_garment"))
    client.force_login(user)
    assert b"launch_tryon" not in client.get(url(Garment)).content
    assert client.post(launching, order(account, garment, agreed="1:0.50")).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="add_batch"))
    assert b"launch_tryon" in client.get(url(Garment)).content
    assert client.post(launching, order(account, garment, agreed="1:0.50")).status_code == 302
    assert Batch.objects.count() == 1


def test_many_garments_fit_into_one_field(
    at_desk: Client, account: ProviderAccount, launching: str
) -> None:
    make_garment()
    first = Garment.objects.get()
    shared = {k: v for k, v in vars(first).items() if k not in ("id", "_state", "name")}
    shared.pop("wire_sha256")
    more = (Garment(name=f"g{n}", wire_sha256=f"{n:063}g", **shared) for n in range(1200))
    Garment.objects.bulk_create(more)
    chosen = {"action": "launch_tryon", "_selected_action": first.pk, "select_across": "1"}
    at_desk.post(url(Garment), chosen)
    shown = at_desk.post(launching, order(account, *Garment.objects.all())).content.decode()
    assert "Launch 1201 try-ons for 600.50 CNY" in shown
