"""The review console without scripts, and what its scripts ask for."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from jobs.models import Result
from review.models import Decision
from review.views import console
from tests.factories import (
    client_of,
    make_account,
    make_batch,
    make_garment,
    make_job,
    make_person,
    make_result,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(db: None) -> Client:
    return client_of(make_user("ann"), "change_result")


def shown(client: Client, query: str = "") -> list[int]:
    return [item["id"] for item in client.get(f"/review/{query}").context["items"]]


def sent(result: int, verdict: str = "approved", **more: Any) -> dict[str, Any]:
    return {"result": result, "verdict": verdict, "key": str(uuid.uuid4()), **more}


def send(client: Client, *decisions: Any) -> Any:
    body = json.dumps({"decisions": list(decisions)})
    return client.post("/review/decide/", body, content_type="application/json")


def test_it_works(reviewer: Client) -> None:
    first, second = make_result(), make_result()
    page = reviewer.get("/review/")
    assert page.context["item"]["id"] == first.pk
    form = {"result": first.pk, "verdict": "approved", "key": page.context["key"]}
    answer = reviewer.post("/review/", form, follow=True)
    assert "Approved." in answer.content.decode()
    assert answer.context["item"]["id"] == second.pk
    reviewer.post("/review/", form)
    assert Decision.objects.count() == 1


def test_skipped_ones_come_again(reviewer: Client) -> None:
    a, b = make_result(), make_result()
    at = reviewer.post("/review/", {"result": a.pk, "verdict": "skip"}, follow=True)
    assert at.context["item"]["id"] == b.pk
    at = reviewer.post("/review/", {"result": b.pk, "verdict": "skip"}, follow=True)
    assert at.context["item"]["id"] == a.pk
    assert not Decision.objects.exists()


def test_rejecting_gives_a_reason_and_a_note(reviewer: Client) -> None:
    form = sent(make_result().pk, "rejected", reason="hands", note="six fingers")
    assert "Nothing waits" in reviewer.post("/review/", form, follow=True).content.decode()
    assert Decision.objects.values_list("reason", "note").get() == ("hands", "six fingers")


def test_the_address_chooses(reviewer: Client) -> None:
    person, garment, batch = make_person(), make_garment("bottom"), make_batch()
    wanted = make_result(job=make_job("succeeded", person=person, bottom=garment, batch=batch))
    make_result()
    for query in (f"person={person.pk}", f"garment={garment.pk}", f"batch={batch.pk}"):
        assert shown(reviewer, f"?{query}") == [wanted.pk]
    assert len(shown(reviewer, "?provider=local")) == 2
    page = reviewer.get(f"/review/?batch={batch.pk}").content.decode()
    assert f"<h1>{batch}</h1>" in page
    for query in ("batch=99", "person=x", "garment=99999999999999999999", "provider=%00"):
        assert reviewer.get(f"/review/?{query}").status_code == 404


def test_what_another_looks_at_is_not_shown(reviewer: Client, other: Client) -> None:
    a, b = make_result(), make_result()
    assert shown(reviewer) == [a.pk, b.pk]
    assert shown(other) == []
    answer = send(other, sent(a.pk))
    assert answer.status_code == 409
    assert answer.json()["answers"][0]["text"] == "reviewer is looking at it right now."
    until = reviewer.get("/review/next/").json()["until"]
    release = {"ids": f"{a.pk},{b.pk}", "until": until}
    assert other.post("/review/release/", release).status_code == 204
    assert shown(other) == []
    assert reviewer.post("/review/release/", release).status_code == 204
    assert shown(other) == [a.pk, b.pk]


def test_a_page_loaded_since_keeps_what_it_got(reviewer: Client, other: Client) -> None:
    a = make_result()
    reviewer.get("/review/")
    reviewer.post("/review/release/", {"ids": a.pk, "until": "1"})
    assert shown(other) == []


def test_a_beat_says_what_is_still_held(reviewer: Client, other: Client) -> None:
    a, b = make_result(), make_result()
    shown(reviewer)
    Result.objects.filter(pk=b.pk).update(leased_by=User.objects.get(username="ann"))
    ids = f"{a.pk},{b.pk}"
    assert reviewer.post("/review/beat/", {"ids": ids}).json()["held"] == [a.pk]


def test_the_next_ones_follow(reviewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "PRELOADED", 2)
    a, b, c = (make_result().pk for _ in range(3))

    def next_ids(query: str) -> list[int]:
        return [item["id"] for item in reviewer.get(f"/review/next/?{query}").json()["items"]]

    assert next_ids("") == [a, b]
    assert next_ids(f"after={b}") == [c]
    assert next_ids(f"after={c}") == [a, b]


def test_several_at_once_are_answered_one_by_one(reviewer: Client) -> None:
    a, b = make_result(), make_result("approved")
    good, taken, gone = sent(a.pk), sent(b.pk), sent(99_999)
    answers = send(reviewer, good, taken, gone, {"key": "x"}, "nonsense").json()["answers"]
    assert [each["status"] for each in answers] == [200, 409, 404, 400, 400]
    assert [each["key"] for each in answers[:3]] == [each["key"] for each in (good, taken, gone)]
    again = send(reviewer, good, sent(a.pk, "pending", undoes=good["key"])).json()["answers"]
    assert [each["status"] for each in again] == [200, 200]
    assert Decision.objects.count() == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b'{"decisions": []}',
        b'{"decisions": {}}',
        b'"decisions"',
        json.dumps({"decisions": [{}] * 51}).encode(),
    ],
)
def test_hostile_bodies_are_refused(reviewer: Client, body: bytes) -> None:
    answer = reviewer.post("/review/decide/", body, content_type="application/json")
    assert answer.status_code == 400
    assert "1 to 50" in answer.json()["text"]


@pytest.mark.parametrize(
    "bad",
    [
        {"result": "9" * 30},
        {"result": -1},
        {"result": []},
        {"key": "no"},
        {"verdict": "burn"},
        {"reason": "because"},
        {"note": "x" * 501},
        {"note": "a\0b"},
        {"undoes": "no"},
    ],
)
def test_hostile_decisions_are_refused(reviewer: Client, bad: dict[str, Any]) -> None:
    answer = send(reviewer, sent(make_result().pk) | bad)
    assert answer.status_code == 400
    assert not Decision.objects.exists()


@pytest.mark.parametrize("ids", ["x", "1,x", "-1", "9" * 30, "0", ",".join(["1"] * 201)])
def test_hostile_ids_are_refused(reviewer: Client, ids: str) -> None:
    assert reviewer.post("/review/beat/", {"ids": ids}).status_code == 400
    assert reviewer.post("/review/release/", {"ids": ids, "until": "9"}).status_code == 400
    assert reviewer.post("/review/release/", {"ids": "1", "until": "9" * 18}).status_code == 400


def test_only_reviewers_review(viewer: Client) -> None:
    for path in ("/review/", "/review/next/"):
        assert viewer.get(path).status_code == 403
        assert Client().get(path).status_code == 302
    for path in ("/review/", "/review/decide/", "/review/beat/", "/review/release/"):
        assert viewer.post(path).status_code == 403


def test_the_outfit_tells_how_it_did_before(reviewer: Client) -> None:
    top = make_garment()
    for review_, n in (("approved", 2), ("rejected", 1), ("pending", 1)):
        for _ in range(n):
            make_result(review_, job=make_job("succeeded", top=top))
    make_result("approved", job=make_job("succeeded", top=top, bottom=make_garment("bottom")))
    facts = dict(reviewer.get("/review/").context["item"]["facts"])
    assert facts["Same outfit"] == "2 of 3 approved so far"


def test_provider_and_model_are_shown_by_name(reviewer: Client) -> None:
    batch = make_batch(account=make_account("dashscope"), recipe={"model": "aitryon-plus"})
    make_result(job=make_job("succeeded", batch=batch))
    facts = dict(reviewer.get("/review/").context["item"]["facts"])
    assert facts["Provider"] == "Alibaba DashScope · AI Try-On Plus"


def test_costs_are_for_who_may_see_the_ledger(reviewer: Client, boss: User) -> None:
    job = make_job("succeeded")
    job.steps.update(cost="0.80")
    make_result(job=job)
    assert "¥" not in dict(reviewer.get("/review/").context["item"]["facts"])["Took"]
    Result.objects.update(leased_by=None)
    client = Client()
    client.force_login(boss)
    assert dict(client.get("/review/").context["item"]["facts"])["Took"].endswith("¥0.80")


def test_four_eyes_are_shown_before(reviewer: Client, settings: Any) -> None:
    settings.REVIEW_FOUR_EYES = True
    mine = User.objects.get(username="reviewer")
    make_result(job=make_job("succeeded", created_by=mine))
    assert "You launched it" in reviewer.get("/review/").content.decode()


def test_the_batch_leads_here(reviewer: Client, viewer: Client) -> None:
    result = make_result()
    batch = result.job.batch
    link = f'href="/review/?batch={batch.pk}"'
    assert link in reviewer.get(batch.get_absolute_url()).content.decode()
    assert link not in viewer.get(batch.get_absolute_url()).content.decode()


@pytest.mark.parametrize("n", [1, 10])
def test_the_number_of_queries_does_not_grow(
    reviewer: Client, django_assert_num_queries: Any, n: int
) -> None:
    ids = [make_result().pk for _ in range(n)]
    # Session, user, rights (2), lease (4), results, the outfits' record, how many are left.
    with django_assert_num_queries(11):
        reviewer.get("/review/")
    with django_assert_num_queries(10):
        reviewer.get("/review/next/")
    # Session, user, rights (2); for each a savepoint and its end twice, row, words, rivals, move,
    # event, decision, who listens by webhook; and, as each is the last of its batch: how many are
    # left, its lock, its mark, and telling that (2).
    with django_assert_num_queries(4 + 16 * n):
        send(reviewer, *(sent(pk) for pk in ids))
