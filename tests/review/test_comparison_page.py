from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobs.models import Comparison, Result, TryOnJob
from review.comparison.blind import BlindComparison
from review.decide import reject, reopen
from review.models import Decision, Preference
from tests.factories import client_of, make_batch, make_job, make_result, make_user
from tests.review.comparison_setup import PROVIDERS, alias_of, cells_of, make_comparison

pytestmark = pytest.mark.django_db


@pytest.fixture
def mei(db: None) -> User:
    return make_user("mei")


@pytest.fixture
def reviewer(mei: User) -> Client:
    return client_of(mei, "view_comparison", "change_result", "view_result")


def text_of(client: Client, address: str) -> str:
    return client.get(address, follow=True).content.decode()


def post(client: Client, made: Comparison, user: User, n: int = 0, **data: Any) -> Any:
    cell = cells_of(made, user)[n]
    form = {"cell": cell.key, "signature": cell.signature, "best": "A"} | data
    return client.post(f"/comparisons/{made.pk}/choose/", form, follow=True)


def test_it_works(reviewer: Client, mei: User) -> None:
    made = make_comparison()
    text = text_of(reviewer, f"/comparisons/{made.pk}/")
    assert "Cell 1 of 2" in text
    assert text.count('alt="Image ') == 2
    first, second = cells_of(made, mei)
    answer = post(reviewer, made, mei, best="B", **{"verdict-A": "print", "verdict-B": "approved"})
    assert f'value="{second.key}"' in answer.content.decode()
    (kept,) = Preference.objects.all()
    assert (kept.result_id, kept.cell) == (first.ids_by_letter["B"], first.key)
    assert kept.shown == list(first.shown_ids)
    assert Result.objects.get(pk=first.ids_by_letter["B"]).review == "approved"
    refused = Decision.objects.get(result=first.ids_by_letter["A"])
    assert (refused.verdict, refused.reason, refused.by) == ("rejected", "print", mei)


def test_nothing_on_the_page_names_a_provider(reviewer: Client, mei: User) -> None:
    made = make_comparison(providers=3)
    Preference.objects.create(comparison=made, cell="1-1-0-0", by=make_user("other"))
    for cell in cells_of(made, mei):
        text = text_of(reviewer, f"/comparisons/{made.pk}/?cell={cell.key}")
        for word in (*PROVIDERS, *filter(None, PROVIDERS.values())):
            # A model's name may be as short as "v1": it must not stand there as a word.
            assert not re.search(rf"\b{word}\b", text), word
        for result in Result.objects.filter(pk__in=cell.shown_ids).select_related("job"):
            assert result.get_absolute_url() not in text
            for url in (f"/jobs/{result.job_id}/", f"/batches/{result.job.batch_id}/"):
                assert url not in text
            numbers = set(re.findall(r'(?:value|data-\w+|id|name)="(\d+)"', text))
            assert str(result.pk) not in numbers - {"0", "1", "2", "3"}
        assert "results/" not in text


def test_links_to_the_results_come_with_the_choice(reviewer: Client, mei: User) -> None:
    made = make_comparison()
    post(reviewer, made, mei)
    cell = cells_of(made, mei)[0]
    text = text_of(reviewer, f"/comparisons/{made.pk}/?cell={cell.key}")
    for pk in cell.shown_ids:
        assert f'href="/results/{pk}/"' in text
    assert "You have chosen" in text
    assert "dashscope" not in text


def test_the_order_is_ones_own_and_stays(mei: User) -> None:
    made = make_comparison(cells=12)
    mine = [cell.shown_ids for cell in cells_of(made, mei)]
    assert mine == [cell.shown_ids for cell in cells_of(made, mei)]
    theirs = [cell.shown_ids for cell in cells_of(made, make_user("lin"))]
    assert mine != theirs
    assert [sorted(cell) for cell in mine] == [sorted(cell) for cell in theirs]
    assert {alias_of(cell[0]) for cell in mine} == {"dashscope", "aidge"}


def test_the_best_is_not_approved_by_that(reviewer: Client, mei: User) -> None:
    made = make_comparison()
    post(reviewer, made, mei, best="A")
    post(reviewer, made, mei, 1, best="none")
    assert not Decision.objects.exists()
    assert list(Preference.objects.values_list("result", flat=True))[1] is None
    assert "You have chosen in every cell" in text_of(reviewer, f"/comparisons/{made.pk}/")


