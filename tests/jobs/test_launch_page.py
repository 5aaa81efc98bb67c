from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from catalog.models import Garment, Person
from jobs.models import Batch, ProviderAccount, TryOnJob
from tests.factories import make_account, make_garment, make_person, make_user
from tests.fake_provider import Fake
from tests.jobs.launch_setup import LAUNCH, field, launch, order, show

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> Person:
    return make_person(name="Ada")


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_it_works(mia: Client, account: ProviderAccount, ada: Person) -> None:
    garments = [make_garment("top"), make_garment("dress")]
    wanted = order(account, *garments, persons=[ada], name="Autumn")
    shown = show(mia, wanted)
    assert garments[0].thumb.url in text_of(shown)
    assert b"style=" not in shown.content
    assert "Launch 2 jobs" in text_of(shown)
    assert "¥1.00" in text_of(shown)
    assert not Batch.objects.exists()

    answer = launch(mia, wanted)
    batch = Batch.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, batch.get_absolute_url())
    assert (batch.name, batch.jobs.count(), str(batch.estimate)) == ("Autumn", 2, "1.0000")
    assert batch.created_by
    assert batch.created_by.username == "mia"
    assert batch.recipe["model"] == "fake"
    said = mia.get(batch.get_absolute_url()).context["messages"]
    assert [str(m) for m in said] == ["2 try-ons launched."]


def test_provider_and_model_are_shown_by_name(
    mia: Client, account: ProviderAccount, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fake, "display_name", "Fake Company")
    monkeypatch.setattr(Fake, "model_names", {"fake": "Fake Model"})
    page = " ".join(text_of(show(mia, order(account, make_garment(), persons=[ada]))).split())
    assert "<b>Fake Company</b>" in page
    assert ">Fake Model, " in page
    assert '<option value="fake" selected> Fake Model </option>' in page


def test_the_library_hands_over_its_selection(
    mia: Client, account: ProviderAccount, ada: Person
) -> None:
    garments = [make_garment(), make_garment()]
    ids = [g.pk for g in garments]
    for given in ({"garments": ids}, {"garments": ",".join(map(str, ids))}):
        for answer in (mia.get(LAUNCH, given), mia.post(LAUNCH, given)):
            assert answer.context["selection"].axes.outfits == [(pk,) for pk in ids]
    both = mia.get(f"{LAUNCH}?persons={ada.pk}&garments={ids[0]}&garments={ids[1]}")
    assert "Launch 2 jobs" in text_of(both)


def test_the_admin_hands_over_its_selection(
    client: Client, account: ProviderAccount, boss: Any
) -> None:
    client.force_login(boss)
    garments = [make_garment("top"), make_garment("dress")]
    chosen = {"action": "launch_tryon", "_selected_action": [g.pk for g in garments]}
    answer = client.post(reverse("admin:catalog_garment_changelist"), chosen, follow=True)
    assert answer.redirect_chain[0][0].startswith(LAUNCH)
    assert len(answer.context["selection"].outfits) == 2


def test_the_admin_hands_over_more_than_an_address_holds(
    client: Client, account: ProviderAccount, boss: Any, ada: Person
) -> None:
    client.force_login(boss)
    make_garment()
    first = Garment.objects.get()
    shared = {k: v for k, v in vars(first).items() if k not in ("id", "_state", "name")}
    shared.pop("wire_sha256")
    more = (Garment(name=f"g{n}", wire_sha256=f"{n:063}g", **shared) for n in range(1200))
    Garment.objects.bulk_create(more)
    chosen = {"action": "launch_tryon", "_selected_action": first.pk, "select_across": "1"}
    page = client.post(reverse("admin:catalog_garment_changelist"), chosen)
    assert page.status_code == 200
    wanted = order(account, persons=[ada], outfits=field(page, "outfits"))
    assert "Launch 1201 jobs" in text_of(show(client, wanted))
    assert launch(client, wanted).status_code == 302
    assert Batch.objects.get().jobs.count() == 1201


def test_the_admin_needs_the_right_to(client: Client, account: ProviderAccount) -> None:
    user = make_user()
    user.user_permissions.add(Permission.objects.get(codename="view_garment"))
    client.force_login(user)
    garments = reverse("admin:catalog_garment_changelist")
    make_garment()
    assert b"launch_tryon" not in client.get(garments).content
    assert client.get(LAUNCH).status_code == 403
    assert client.post(LAUNCH, {"do": "launch"}).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="add_batch"))
    assert b"launch_tryon" in client.get(garments).content
    assert client.get(LAUNCH).status_code == 200


def test_a_changed_price_is_shown_before_it_is_paid(
    mia: Client, account: ProviderAccount, ada: Person
) -> None:
    wanted = order(account, make_garment(), persons=[ada])
    again = launch(mia, wanted, refine="on")
    assert "Nothing was launched yet." in text_of(again)
    assert "¥0.80" in text_of(again)
    assert not Batch.objects.exists()
    assert launch(mia, wanted | {"refine": "on"}).status_code == 302


