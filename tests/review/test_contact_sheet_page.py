"""The contact sheet: what it shows, and that exactly the selection is reviewed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jobs.models import Event, Result
from review.decide import approve, reject, reopen
from review.models import Decision
from review.views import contact_sheet
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
def rita(db: None) -> Client:
    """A reviewer, as the role has it."""
    return client_of(make_user("rita"), "change_result", "view_result")


@pytest.fixture
def paul(db: None) -> Client:
    """A publisher."""
    return client_of(make_user("paul"), "publish_result", "view_result")


def of_job(review: str = "pending", n: int = 1, **kwargs: Any) -> Any:
    job = make_job("succeeded", **kwargs)
    results = [make_result(review, job=job, index=i) for i in range(n)]
    return results[0] if n == 1 else results


def shown(client: Client, query: str = "") -> list[int]:
    return [result.pk for result in client.get(f"/sheet/{query}").context["page"].rows]


def do(client: Client, results: list[Result], act: str = "approve", **data: Any) -> str:
    """Post a selection as the page carries it; what the next page says."""
    ids = [f"{result.pk}.{result.review}" for result in results]
    return post_and_read_messages(client, {"ids": ids, "do": act, "next": "/sheet/", **data})


def post_and_read_messages(client: Client, data: dict[str, Any]) -> str:
    response = client.post("/sheet/do/", data, follow=True)
    return " ".join(str(message) for message in response.context["messages"])


def reviews(*results: Result) -> list[str]:
    for result in results:
        result.refresh_from_db()
    return [result.review for result in results]


def test_it_works(rita: Client) -> None:
    first, second, other = make_result(), make_result(), make_result()
    assert shown(rita) == [other.pk, second.pk, first.pk]
    assert "2 results approved." in do(rita, [first, second])
    assert reviews(first, second, other) == ["approved", "approved", "pending"]
    decisions = Decision.objects.values_list("result", "verdict", "by__username")
    assert sorted(decisions) == [
        (first.pk, "approved", "rita"),
        (second.pk, "approved", "rita"),
    ]
    events = Event.objects.filter(kind="result").values_list("object_id", "from_state", "to_state")
    assert sorted(events) == [(r.pk, "pending", "approved") for r in (first, second)]


def test_rejecting_keeps_reason_and_note(rita: Client) -> None:
    result = make_result()
    assert "1 result rejected." in do(rita, [result], "", reason="hands", note="six fingers")
    decision = Decision.objects.get()
    assert (decision.verdict, decision.reason, decision.note) == (
        "rejected",
        "hands",
        "six fingers",
    )


def test_what_somebody_else_decided_meanwhile_stays_and_is_named(rita: Client) -> None:
    mine, theirs = make_result(), make_result()
    seen = Result.objects.get(pk=theirs.pk)
    assert reject(theirs, make_user("bob"), "face")
    text = do(rita, [mine, seen])
    assert "1 result approved." in text
    assert "1 had been decided meanwhile" in text
    assert str(theirs.job) in text
    assert reviews(mine, theirs) == ["approved", "rejected"]


def test_an_undo_does_not_undo_what_it_has_not_seen(rita: Client) -> None:
    """Rejected when it was ticked, since then undone and approved by somebody else."""
    result, bob = make_result("rejected"), make_user("bob")
    seen = Result.objects.get(pk=result.pk)
    assert reopen(result, bob)
    assert approve(result, bob)
    assert "nothing to undo" in do(rita, [seen], "reopen")
    assert reviews(result) == ["approved"]


def test_undoing_takes_down(rita: Client) -> None:
    from django.utils import timezone

    result = make_result("approved", published_at=timezone.now())
    do(rita, [result], "reopen")
    assert reviews(result) == ["pending"]
    assert result.published_at is None


def test_publishing_names_whose_consent_does_not_cover_it(paul: Client) -> None:
    fine = make_result("approved")
    person = make_person(name="Noor", consent_scope="tryon")
    closed, pending = of_job("approved", person=person), make_result()
    text = do(paul, [fine, closed, pending], "publish")
    assert "1 result published." in text
    assert "Noor" in text
    assert "1 cannot be published" in text
    assert Result.objects.exclude(published_at=None).get() == fine


@pytest.mark.parametrize("act", ["approve", "reject", "reopen", "publish", "again"])
def test_without_the_right_nothing_happens(viewer: Client, act: str) -> None:
    result = make_result()
    data = {"ids": f"{result.pk}.pending", "do": act}
    assert viewer.post("/sheet/do/", data).status_code == 403
    assert viewer.get("/sheet/").status_code == 403
    assert reviews(result) == ["pending"]


@pytest.mark.parametrize(
    "ids",
    [[], ["x"], ["1"], ["1.nonsense"], ["٣.pending"], ["9" * 30 + ".pending"], ["-1.pending"]],
)
def test_nonsense_selects_nothing(rita: Client, ids: list[str]) -> None:
    make_result()
    assert "Nothing is selected" in post_and_read_messages(rita, {"ids": ids, "do": "approve"})
    assert not Decision.objects.exists()


def test_too_many_and_unknown_acts_are_refused(rita: Client) -> None:
    ids = [f"{n}.pending" for n in range(1, 502)]
    assert "more than 500" in post_and_read_messages(rita, {"ids": ids, "do": "approve"})
    assert rita.post("/sheet/do/", {"ids": "1.pending", "do": "erase"}).status_code == 400
    bad = {"ids": "1.pending", "reason": "ugly"}
    assert rita.post("/sheet/do/", bad).status_code == 400
    assert rita.get("/sheet/do/").headers["Location"] == "/sheet/"


def test_filters_combine(rita: Client) -> None:
    person, garment = make_person(), make_garment()
    batch = make_batch(account=make_account("dashscope"))
    wanted = of_job("rejected", batch=batch, person=person, top=garment)
    of_job("rejected", batch=batch, person=person)
    of_job("pending", batch=batch, person=person, top=garment)
    of_job("rejected", person=person, top=garment)
    query = f"?batch={batch.pk}&person={person.pk}&garment={garment.pk}&review=rejected"
    assert shown(rita, query) == [wanted.pk]
    assert shown(rita, "?provider=dashscope&review=rejected&order=oldest")[0] == wanted.pk


def test_published_and_warned(rita: Client) -> None:
    from django.utils import timezone

    live = make_result("approved", published_at=timezone.now())
    warned = make_result(warnings=["warp_folded"])
    make_result("approved")
    assert shown(rita, "?published=yes") == [live.pk]
    assert shown(rita, "?review=pending&warnings=yes") == [warned.pk]
    # Among all results nobody looks for warnings: there may be a million of them.
    assert len(shown(rita, "?warnings=yes")) == 3


@pytest.mark.parametrize(
    "query", ["batch=0", "person=x", "review=maybe", "order=best", "by=colour", "before=-1"]
)
def test_nonsense_in_the_address_chooses_nothing(rita: Client, query: str) -> None:
    result = make_result()
    assert shown(rita, f"?{query}") == [result.pk]


def test_groups_of_a_batch_have_their_numbers(rita: Client, monkeypatch: Any) -> None:
    batch, ada, leo = make_batch(), make_person(name="Ada"), make_person(name="Leo")
    a = [of_job(batch=batch, person=ada) for _ in range(3)]
    b = [of_job(batch=batch, person=leo) for _ in range(2)]
    a.append(of_job(batch=batch, person=ada))
    monkeypatch.setattr(contact_sheet, "PAGE_SIZE", 5)
    page = rita.get(f"/sheet/?batch={batch.pk}&by=person&order=oldest")
    groups = [(g.title, g.total, len(g.rows)) for g in page.context["groups"]]
    assert groups == [("Ada", 4, 4), ("Leo", 2, 1)]
    last = shown(rita, f"?batch={batch.pk}&by=person&order=oldest&before={b[0].pk}")
    assert last == [b[1].pk]
    text = page.content.decode()
    assert "Select these 4" in text
    assert "<b>6</b>" in text


def test_outfits_are_grouped_across_persons(rita: Client, monkeypatch: Any) -> None:
    batch, tee, skirt = make_batch(), make_garment(name="Tee"), make_garment("bottom", name="Skirt")
    alone = [of_job(batch=batch, top=tee) for _ in range(2)]
    both = [of_job(batch=batch, top=tee, bottom=skirt) for _ in range(2)]
    query = f"?batch={batch.pk}&by=outfit&order=oldest"
    groups = rita.get(f"/sheet/{query}").context["groups"]
    found = {g.title: ([r.pk for r in g.rows], g.total) for g in groups}
    assert found == {
        "Tee": ([r.pk for r in alone], 2),
        "Tee + Skirt": ([r.pk for r in both], 2),
    }
    monkeypatch.setattr(contact_sheet, "PAGE_SIZE", 1)
    seen, after = [], ""
    for _ in range(4):
        [pk] = shown(rita, query + after)
        seen.append(pk)
        after = f"&before={pk}"
    assert sorted(seen) == sorted(r.pk for r in alone + both)


def test_the_page_shows_no_cut_outs(rita: Client) -> None:
    make_result(role="cutout")
    assert shown(rita) == []


def test_somebody_who_may_only_look_gets_no_boxes(db: None) -> None:
    result = make_result()
    ann = client_of(make_user("ann"), "view_result")
    text = ann.get("/sheet/").content.decode()
    assert result.get_absolute_url() in text
    assert 'name="ids"' not in text


@pytest.mark.parametrize("n", [1, 40])
def test_the_number_of_queries_does_not_grow(
    rita: Client, django_assert_num_queries: Any, n: int
) -> None:
    batch = make_batch()
    for _ in range(n):
        of_job(batch=batch)
    # Session, user, rights (2), four menus, the rows.
    with django_assert_num_queries(9):
        rita.get("/sheet/")
    # Within a batch also its numbers and those of its groups.
    with django_assert_num_queries(11):
        rita.get(f"/sheet/?batch={batch.pk}&by=outfit")


@pytest.mark.parametrize("n", [2, 40])
def test_many_are_decided_in_as_many_queries_as_few(
    rita: Client, django_assert_max_num_queries: Any, n: int
) -> None:
    batch = make_batch()
    results = [of_job(batch=batch) for _ in range(n)]
    data = {"ids": [f"{r.pk}.pending" for r in results], "do": "approve"}
    with django_assert_max_num_queries(24):
        rita.post("/sheet/do/", data)
    assert Decision.objects.count() == n
