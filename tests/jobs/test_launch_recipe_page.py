"""The recipe panel: what a provider has, recipes kept by name, several providers at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.models import Garment, Person
from jobs.launch import create
from jobs.launch.create import launch_plan
from jobs.launch.plan import Plan
from jobs.models import Batch, Comparison, Preset, ProviderAccount, TryOnJob
from providers import registry
from tests.factories import client_of, make_account, make_garment, make_person, make_user
from tests.jobs.launch_setup import LAUNCH, field, launch, order, show

pytestmark = pytest.mark.django_db

CHOICE = "option-library_model"


@pytest.fixture
def plain(fake: Any, settings: Any) -> ProviderAccount:
    """A provider that can neither refine nor dress a bottom."""
    own = {"refine": False, "slots": frozenset({"top", "dress"}), "samples": 4}
    configured = {"BACKEND": "tests.fake_provider.Fake", "OPTIONS": own}
    settings.PROVIDERS = settings.PROVIDERS | {"plain": configured}
    registry.clear_caches()
    return make_account("plain")


@pytest.fixture
def aidge(fake: Any, settings: Any) -> ProviderAccount:
    options = {"app_key": "k123456", "app_secret": "s1234567890"}
    configured = {"BACKEND": "providers.aidge.adapter.Aidge", "OPTIONS": options}
    settings.PROVIDERS = settings.PROVIDERS | {"aidge": configured}
    return make_account("aidge")


@pytest.fixture
def ada(db: None) -> Person:
    return make_person(name="Ada")


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_it_works(mia: Client, account: ProviderAccount, ada: Person) -> None:
    options = {"resolution": "1024", "budget": "3", "restore_face": ""}
    assert launch(mia, order(account, make_garment(), persons=[ada], **options)).status_code == 302
    batch = Batch.objects.get()
    assert str(batch.budget) == "3.00"
    assert {**batch.recipe, "extra": {}} == {
        "model": "fake",
        "keep_rest": False,
        "refine": False,
        "samples": 1,
        "resolution": 1024,
        "restore_face": False,
        "extra": {},
    }


def test_what_the_next_provider_lacks_is_left_out_and_shown(
    mia: Client, account: ProviderAccount, plain: ProviderAccount, ada: Person
) -> None:
    wanted = order(account, make_garment(), persons=[ada], refine="on", model="fake")
    shown = text_of(show(mia, wanted | {"account": plain.pk}))
    assert "plain has no such choice, so it is left out: refine." in shown
    assert "¥0.50" in shown
    refused = launch(mia, wanted | {"account": plain.pk})
    assert (refused.status_code, Batch.objects.count()) == (200, 0)


def test_only_a_provider_that_has_an_option_shows_it(
    mia: Client, account: ProviderAccount, aidge: ProviderAccount, ada: Person
) -> None:
    garment = make_garment()
    assert CHOICE not in text_of(show(mia, order(account, garment, persons=[ada])))
    wanted = order(aidge, garment, persons=[ada], **{CHOICE: "2", "option-quality_detect": "on"})
    shown = text_of(show(mia, wanted))
    assert '<option value="2" selected>A library model, style 2</option>' in shown
    assert "Restore the face" in shown
    assert launch(mia, wanted).status_code == 302
    assert Batch.objects.get().recipe["extra"] == {
        "library_model": {"base": "General", "style": "universal_2"},
        "quality_detect": True,
    }
    assert launch(mia, wanted | {CHOICE: "'; DROP TABLE"}).status_code == 302
    assert "library_model" not in Batch.objects.latest("id").recipe["extra"]


def test_a_recipe_is_kept_chosen_changed_and_deleted(
    mia: Client, account: ProviderAccount, plain: ProviderAccount, ada: Person
) -> None:
    wanted = order(account, make_garment(), persons=[ada], refine="on")
    kept = show(mia, wanted | {"do": "preset-save", "preset_name": " Studio "})
    assert "Recipe “Studio” is saved." in text_of(kept)
    preset = Preset.objects.get()
    assert (preset.account, preset.recipe["refine"]) == (account, True)
    again = show(mia, wanted | {"do": "preset-save", "preset_name": "Studio"})
    assert "There is a recipe of this name" in text_of(again)

    other = wanted | {"account": plain.pk, "refine": "", "preset": preset.pk, "name": "N"}
    chosen = show(mia, other | {"do": "preset-load"})
    assert chosen.context["plan"].account == account
    assert chosen.context["plan"].recipe.refine
    assert "Launch 1 job" in text_of(chosen)
    assert 'value="N"' in text_of(chosen)

    show(mia, other | {"do": "preset-update"})
    preset.refresh_from_db()
    assert (preset.account, preset.recipe["refine"]) == (plain, False)
    show(mia, other | {"do": "preset-delete"})
    assert not Preset.objects.exists()
    assert "Choose a saved recipe first." in text_of(show(mia, other | {"do": "preset-delete"}))
    assert "Give the recipe a name first." in text_of(show(mia, other | {"do": "preset-save"}))


def test_keeping_recipes_needs_the_right_to(account: ProviderAccount, ada: Person) -> None:
    client = client_of(make_user(), "add_batch")
    wanted = order(account, make_garment(), persons=[ada], preset_name="Mine", do="preset-save")
    assert "You have no right" in text_of(show(client, wanted))
    assert not Preset.objects.exists()


def test_the_admin_lists_kept_recipes(client: Client, boss: Any, account: ProviderAccount) -> None:
    preset = Preset.objects.create(name="Studio", account=account, recipe={})
    client.force_login(boss)
    assert "Studio" in client.get("/admin/jobs/preset/").content.decode()
    assert client.get(f"/admin/jobs/preset/{preset.pk}/change/").status_code == 200


def test_the_same_cells_go_to_several_providers(
    mia: Client, account: ProviderAccount, plain: ProviderAccount, ada: Person
) -> None:
    top, bottom = make_garment(), make_garment("bottom")
    wanted = order(account, top, bottom, persons=[ada], refine="", also=plain.pk, name="Duel")
    shown = show(mia, wanted)
    text = text_of(shown)
    assert "Launch 3 jobs" in text
    assert "¥1.50" in text
    assert "This provider does not dress that garment." in text
    assert field(shown, "agreed") == f"{account.pk}:2:1.00,{plain.pk}:1:0.50"
    answer = launch(mia, wanted)
    assert answer.status_code == 302
    one, two = Batch.objects.order_by("id")
    assert (one.account, two.account) == (account, plain)
    assert (one.jobs.count(), two.jobs.count()) == (2, 1)
    assert one.comparison == two.comparison == Comparison.objects.get()
    assert str(one.comparison) == "Duel"
    assert two.get_absolute_url() in text_of(mia.get(answer["Location"]))


def test_a_comparison_is_launched_whole_or_not_at_all(
    mia: Client,
    account: ProviderAccount,
    plain: ProviderAccount,
    ada: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuses(plan: Plan, **order: Any) -> Batch:
        if plan.account == plain:
            raise create.LaunchRefused(["Not today."])
        return launch_plan(plan, **order)

    monkeypatch.setattr(create, "launch_plan", refuses)
    answer = launch(mia, order(account, make_garment(), persons=[ada], also=plain.pk))
    assert "Not today." in text_of(answer)
    assert not Batch.objects.exists()
    assert not Comparison.objects.exists()


def test_a_provider_that_has_made_it_all_is_left_out_of_a_comparison(
    mia: Client, account: ProviderAccount, plain: ProviderAccount, ada: Person
) -> None:
    garment: Garment = make_garment()
    launch(mia, order(plain, garment, persons=[ada]))
    answer = launch(mia, order(account, garment, persons=[ada], also=plain.pk))
    assert answer.status_code == 302
    assert Batch.objects.latest("id").account == account
    assert not Comparison.objects.exists()
    assert TryOnJob.objects.count() == 2
    assert "plain: This try-on was made before" in text_of(mia.get(answer["Location"]))


def test_the_page_needs_a_provider(mia: Client, account: ProviderAccount, settings: Any) -> None:
    settings.PROVIDERS = {}
    shown = text_of(mia.get(LAUNCH))
    assert "Not offered:" in shown