def test_unticked_cells_are_not_launched(
    mia: Client, account: ProviderAccount, ada: Person
) -> None:
    top, dress, noor = make_garment(), make_garment("dress"), make_person(name="Noor")
    wanted = order(account, top, dress, persons=[ada, noor], ticks="0110")
    assert launch(mia, wanted).status_code == 302
    made = TryOnJob.objects.order_by("id").values_list("person", "top", "dress")
    assert list(made) == [(ada.pk, None, dress.pk), (noor.pk, top.pk, None)]


def test_cells_are_unticked_without_scripts(
    mia: Client, account: ProviderAccount, ada: Person
) -> None:
    wanted = order(account, make_garment(), make_garment(), persons=[ada])
    boxes = {"by": "boxes", "shown": "oo", "cell": "1"}
    assert "Launch 1 job" in text_of(show(mia, wanted | boxes))
    heads = {"by": "heads", "shown": "oo", "row": "0", "col": ["0", "1"]}
    assert "Launch 2 jobs" in text_of(show(mia, wanted | heads))
    assert "Launch 0 jobs" in text_of(show(mia, wanted | heads | {"row": []}))


def test_tops_are_combined_with_bottoms(mia: Client, account: ProviderAccount, ada: Person) -> None:
    garments = [make_garment(s) for s in ("top", "top", "bottom", "bottom", "dress")]
    wanted = order(account, *garments, persons=[ada], do="pairs")
    shown = show(mia, wanted)
    assert len(shown.context["selection"].outfits) == 5
    outfits = field(shown, "outfits")
    assert launch(mia, wanted | {"outfits": outfits, "do": ""}).status_code == 302
    made = TryOnJob.objects.values_list("top", "bottom", "dress")
    assert len(set(made)) == 5
    assert sum(dress is not None for _top, _bottom, dress in made) == 1
    apart = show(mia, wanted | {"outfits": outfits, "do": "alone"})
    assert len(apart.context["selection"].outfits) == 5
    assert not apart.context["state"].paired


def test_rows_and_columns_without_a_tick_are_removed(
    mia: Client, account: ProviderAccount, ada: Person
) -> None:
    top, other, noor = make_garment(), make_garment(), make_person()
    wanted = order(account, top, other, persons=[ada, noor], ticks="0100", do="tidy")
    axes = show(mia, wanted).context["selection"].axes
    assert axes == ([ada.pk], [(other.pk,)])


@pytest.mark.parametrize(
    "bad",
    [
        {"outfits": ""},
        {"outfits": "abc"},
        {"outfits": "1 OR 1=1"},
        {"outfits": "9" * 30},
        {"outfits": "999999"},
        {"outfits": "+,+"},
        {"persons": ""},
        {"persons": "abc"},
        {"persons": "9" * 30},
        {"account": "x"},
        {"account": "9" * 30},
        {"model": "nobody's"},
        {"resolution": "7"},
        {"samples": "9" * 30},
        {"budget": "NaN"},
        {"name": "x" * 121},
        {"ticks": "22"},
        {"agreed": ""},
        {"token": ""},
        {"token": "x" * 32},
        {"again": "9" * 30},
    ],
    ids=str,
)
def test_hostile_orders_are_refused(
    mia: Client, account: ProviderAccount, ada: Person, bad: dict[str, Any]
) -> None:
    answer = launch(mia, order(account, make_garment(), persons=[ada]), **bad)
    if "again" in bad or "ticks" in bad:
        assert answer.status_code == 302  # nothing that could be misunderstood
        return
    assert (answer.status_code, Batch.objects.count()) == (200, 0)
    assert "Nothing was launched" in text_of(answer)


def test_an_enormous_matrix_is_cut_and_shown(mia: Client, account: ProviderAccount) -> None:
    wanted = order(account, persons=[])
    ids = ",".join(map(str, range(1, 90_000)))
    answer = show(mia, wanted | {"persons": ids, "outfits": ids})
    assert answer.status_code == 200
    assert "Left out:" in text_of(answer)


def test_archived_photos_are_left_out_and_shown(
    mia: Client, account: ProviderAccount, ada: Person
) -> None:
    archived = make_garment(archived_at="2026-01-01T00:00Z")
    shown = text_of(show(mia, order(account, archived, make_garment(), persons=[ada])))
    assert "Left out: 1 of the chosen." in shown
    assert "Launch 1 job" in shown