def test_several_may_be_approved(reviewer: Client, mei: User) -> None:
    made = make_comparison(cells=1)
    post(reviewer, made, mei, **{"verdict-A": "approved", "verdict-B": "approved"})
    assert Result.objects.filter(review="approved").count() == 2


def test_undo_takes_back_the_choice_and_its_verdicts(reviewer: Client, mei: User) -> None:
    made = make_comparison(cells=1)
    post(reviewer, made, mei, **{"verdict-A": "approved", "verdict-B": "face"})
    (cell,) = cells_of(made, mei)
    address = f"/comparisons/{made.pk}/undo/"
    text = reviewer.post(address, {"cell": cell.key}, follow=True).content.decode()
    assert "Undone: choose again." in text
    assert not Preference.objects.exists()
    assert set(Result.objects.values_list("review", flat=True)) == {"pending"}
    assert Decision.objects.count() == 4
    text = reviewer.post(address, {"cell": cell.key}, follow=True).content.decode()
    assert "There was nothing to undo." in text


def test_undo_leaves_decisions_of_others_and_published_results(
    reviewer: Client, mei: User, boss: User
) -> None:
    made = make_comparison(cells=1)
    post(reviewer, made, mei, **{"verdict-A": "approved", "verdict-B": "approved"})
    (cell,) = cells_of(made, mei)
    first, second = (Result.objects.get(pk=pk) for pk in cell.shown_ids)
    assert reopen(first, boss)
    assert reject(first, boss)
    assert second.publish(boss)
    reviewer.post(f"/comparisons/{made.pk}/undo/", {"cell": cell.key})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.review, second.review) == ("rejected", "approved")


def test_chosen_twice_counts_once(reviewer: Client, mei: User) -> None:
    made = make_comparison(cells=1)
    post(reviewer, made, mei, best="A")
    text = post(reviewer, made, mei, best="B", **{"verdict-A": "face"}).content.decode()
    assert "undo that first" in text
    (kept,) = Preference.objects.all()
    assert kept.result_id == cells_of(made, mei)[0].ids_by_letter["A"]
    assert not Decision.objects.exists()


def test_somebody_was_faster_with_a_verdict(reviewer: Client, mei: User, boss: User) -> None:
    made = make_comparison(cells=1)
    (cell,) = cells_of(made, mei)
    reject(Result.objects.get(pk=cell.ids_by_letter["A"]), boss)
    text = post(reviewer, made, mei, **{"verdict-A": "approved"}).content.decode()
    assert "Somebody was faster" in text
    assert Preference.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"best": "Z"}, "There is no such image here."),
        ({"best": ""}, "Choose the best, or none."),
        ({"signature": "0" * 16}, "have changed since you saw them"),
        ({"cell": "9-9-9-9"}, "This cell is not there any more."),
        ({"cell": "\x00" * 300}, "This cell is not there any more."),
        ({"verdict-A": "nonsense"}, "nonsense"),
    ],
)
def test_nonsense_is_refused(
    reviewer: Client, mei: User, data: dict[str, str], expected: str
) -> None:
    made = make_comparison(cells=1)
    assert expected in post(reviewer, made, mei, **data).content.decode()
    assert not Preference.objects.exists()
    assert not Decision.objects.exists()


def test_a_new_image_changes_the_signature_but_not_the_order(mei: User) -> None:
    made = make_comparison(cells=1)
    (before,) = cells_of(made, mei)
    job = TryOnJob.objects.filter(batch__comparison=made).first()
    make_result(job=job, index=1)
    (after,) = cells_of(made, mei)
    assert before.signature != after.signature
    assert [pk for pk in after.shown_ids if pk in before.shown_ids] == list(before.shown_ids)


def test_cells_wait_for_all_their_providers(reviewer: Client, mei: User) -> None:
    made = make_comparison(cells=2, providers=2)
    done = TryOnJob.objects.filter(batch__comparison=made).first()
    batch = make_batch(comparison=made)
    make_job("running", batch=batch, person=done.person, top=done.top)
    assert len(cells_of(made, mei)) == 1
    text = text_of(reviewer, f"/comparisons/{made.pk}/")
    assert "1 is still being made" in text


