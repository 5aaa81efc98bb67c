"""From a past batch: the same again with something else, or only what failed for one cause."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Garment
from jobs.launch.create import launch_cells
from jobs.models import Batch, ProviderAccount, TryOnJob
from jobs.recipe import Recipe
from tests.factories import make_garment, make_person
from tests.jobs.launch_setup import LAUNCH, field, show

pytestmark = pytest.mark.django_db


@pytest.fixture
def past(account: ProviderAccount) -> Batch:
    """Ada in a top and in an outfit, Noor in the outfit only; the recipe is not the usual one."""
    ada, noor = make_person(name="Ada"), make_person(name="Noor")
    top = {"top": make_garment()}
    outfit = {"top": make_garment(), "bottom": make_garment("bottom")}
    cells = [(ada, top), (ada, outfit), (noor, outfit)]
    return launch_cells(cells, account=account, recipe=Recipe(resolution=1024))


def test_it_works(mia: Client, past: Batch) -> None:
    shown = mia.get(LAUNCH, {"again": past.pk})
    jobs = list(past.jobs.order_by("id"))
    assert shown.context["selection"].axes == (
        [jobs[0].person.pk, jobs[2].person.pk],
        [(jobs[0].top.pk,), (jobs[1].top.pk, jobs[1].bottom.pk)],
    )
    assert shown.context["state"].cells.wanted == "1101"
    assert shown.context["plan"].recipe.resolution == 1024
    # As it was, it is on its way already; with another recipe it is new.
    assert "Launch 0 jobs" in shown.content.decode()
    carried = {name: field(shown, name) for name in ("persons", "outfits", "ticks")}
    changed = carried | {"recipe": "1", "account": past.account.pk, "restore_face": "on"}
    assert "Launch 3 jobs" in show(mia, changed).content.decode()


def test_only_what_failed_for_one_cause(mia: Client, past: Batch) -> None:
    jobs = list(past.jobs.order_by("id"))
    jobs[0].fail("InvalidPerson", "", "input")
    jobs[2].fail("InvalidGarment", "", "input")
    shown = mia.get(LAUNCH, {"again": past.pk, "code": "InvalidPerson"})
    assert shown.context["selection"].axes == ([jobs[0].person.pk], [(jobs[0].top.pk,)])
    assert "Launch 1 job" in shown.content.decode()
    nothing = mia.get(LAUNCH, {"again": past.pk, "code": "'; --"})
    assert nothing.context["selection"].axes == ([], [])


def test_what_was_archived_since_is_shown(mia: Client, past: Batch) -> None:
    Garment.objects.filter(slot="bottom").archive()
    shown = mia.get(LAUNCH, {"again": past.pk})
    assert "Left out: 1 of the chosen." in shown.content.decode()
    assert shown.context["state"].cells.wanted == "10"


@pytest.mark.parametrize("unknown", ["0", "x", "9" * 30, ""])
def test_an_unknown_batch_is_no_batch(mia: Client, past: Batch, unknown: str) -> None:
    shown = mia.get(LAUNCH, {"again": unknown})
    assert shown.status_code == 200
    assert shown.context["selection"].axes == ([], [])


def test_persons_are_picked_then_garments(mia: Client, account: ProviderAccount) -> None:
    person, top, bottom = make_person(), make_garment(), make_garment("bottom")
    first = mia.post(LAUNCH)
    assert first.context["picker"].kind == "persons"
    second = mia.post(LAUNCH, {"do": "add", "pick": "persons", "add_person": person.pk})
    assert second.context["picker"].kind == "garments"
    carried = {"persons": field(second, "persons"), "pick": "garments", "do": "add"}
    both = carried | {"add_garment": [top.pk, bottom.pk], "combine": "pairs"}
    third = mia.post(LAUNCH, both)
    assert third.context.get("picker") is None
    assert third.context["selection"].axes == ([person.pk], [(top.pk, bottom.pk)])


def test_garments_are_searched_and_paged(
    mia: Client, account: ProviderAccount, django_assert_num_queries: Any
) -> None:
    garments = [make_garment(name=f"Shirt {n}") for n in range(30)]
    skirt = make_garment("bottom", name="Skirt", sku="SK-9")
    data: dict[str, Any] = {"pick": "garments", "q": "shirt", "add_garment": garments[0].pk}
    with django_assert_num_queries(8):
        first = mia.get(LAUNCH, data)
    page = first.context["picker"].page
    assert len(page.rows) == 24
    assert first.context["picker"].elsewhere == str(garments[0].pk)
    assert garments[1].name not in [row.name for row in page.rows]
    older = mia.get(LAUNCH, data | {"before": page.older, "was_q": "shirt"})
    assert garments[0] in older.context["picker"].page.rows
    # Another word begins on its first page.
    found = mia.get(LAUNCH, {"pick": "garments", "q": "sk-9", "was_q": "shirt", "before": 1})
    assert found.context["picker"].page.rows == [skirt]
    by_slot = mia.get(LAUNCH, {"pick": "garments", "slot": "bottom"})
    assert by_slot.context["picker"].page.rows == [skirt]
    assert "Nothing is named so" in mia.get(LAUNCH, {"pick": "garments", "q": "%"}).content.decode()


def test_the_list_of_batches_leads_here(mia: Client, viewer: Client, past: Batch) -> None:
    link = f'href="{reverse("launch")}"'
    assert link in mia.get("/batches/").content.decode()
    assert link not in viewer.get("/batches/").content.decode()
    assert TryOnJob.objects.count() == 3