def test_what_was_made_before_is_offered(
    mia: Client, account: ProviderAccount, ada: Person
) -> None:
    old, new = make_garment(), make_garment()
    launch(mia, order(account, old, persons=[ada]))
    job = TryOnJob.objects.get()
    wanted = order(account, old, new, persons=[ada])
    shown = text_of(show(mia, wanted))
    assert "Launch 1 job" in shown
    assert "On its way" in shown
    assert job.get_absolute_url() in shown
    stale = launch(mia, wanted, agreed=f"{account.pk}:2:1.00")
    assert stale.status_code == 200
    answer = mia.get(launch(mia, wanted)["Location"])
    assert "1 was made before or is on its way" in text_of(answer)
    assert list(Batch.objects.latest("id").reused_jobs.all()) == [job]
    assert "Launch 0 jobs" in text_of(show(mia, wanted))
    assert "Launch 2 jobs" in text_of(show(mia, wanted | {"ticks": "22"}))
    assert launch(mia, wanted | {"ticks": "22"}).status_code == 302
    assert TryOnJob.objects.filter(forced=True).count() == 2


def test_the_same_photos_in_two_cells_are_made_once(
    mia: Client, account: ProviderAccount, ada: Person
) -> None:
    one, other = make_garment(), make_garment()
    Garment.objects.update(wire_sha256="f" * 64)
    shown = text_of(show(mia, order(account, one, other, persons=[ada])))
    assert "Same photos" in shown
    assert "Launch 1 job" in shown


def test_a_launch_over_its_cap_is_refused_before_it_is_agreed_to(
    mia: Client, account: ProviderAccount, ada: Person
) -> None:
    ProviderAccount.objects.filter(pk=account.pk).update(month_budget="0.60")
    wanted = order(account, make_garment(), make_garment(), persons=[ada], budget="0.80")
    shown = text_of(show(mia, wanted))
    assert "This launch costs up to 1.00 CNY, its budget is 0.80 CNY." in shown
    assert "Of this month’s budget of 0.60 CNY, 0.00 CNY are spent or reserved." in shown
    assert "¥0.60 of ¥0.60" in shown
    assert 'aria-describedby="over" disabled' in " ".join(shown.split())
    refused = launch(mia, wanted)
    assert refused.status_code == 200
    assert "This launch costs up to 1.00 CNY" in text_of(refused)
    assert not Batch.objects.exists()


def test_only_offered_accounts_can_be_chosen(
    mia: Client, settings: Any, ada: Person, account: ProviderAccount
) -> None:
    settings.PROVIDERS = settings.PROVIDERS | {
        "keyless": {"BACKEND": "tests.fake_provider.Fake", "OPTIONS": {"why": "No key is set."}}
    }
    keyless = make_account("keyless")
    account.pause("budget spent")
    garment = make_garment()
    shown = text_of(show(mia, order(account, garment, persons=[ada])))
    assert "Paused: budget spent" in " ".join(shown.split())
    assert "Not offered: No key is set." in " ".join(shown.split())
    answer = launch(mia, order(account, garment, persons=[ada]), account=keyless.pk)
    assert "No key is set." in text_of(answer)
    assert not Batch.objects.exists()


def test_a_double_click_launches_once(mia: Client, account: ProviderAccount, ada: Person) -> None:
    wanted = order(account, make_garment(), persons=[ada])
    launch(mia, wanted)
    token = field(show(mia, wanted), "token")
    insisted = wanted | {"ticks": "2"}
    first = launch(mia, insisted, token=token)
    second = launch(mia, insisted, token=token)
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert Batch.objects.count() == 2


def test_an_empty_library_says_what_to_do(mia: Client, account: ProviderAccount) -> None:
    assert reverse("person-upload") not in text_of(mia.get(LAUNCH))
    rights = Permission.objects.filter(codename__in=["add_person", "add_garment"])
    User.objects.get(username="mia").user_permissions.add(*rights)
    shown = text_of(mia.get(LAUNCH))
    assert "No model photos yet" in shown
    assert reverse("person-upload") in shown
    make_person()
    shown = text_of(mia.get(LAUNCH, {"pick": "garments"}))
    assert "No garments yet" in shown
    assert reverse("garment-upload") in shown


def test_queries_do_not_grow_with_cells(
    mia: Client, account: ProviderAccount, ada: Person, django_assert_num_queries: Any
) -> None:
    garments = [make_garment() for _n in range(12)]
    persons = [ada, make_person(), make_person()]
    launch(mia, order(account, *garments[:3], persons=persons))
    for few, some in ((1, 1), (2, 12), (3, 12)):
        with django_assert_num_queries(10):
            show(mia, order(account, *garments[:some], persons=persons[:few]))


def test_launching_takes_few_queries(
    mia: Client, account: ProviderAccount, ada: Person, django_assert_max_num_queries: Any
) -> None:
    garments = [make_garment() for _n in range(40)]
    with django_assert_max_num_queries(60):
        launch(mia, order(account, *garments, persons=[ada]))
    assert TryOnJob.objects.count() == 40
    assert all(job.steps.count() == 1 for job in TryOnJob.objects.all())
