"""Results through the API: whose they are, what is liked, and decisions about what was seen."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from api.models import Favourite
from jobs.models import Result, TryOnJob
from review.decide import reopen
from review.leases import lease
from review.models import Decision
from tests.api.conftest import client_of, member
from tests.factories import make_job, make_person, make_result

RESULTS = "/api/v1/results"
pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer(as_role: Any) -> APIClient:
    client: APIClient = as_role("reviewer")
    return client


def own(user: User) -> Result:
    return make_result(job=make_job("succeeded", owner=user))


def decide(client: APIClient, result: dict[str, Any], key: str = "", **body: Any) -> Any:
    headers = {"Idempotency-Key": key or str(uuid.uuid4()), "If-Match": f'"{result["version"]}"'}
    return client.post(f"{RESULTS}/{result['id']}/decision", body, headers=headers)


def shown(client: APIClient, pk: int) -> dict[str, Any]:
    told: dict[str, Any] = client.get(f"{RESULTS}/{pk}").json()
    return told


def test_it_works(merch: APIClient) -> None:
    result = make_result(warnings=["neckline_uncertain"])
    told = shown(merch, result.pk)
    assert (told["job"], told["batch"]) == (result.job_id, result.job.batch_id)
    assert told["outfit"]["top"] == result.job.top_id
    assert (told["review"], told["reason"], told["favourite"]) == ("pending", None, False)
    assert told["warnings"][0]["message"]
    assert told["image"]["id"] == f"result-{result.pk}"


def test_everybody_sees_their_own(api: APIClient, shopper: User, merch: APIClient) -> None:
    mine, house = own(shopper), make_result()
    own(member("shopper", "other"))
    make_result(role="unrefined")
    assert [row["id"] for row in api.get(RESULTS).json()["results"]] == [mine.pk]
    assert [row["id"] for row in merch.get(RESULTS).json()["results"]] == [house.pk]
    assert shown(api, mine.pk)["review"] is None
    assert api.get(f"{RESULTS}/{house.pk}").status_code == 404
    assert merch.get(f"{RESULTS}/{mine.pk}").status_code == 404


def test_filters(merch: APIClient, reviewer: APIClient) -> None:
    job = make_job("succeeded")
    one = make_result("approved", job=job)
    make_result("rejected")
    likes = Favourite.objects.create(user=User.objects.get(username="merchandiser"), result=one)
    for query in (
        {"review": "approved"},
        {"job": job.pk},
        {"batch": job.batch_id},
        {"person": job.person_id},
        {"garment": job.top_id},
        {"favourite": "true"},
    ):
        found = [row["id"] for row in merch.get(RESULTS, query).json()["results"]]
        assert found == [one.pk], query
    assert merch.get(RESULTS, {"published": "true"}).json()["results"] == []
    assert likes.result == one


def test_favourites_are_each_ones_own(api: APIClient, shopper: User, merch: APIClient) -> None:
    mine, house = own(shopper), make_result()
    for _twice in range(2):
        assert api.put(f"{RESULTS}/{mine.pk}/favourite").status_code == 204
    assert shown(api, mine.pk)["favourite"] is True
    assert api.put(f"{RESULTS}/{house.pk}/favourite").status_code == 404
    assert merch.put(f"{RESULTS}/{house.pk}/favourite").status_code == 204
    for _twice in range(2):
        assert api.delete(f"{RESULTS}/{mine.pk}/favourite").status_code == 204
    assert list(Favourite.objects.values_list("result", flat=True)) == [house.pk]


def test_a_decision_is_about_what_was_seen(reviewer: APIClient) -> None:
    seen = shown(reviewer, make_result().pk)
    made = decide(reviewer, seen, verdict="rejected", reason="hands")
    assert made.status_code == 200, made.content
    assert made.json()["decision"]["verdict"] == "rejected"
    assert (made.json()["result"]["review"], made.json()["result"]["reason"]) == (
        "rejected",
        "hands",
    )
    late = decide(reviewer, seen, verdict="approved")
    assert (late.status_code, late.json()["code"]) == (412, "changed-meanwhile")
    assert late.json()["version"] == made.json()["result"]["version"]


def test_of_two_reviewers_the_second_is_refused(reviewer: APIClient) -> None:
    other = client_of(member("reviewer", "other"))
    seen = shown(reviewer, make_result().pk)
    assert shown(other, seen["id"])["version"] == seen["version"]
    assert decide(reviewer, seen, verdict="approved").status_code == 200
    assert decide(other, seen, verdict="rejected").status_code == 412
    now = shown(other, seen["id"])
    taken = decide(other, now, verdict="rejected")
    assert (taken.status_code, taken.json()["reason"]) == (409, "taken")
    assert Decision.objects.count() == 1


def test_sent_again_it_counts_once(reviewer: APIClient) -> None:
    seen, key = shown(reviewer, make_result().pk), str(uuid.uuid4())
    first = decide(reviewer, seen, key, verdict="approved")
    again = decide(reviewer, seen, key, verdict="approved")
    assert (again.status_code, again["Idempotency-Replayed"]) == (200, "true")
    assert again.json()["decision"] == first.json()["decision"]
    other = shown(reviewer, make_result().pk)
    wrong = decide(reviewer, other, key, verdict="approved")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "key-of-another-request")
    assert Decision.objects.count() == 1


def test_the_etag_names_the_version(reviewer: APIClient) -> None:
    result = make_result()
    answer = reviewer.get(f"{RESULTS}/{result.pk}")
    headers = {"If-Match": answer["ETag"], "Idempotency-Key": str(uuid.uuid4())}
    path = f"{RESULTS}/{result.pk}/decision"
    assert reviewer.post(path, {"verdict": "approved"}, headers=headers).status_code == 200
    same = reviewer.get(f"{RESULTS}/{result.pk}", headers={"If-None-Match": answer["ETag"]})
    assert same.status_code == 200


def test_looking_does_not_change_it(reviewer: APIClient) -> None:
    from django.utils import timezone

    result = make_result()
    seen = shown(reviewer, result.pk)
    user = User.objects.get(username="reviewer")
    lease(Result.objects.pending_review(), user, 1, timezone.now())
    assert shown(reviewer, result.pk)["version"] == seen["version"]
    assert decide(reviewer, seen, verdict="approved").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Idempotency-Key": str(uuid.uuid4())}, 428, "precondition-required"),
        ({"If-Match": '"x"'}, 400, "idempotency-key-missing"),
        ({"If-Match": '"x"', "Idempotency-Key": "k"}, 400, "malformed"),
        ({"If-Match": '"x"', "Idempotency-Key": str(uuid.uuid4())}, 412, "changed-meanwhile"),
        ({"If-Match": "*", "Idempotency-Key": str(uuid.uuid4())}, 412, "changed-meanwhile"),
    ],
)
def test_a_decision_says_which_and_what(
    reviewer: APIClient, headers: dict[str, str], status: int, code: str
) -> None:
    path = f"{RESULTS}/{make_result().pk}/decision"
    answer = reviewer.post(path, {"verdict": "approved"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "body", [{}, {"verdict": "x"}, {"verdict": None}, {"verdict": "approved", "note": "x" * 501}]
)
def test_hostile_decisions_are_pointed_at(reviewer: APIClient, body: dict[str, Any]) -> None:
    answer = decide(reviewer, shown(reviewer, make_result().pk), **body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_only_reviewers_decide(merch: APIClient, api: APIClient, shopper: User) -> None:
    result = shown(merch, make_result().pk)
    for client in (merch, api):
        assert decide(client, result, verdict="approved").status_code == 403
    mine = own(shopper)
    assert (
        decide(
            client_of(member("reviewer")), {"id": mine.pk, "version": "x"}, verdict="approved"
        ).status_code
        == 404
    )


def test_publishers_publish_what_is_approved(as_role: Any) -> None:
    publisher = as_role("publisher")
    path = f"{RESULTS}/{make_result('approved').pk}"
    for _twice in range(2):
        assert publisher.post(f"{path}/publish").json()["published"] is True
    for _twice in range(2):
        assert publisher.post(f"{path}/unpublish").json()["published"] is False
    pending = publisher.post(f"{RESULTS}/{make_result().pk}/publish")
    assert (pending.status_code, pending.json()["code"]) == (409, "conflict")
    job = make_job("succeeded", person=make_person(consent_scope="tryon"))
    refused = publisher.post(f"{RESULTS}/{make_result('approved', job=job).pk}/publish")
    assert (refused.status_code, refused.json()["code"]) == (422, "refused")


@pytest.mark.parametrize(("undo", "status"), [(True, 409), (False, 404)])
def test_publishing_what_changes_at_this_moment(
    as_role: Any, monkeypatch: pytest.MonkeyPatch, undo: bool, status: int
) -> None:
    """A reviewer is faster, or its person is erased: nobody is told that it is public."""
    result, real = make_result("approved"), Result.publish

    def late(self: Result, by: Any) -> bool:
        reopen(self, by) if undo else TryOnJob.objects.filter(pk=self.job_id).delete()
        return real(self, by)

    monkeypatch.setattr(Result, "publish", late)
    answer = as_role("publisher").post(f"{RESULTS}/{result.pk}/publish")
    assert answer.status_code == status
    assert not Result.objects.filter(published_at__isnull=False).exists()


def test_the_history_of_decisions(reviewer: APIClient) -> None:
    seen = shown(reviewer, make_result().pk)
    now = decide(reviewer, seen, verdict="approved").json()["result"]
    assert decide(reviewer, now, verdict="pending").status_code == 200
    told = reviewer.get(f"{RESULTS}/{seen['id']}/decisions").json()
    assert [each["verdict"] for each in told] == ["approved", "pending"]


def test_a_list_costs_the_same_however_long(
    merch: APIClient, django_assert_max_num_queries: Any
) -> None:
    for _n in range(5):
        make_result("rejected")
    with django_assert_max_num_queries(6) as few:
        merch.get(RESULTS, {"page_size": 1})
    with django_assert_max_num_queries(len(few)):
        merch.get(RESULTS, {"page_size": 5})


@pytest.mark.parametrize("few", [0, 5000])
def test_results_of_a_batch_are_paged_whether_few_or_many(
    merch: APIClient, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.resources import results

    monkeypatch.setattr(results, "FEW", few)
    batch = make_job("succeeded").batch
    ids = [make_result(job=make_job("succeeded", batch=batch)).pk for _n in range(5)][::-1]
    make_result()
    seen, url = [], f"{RESULTS}?batch={batch.pk}&page_size=2"
    while url:
        page = merch.get(url).json()
        seen += [row["id"] for row in page["results"]]
        last, url = page, page["next"]
    assert seen == ids
    assert [r["id"] for r in merch.get(last["previous"]).json()["results"]] == ids[2:4]
