"""The pages of another attempt: proposals, launching once, choosing the better one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from jobs.models import Result, TryOnJob
from providers import registry
from review.decide import reject
from review.models import Decision
from tests.factories import (
    client_of,
    make_account,
    make_batch,
    make_job,
    make_person,
    make_result,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def tess(db: None) -> Client:
    """She reviews and may launch."""
    return client_of(make_user("tess"), "change_result", "view_result", "add_batch")


def rejected(reason: str = "background", **kwargs: Any) -> Result:
    result = make_result(job=make_job("succeeded", **kwargs))
    assert reject(result, None, reason, "a hole in the wall")
    return result


def token(text: str) -> str:
    found = re.search(r'name="token" value="(\w+)"', text)
    assert found
    return found[1]


def test_it_works(tess: Client) -> None:
    """Another photo of somebody, with its price; launched, it is an attempt."""
    result, photo = rejected(), make_person(name="Noor")
    text = " ".join(tess.get(f"/results/{result.pk}/again/").content.decode().split())
    assert "Background damaged: a hole in the wall" in text
    assert "Another photo: Noor" in text
    assert "Try it, " in text
    data = {"token": token(text), "ids": result.pk, "change": f"person:{photo.pk}"}
    answer = tess.post("/again/", data)
    job = TryOnJob.objects.latest("id")
    assert (job.attempt_of, job.person) == (result.job, photo)
    assert answer.headers["Location"] == job.get_absolute_url()
    # Pressed twice, it is launched once.
    assert tess.post("/again/", data).headers["Location"] == job.get_absolute_url()
    assert TryOnJob.objects.count() == 2


def test_the_result_page_leads_there_and_shows_all_attempts(tess: Client, reviewer: Client) -> None:
    result = rejected()
    text = tess.get(result.get_absolute_url()).content.decode()
    assert f"/results/{result.pk}/again/" in text
    assert "All attempts" not in text
    assert f"/results/{result.pk}/again/" not in (
        reviewer.get(result.get_absolute_url()).content.decode()
    )
    new = make_job("running", attempt_of=result.job)
    for page in (result.get_absolute_url(), new.get_absolute_url()):
        text = tess.get(page).content.decode()
        assert "All attempts at this try-on" in text
        assert new.get_absolute_url() in text
        assert result.job.get_absolute_url() in text


def test_what_is_not_rejected_is_not_tried_again(tess: Client) -> None:
    result = make_result("approved")
    answer = tess.get(f"/results/{result.pk}/again/", follow=True)
    assert answer.redirect_chain[0][0] == result.get_absolute_url()
    assert "reject it first" in answer.content.decode()


def test_the_sheet_offers_it_for_many(tess: Client) -> None:
    results, other = [rejected() for _ in range(3)], make_result()
    make_person(name="Noor")
    ids = [f"{r.pk}.{r.review}" for r in [*results, other]]
    text = tess.post("/sheet/do/", {"ids": ids, "do": "again"}).content.decode()
    assert "1 of the selected is left out" in text
    assert "Background damaged" in text
    photo = make_person(name="Ola")
    data = {"token": token(text), "ids": ",".join(str(r.pk) for r in results)}
    answer = tess.post("/again/", data | {"change": f"person:{photo.pk}"})
    batch = TryOnJob.objects.latest("id").batch
    assert answer.headers["Location"] == batch.get_absolute_url()
    assert set(batch.jobs.values_list("attempt_of", flat=True)) == {r.job_id for r in results}


def test_rights(reviewer: Client, viewer: Client) -> None:
    result = rejected()
    for client in (reviewer, viewer):
        assert client.get(f"/results/{result.pk}/again/").status_code == 403
        assert client.post("/again/", {"ids": result.pk}).status_code == 403
    assert viewer.get(f"/results/{result.pk}/choose/").status_code == 403
    assert viewer.post(f"/results/{result.pk}/keep/").status_code == 403
    assert TryOnJob.objects.count() == 1


@pytest.mark.parametrize("change", ["", "provider:x", "person:99999999999999999999", "refine"])
def test_nonsense_launches_nothing(tess: Client, change: str) -> None:
    result = rejected()
    text = tess.get(f"/results/{result.pk}/again/").content.decode()
    data = {"token": token(text), "ids": result.pk, "change": change}
    assert "not possible any more" in tess.post("/again/", data).content.decode()
    assert tess.post("/again/", {"ids": "x", "token": "y"}).headers["Location"] == "/sheet/"
    assert TryOnJob.objects.count() == 1


def test_approving_beside_an_approved_attempt_asks_which_is_kept(tess: Client) -> None:
    old = make_result("approved")
    new = make_result(job=make_job("succeeded", attempt_of=old.job))
    answer = tess.post(f"/results/{new.pk}/decide/", {"verdict": "approved"})
    assert answer.headers["Location"] == f"/results/{new.pk}/choose/"
    text = tess.get(answer.headers["Location"]).content.decode()
    assert old.large.url.split("?")[0] in text
    assert not Decision.objects.exists()
    tess.post(f"/results/{new.pk}/keep/", {"keep": new.pk})
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.review, new.review) == ("rejected", "approved")
    assert tess.get(f"/results/{new.pk}/choose/").headers["Location"] == new.get_absolute_url()


def test_both_may_be_kept(tess: Client) -> None:
    old = make_result("approved")
    new = make_result(job=make_job("succeeded", attempt_of=old.job))
    answer = tess.post(f"/results/{new.pk}/keep/", {"keep": "neither"})
    assert answer.headers["Location"] == f"/results/{new.pk}/choose/"
    tess.post(f"/results/{new.pk}/keep/", {"keep": "both"})
    assert Result.objects.filter(review="approved").count() == 2


def test_the_sheet_leaves_rivals_to_a_person(tess: Client) -> None:
    old, plain = make_result("approved"), make_result()
    new = make_result(job=make_job("succeeded", attempt_of=old.job))
    ids = [f"{r.pk}.pending" for r in (plain, new)]
    text = tess.post("/sheet/do/", {"ids": ids, "do": "approve"}, follow=True).content.decode()
    assert "1 result approved." in text
    assert f"/results/{new.pk}/choose/" in text
    new.refresh_from_db()
    assert new.review == "pending"


@pytest.mark.parametrize("n", [1, 30])
def test_the_number_of_queries_does_not_grow(
    tess: Client, django_assert_max_num_queries: Any, n: int
) -> None:
    batch = make_batch(account=make_account())
    results = [rejected(batch=batch) for _ in range(n)]
    for _ in range(6):
        make_person()
    data = {"ids": [f"{r.pk}.rejected" for r in results], "do": "again"}
    with django_assert_max_num_queries(60):
        assert tess.post("/sheet/do/", data).status_code == 200


def test_other_models_and_providers_are_shown_by_name(tess: Client, settings: Any) -> None:
    market = settings.PROVIDERS["aliyun-market"]
    options = {"appcode": "0" * 32, "base_url": "https://market.example"}
    configured = market | {"OPTIONS": market["OPTIONS"] | options}
    settings.PROVIDERS = settings.PROVIDERS | {"aliyun-market": configured}
    registry.clear_caches()
    make_account("local")
    batch = make_batch(account=make_account("aliyun-market"), recipe={"model": "full"})
    result = rejected("shape", batch=batch)
    text = " ".join(tess.get(f"/results/{result.pk}/again/").content.decode().split())
    assert "Another model: Try-On V2 Fast" in text
    assert "Alibaba Cloud Market · Try-On V2 Fast" in text
    assert "Another provider: Local engine" in text