def test_a_repetition_stands_for_what_it_repeats_and_offers_count(mei: User) -> None:
    made = make_comparison(cells=1, providers=1)
    old = TryOnJob.objects.get(batch__comparison=made)
    new = make_job("succeeded", batch=old.batch, person=old.person, top=old.top, repeat_of=old)
    again = make_result(job=new)
    batch = make_batch(comparison=made)
    before = make_result(job=make_job("succeeded", person=old.person, top=old.top))
    batch.reused_jobs.add(before.job)
    (cell,) = cells_of(made, mei)
    assert set(cell.shown_ids) == {again.pk, before.pk}


def test_providers_are_shown_when_all_is_chosen(reviewer: Client, mei: User) -> None:
    made = make_comparison()
    address = f"/comparisons/{made.pk}/results/"
    assert "Choose in every cell first" in text_of(reviewer, address)
    first, second = cells_of(made, mei)
    for n, cell in enumerate((first, second)):
        ids_by_letter = {alias_of(pk): letter for letter, pk in cell.ids_by_letter.items()}
        post(reviewer, made, mei, n, best=ids_by_letter["aidge"])
    text = text_of(reviewer, address)
    assert "Aidge · v1" in text
    assert "2 of 2 choices" in text
    assert "0 of 2 choices" in text
    assert "34% to 100%" in text
    assert "¥" not in text


def test_users_who_see_costs_see_the_providers_at_once(mei: User) -> None:
    made = make_comparison()
    keeper = client_of(mei, "view_comparison", "view_ledgerentry")
    text = text_of(keeper, f"/comparisons/{made.pk}/results/")
    assert "Nobody has chosen yet." in text


def test_an_onlooker_waits_for_the_reviewers(reviewer: Client, mei: User) -> None:
    made = make_comparison(cells=1)
    onlooker = client_of(make_user("onlooker"), "view_comparison")
    address = f"/comparisons/{made.pk}/results/"
    assert onlooker.get(address).status_code == 302
    post(reviewer, made, mei)
    assert onlooker.get(address).status_code == 200
    assert "is best" not in text_of(onlooker, f"/comparisons/{made.pk}/?cell=1")


def test_it_needs_rights(viewer: Client, client: Client, mei: User) -> None:
    made = make_comparison(cells=1)
    for address in (
        "/comparisons/",
        f"/comparisons/{made.pk}/",
        f"/comparisons/{made.pk}/results/",
    ):
        assert viewer.get(address).status_code == 403
        assert client.get(address).status_code == 302
    for verb in ("choose", "undo"):
        assert viewer.post(f"/comparisons/{made.pk}/{verb}/").status_code == 403
    onlooker = client_of(mei, "view_comparison")
    assert post(onlooker, made, mei).status_code == 403
    assert onlooker.get("/comparisons/999999/").status_code == 404


def test_the_list_has_what_is_left(reviewer: Client, mei: User) -> None:
    made = make_comparison()
    post(reviewer, made, mei)
    text = text_of(reviewer, "/comparisons/")
    assert "Tops for spring" in text
    assert "1 choice of yours" in text
    assert "2 providers" in text


@pytest.mark.parametrize("cells", [2, 12])
def test_the_number_of_queries_does_not_grow(
    reviewer: Client, mei: User, django_assert_num_queries: Any, cells: int
) -> None:
    made = make_comparison(cells=cells)
    # Session, user, rights 2; comparison, its batches, unfinished, repeated and offered jobs 3,
    # images; own choices; the last one; the cell's images and its choice.
    with django_assert_num_queries(14):
        reviewer.get(f"/comparisons/{made.pk}/")
    for _n in range(cells):
        make_comparison(cells=1)
    with django_assert_num_queries(6):
        reviewer.get("/comparisons/")


def test_an_empty_comparison_says_so(reviewer: Client, mei: User) -> None:
    made = make_comparison(providers=1)
    assert BlindComparison(made, mei).cells == {}
    assert "There is nothing to compare here" in text_of(reviewer, f"/comparisons/{made.pk}/")
    Comparison.objects.all().delete()
    assert "Nothing to compare yet" in text_of(reviewer, "/comparisons/")
