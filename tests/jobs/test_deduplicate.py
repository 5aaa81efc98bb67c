"""What was made before, or is being made, is offered and not paid for again."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from catalog.models import Garment, Person
from jobs.launch import plan as launch_plan
from jobs.launch.create import AlreadyMade, launch, repeat
from jobs.models import Batch, ProviderAccount, TryOnJob
from jobs.recipe import Recipe
from review.decide import reject
from tests.factories import make_account, make_garment, make_person
from tests.pictures import photo

Work = Callable[..., None]


@pytest.fixture
def cell(account: ProviderAccount) -> tuple[Person, Garment]:
    return make_person(), make_garment()


@pytest.fixture
def ask(account: ProviderAccount, cell: tuple[Person, Garment]) -> Callable[..., Batch]:
    def launched(*more: Garment, **kwargs: Any) -> Batch:
        outfits = [{"top": garment} for garment in (cell[1], *more)]
        return launch(persons=[cell[0]], outfits=outfits, **({"account": account} | kwargs))

    return launched


def test_it_works(ask: Any, work: Work) -> None:
    first = ask()
    work()
    with pytest.raises(AlreadyMade) as made:
        ask()
    assert made.value.jobs == [first.jobs.get()]
    assert Batch.objects.count() == 1


def test_only_what_is_new_is_queued(ask: Any, work: Work) -> None:
    first = ask()
    work()
    second = ask(make_garment())
    assert (second.jobs.count(), list(second.reused_jobs.all())) == (1, [first.jobs.get()])


def test_a_double_click_launches_once(ask: Any) -> None:
    first = ask()
    with pytest.raises(AlreadyMade) as made:
        ask()
    assert made.value.jobs == [first.jobs.get()]


def test_who_insists_gets_it_again(ask: Any) -> None:
    ask()
    assert ask(again=True).jobs.count() == 1
    assert TryOnJob.objects.unfinished().count() == 2


def test_the_same_cell_twice_is_made_once(ask: Any, cell: tuple[Person, Garment]) -> None:
    assert ask(cell[1]).jobs.count() == 1


def test_what_was_never_made_is_not_made_again(ask: Any, cell: tuple[Person, Garment]) -> None:
    """Asked for again, two of the same photos are paid for once, and by one launch only."""
    job = ask(cell[1], again=True).jobs.get()
    assert not job.forced


@pytest.mark.parametrize("state", ["failed", "canceled"])
def test_what_came_to_nothing_is_made_again(ask: Any, state: str) -> None:
    job = ask().jobs.get()
    assert job.cancel() if state == "canceled" else job.fail("x", "", "input")
    assert ask().jobs.count() == 1


def test_what_needs_attention_may_have_been_billed(ask: Any) -> None:
    assert ask().jobs.get().ask_a_person("lost", "")
    with pytest.raises(AlreadyMade):
        ask()


def test_a_rejected_result_is_not_offered(ask: Any, work: Work) -> None:
    job = ask().jobs.get()
    work()
    assert reject(job.results.get(), None, "face")
    assert ask().jobs.count() == 1


@pytest.mark.parametrize(
    "other",
    [
        lambda person, garment: Person.objects.update(wire_sha256="0" * 64),
        lambda person, garment: Garment.objects.update(wire_sha256="0" * 64),
        lambda person, garment: Person.objects.update(gender="man"),
    ],
)
def test_another_input_is_another_image(ask: Any, cell: tuple[Person, Garment], other: Any) -> None:
    ask()
    other(*cell)
    for row in cell:
        row.refresh_from_db()
    assert ask().jobs.count() == 1


def test_another_recipe_is_another_image(ask: Any) -> None:
    ask()
    assert ask(recipe=Recipe(refine=True)).jobs.count() == 1
    with pytest.raises(AlreadyMade):
        ask(recipe=Recipe(model="fake"))  # which is the usual one


def test_a_repetition_is_on_purpose(ask: Any, work: Work) -> None:
    job = ask().jobs.get()
    work()
    job.refresh_from_db()
    again = repeat(job, None)
    assert again
    assert (again.fingerprint, again.forced) == (job.fingerprint, True)


def test_the_database_refuses_a_second_one_in_flight(ask: Any) -> None:
    job = ask().jobs.get()
    job.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        job.save(force_insert=True)


@pytest.mark.postgres
@pytest.mark.skipif(
    not os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="needs PostgreSQL"
)
@pytest.mark.django_db(transaction=True)
def test_launched_at_the_same_moment_it_is_queued_once(fake: Any, monkeypatch: Any) -> None:
    account = make_account("fake")
    person, outfits = make_person(), [{"top": make_garment()} for _n in range(5)]
    both, existing_jobs = threading.Barrier(2), launch_plan.existing_jobs
    met = threading.local()

    def together(*args: Any, **kwargs: Any) -> Any:
        """Both have looked before either has written."""
        answer = existing_jobs(*args, **kwargs)
        if not hasattr(met, "once"):
            met.once = True
            both.wait(10)
        return answer

    monkeypatch.setattr(launch_plan, "existing_jobs", together)
    said: list[Any] = []

    def ask(turned: int) -> None:
        try:
            said.append(launch(persons=[person], outfits=outfits[::turned], account=account))
        except AlreadyMade as made:
            said.append(made)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(turned,)) for turned in (1, -1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {type(answer) for answer in said} == {Batch, AlreadyMade}
    assert (TryOnJob.objects.count(), Batch.objects.count()) == (5, 1)
    assert settings.DATABASES["default"]["ENGINE"].endswith("postgresql")


def test_the_command_gives_the_stored_image(
    account: ProviderAccount, fake: Any, tmp_path: Path
) -> None:
    (tmp_path / "ada.jpg").write_bytes(photo(400, 600, seed=1))
    (tmp_path / "tee.jpg").write_bytes(photo(400, 600, seed=2))
    photos = {"person": tmp_path / "ada.jpg", "top": tmp_path / "tee.jpg"}

    def said(**options: Any) -> str:
        out = io.StringIO()
        files = photos | {"out": tmp_path / "out.jpg"}
        call_command("tryon", provider="fake", stdout=out, **files, **options)
        return out.getvalue()

    assert "Made before" not in said()
    (tmp_path / "out.jpg").unlink()
    assert "Made before: nothing is spent now." in said()
    assert (tmp_path / "out.jpg").stat().st_size
    assert len(fake.requests) == 1
    assert "Made before" not in said(again=True)
    assert len(fake.requests) == 2
