from __future__ import annotations

from typing import Any

import pytest

from jobs.launch.create import LaunchRefused, launch, repeat
from jobs.launch.selection import ImpossibleOutfit, outfit_of
from jobs.models import Batch, ProviderAccount, Step, TryOnJob
from jobs.recipe import Recipe
from tests.factories import make_account, make_garment, make_job, make_person
from tests.fake_provider import Fake


def test_it_works(account: ProviderAccount) -> None:
    persons = [make_person(), make_person()]
    outfits = [{"top": make_garment("top")}, {"dress": make_garment("dress")}]
    batch = launch(persons=persons, outfits=outfits, account=account, name="Monday")
    assert batch.jobs.count() == 4
    assert Step.objects.values_list("state", "operation", "model").distinct().get() == (
        "waiting",
        "tryon",
        "fake",
    )
    assert batch.counts()["queued"] == 4


def test_it_rings_once_the_rows_are_there(
    account: ProviderAccount, django_capture_on_commit_callbacks: Any
) -> None:
    from django_q.models import OrmQ

    with django_capture_on_commit_callbacks(execute=True):
        launch(persons=[make_person()], outfits=[{"top": make_garment()}], account=account)
        assert not OrmQ.objects.exists()
    assert OrmQ.objects.get().func() == "jobs.tasks.dispatch"


@pytest.mark.parametrize(
    ("recipe", "slots", "words"),
    [
        (Recipe(samples=2), ["top"], "fewer images"),
        (Recipe(model="other"), ["top"], "that model"),
        (Recipe(keep_rest=True), ["dress"], "a top alone or a bottom alone"),
        (Recipe(keep_rest=True), ["top", "bottom"], "a top alone or a bottom alone"),
        (Recipe(refine=True, resolution=1024), ["top"], "resolution"),
        (Recipe(refine=True), ["bottom"], "a bottom alone cannot be refined"),
    ],
)
def test_what_a_provider_cannot_do_is_refused_before_anything_is_queued(
    account: ProviderAccount, recipe: Recipe, slots: list[str], words: str
) -> None:
    outfit = {slot: make_garment(slot) for slot in slots}
    with pytest.raises(LaunchRefused, match=words):
        launch(persons=[make_person()], outfits=[outfit], account=account, recipe=recipe)
    assert not Batch.objects.exists()


def test_refining_needs_a_gender(account: ProviderAccount) -> None:
    with pytest.raises(LaunchRefused, match="gender"):
        launch(
            persons=[make_person(gender="")],
            outfits=[{"top": make_garment()}],
            account=account,
            recipe=Recipe(refine=True),
        )


def test_an_unavailable_provider_says_why(fake: Fake, settings: Any) -> None:
    settings.PROVIDERS["fake"]["OPTIONS"] = {"why": "Set FAKE_KEY."}
    with pytest.raises(LaunchRefused, match="Set FAKE_KEY"):
        launch(
            persons=[make_person()], outfits=[{"top": make_garment()}], account=make_account("fake")
        )


def test_nothing_chosen_is_refused(account: ProviderAccount) -> None:
    with pytest.raises(LaunchRefused, match="at least one"):
        launch(persons=[], outfits=[], account=account)


def test_garments_that_cannot_be_worn_together() -> None:
    top, dress = make_garment_like("top"), make_garment_like("dress")
    for garments in ([top, top], [top, dress], []):
        with pytest.raises(ImpossibleOutfit):
            outfit_of(*garments)


def make_garment_like(slot: str) -> Any:
    from catalog.models import Garment

    return Garment(slot=slot)


def test_an_ended_job_is_repeated_once(account: ProviderAccount) -> None:
    job = make_job("failed", batch=Batch.objects.create(name="b", account=account))
    new = repeat(job, None)
    assert new
    assert (new.repeat_of, new.batch, new.state) == (job, job.batch, "queued")
    assert repeat(TryOnJob.objects.get(pk=job.pk), None) is None
    assert job.batch.counts() == job.batch.counts() | {"queued": 1, "failed": 0}


@pytest.mark.parametrize("state", ["queued", "running", "needs_attention"])
def test_a_job_that_may_still_cost_is_not_repeated(account: ProviderAccount, state: str) -> None:
    assert repeat(make_job(state), None) is None


def test_a_refusal_names_the_providers_that_could(account: ProviderAccount, settings: Any) -> None:
    backend = "tests.fake_provider.Fake"
    settings.PROVIDERS |= {
        "able": {"BACKEND": backend, "OPTIONS": {"samples": 4}},
        "unable": {"BACKEND": backend, "OPTIONS": {"samples": 2}},
    }
    recipe = Recipe(samples=3)
    with pytest.raises(LaunchRefused, match=r"These could: able\.$"):
        launch(
            persons=[make_person()],
            outfits=[{"top": make_garment()}],
            account=account,
            recipe=recipe,
        )
