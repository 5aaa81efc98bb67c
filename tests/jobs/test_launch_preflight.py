"""Cells that the chosen provider would refuse are not launched, unless that is wanted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Garment, Person
from jobs.launch.checks import CellChecks, check_cell, refusals
from jobs.launch.create import LaunchRefused, launch
from jobs.models import Batch, ProviderAccount
from jobs.recipe import Recipe
from providers import registry
from providers.dashscope.adapter import DashScope
from tests.factories import make_account, make_garment, make_person
from tests.fake_provider import Fake
from tests.jobs import launch_setup

LARGE = {"format": "JPEG", "bytes": 300_000, "width": 768, "height": 1024}


@pytest.fixture
def as_dashscope(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fake, "image_rules", DashScope.image_rules)


def person(**facts: Any) -> Person:
    return make_person(name="Ada", facts=LARGE | facts)


def garment(slot: str = "top", **facts: Any) -> Garment:
    return make_garment(slot, name=f"The {slot}", facts=LARGE | facts)


@pytest.mark.usefixtures("as_dashscope")
def test_it_works(account: ProviderAccount) -> None:
    outfits = [{"top": garment(width=100)}, {"top": garment()}]
    with pytest.raises(LaunchRefused) as caught:
        launch(persons=[person()], outfits=outfits, account=account)
    [reason] = caught.value.reasons
    assert reason == (
        "Ada · The top: fake would refuse it. "
        "The top: Short side too short: 100 px, needs 151 px. Resize it: one click on its page."
    )
    assert not Batch.objects.exists()
    batch = launch(persons=[person()], outfits=outfits, account=account, override=True)
    assert batch.jobs.count() == 2


@pytest.mark.usefixtures("as_dashscope")
def test_a_warning_refuses_nothing(account: ProviderAccount) -> None:
    asset = person(persons=1, whole=False, sharp=0.1, bright=20)
    assert launch(persons=[asset], outfits=[{"top": garment(worn=True)}], account=account)


@pytest.mark.usefixtures("as_dashscope")
def test_a_person_that_is_two_is_refused_in_every_cell(account: ProviderAccount) -> None:
    outfits = [{"top": garment()}, {"bottom": garment("bottom")}]
    with pytest.raises(LaunchRefused) as caught:
        launch(persons=[person(persons=2)], outfits=outfits, account=account)
    assert len(caught.value.reasons) == 2


def test_what_nobody_has_measured_is_launched(account: ProviderAccount) -> None:
    assert launch(persons=[make_person()], outfits=[{"top": make_garment()}], account=account)


@pytest.mark.django_db
def test_legs_are_asked_for_where_they_are_dressed(settings: Any) -> None:
    half = person(legs=1)
    dress = (half, {"dress": garment("dress")})
    account, today = make_account("local"), date.today()
    assert [found.code for found in check_cell(dress, account, Recipe(), today)] == ["legs"]
    assert check_cell((half, {"top": garment()}), account, Recipe(), today) == []


def test_an_alias_has_the_rules_of_its_adapter_wherever_that_stands(settings: Any) -> None:
    settings.PROVIDERS = {"mine": {"BACKEND": f"{__name__}.Mine"}}
    assert registry.image_rules(["mine"]) == [("dashscope", r) for r in DashScope.image_rules]


class Mine(DashScope):
    """An adapter in a module of another name: its rules come along."""


@pytest.mark.usefixtures("as_dashscope")
def test_the_page_shows_it_before_it_is_launched(
    client: Client, boss: User, account: ProviderAccount
) -> None:
    client.force_login(boss)
    wanted = launch_setup.order(account, garment(width=100), garment(), persons=[person()])
    shown = launch_setup.show(client, wanted).content.decode()
    assert "What the checks found" in shown
    assert shown.count("needs 151 px") == 1
    assert "1 cell refused" in " ".join(shown.split())

    # What is refused cannot be ticked, whatever is posted.
    launch_setup.launch(client, wanted, ticks="22")
    assert Batch.objects.get().jobs.get().top.facts["width"] == LARGE["width"]
    launch_setup.launch(client, wanted | {"override": "on"})
    assert [batch.jobs.count() for batch in Batch.objects.order_by("id")] == [1, 1]


@pytest.mark.usefixtures("as_dashscope")
def test_the_page_says_nothing_where_nothing_is_refused(
    client: Client, boss: User, account: ProviderAccount
) -> None:
    client.force_login(boss)
    wanted = launch_setup.order(account, garment(), persons=[person()])
    shown = launch_setup.show(client, wanted).content.decode()
    assert "Every photo suits this provider" in shown
    form = shown.split("data-launch-form")[1]
    assert "refused" not in form.split("<table")[1].split("</table>")[0]


@pytest.mark.usefixtures("as_dashscope")
def test_checking_costs_no_queries(account: ProviderAccount) -> None:
    cells = [(person(), {"top": garment(width=100)}) for _ in range(5)]
    each = CellChecks(account, Recipe(), date.today())
    with CaptureQueriesContext(connection) as queries:
        assert sum(len(refusals(each.of(*cell))) for cell in cells) == 5
    assert len(queries) == 0
