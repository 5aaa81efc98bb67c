"""Another attempt: what the reasons propose, what is launched, and which attempt is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from jobs.launch import create
from jobs.launch.create import LaunchRefused
from jobs.models import ProviderAccount, Result, TryOnJob
from jobs.recipe import Recipe
from providers import registry
from review import attempts, retry
from review.decide import reject
from review.models import Decision
from tests.factories import make_account, make_batch, make_job, make_person, make_result, make_user
from tests.fake_provider import Fake

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(fake: Fake, settings: Any) -> list[ProviderAccount]:
    """Two providers; the second has its price."""
    backend = {"BACKEND": "tests.fake_provider.Fake"}
    other = backend | {"PRICES": {"fake": {"price": "0.20"}}}
    settings.PROVIDERS = {"fake": backend, "other": other}
    registry.clear_caches()
    return [make_account("fake"), make_account("other")]


def rejected(account: ProviderAccount, reason: str = "shape", **kwargs: Any) -> Result:
    recipe = kwargs.pop("recipe", Recipe(model="fake"))
    batch = make_batch(account=account, recipe=recipe.dump())
    result = make_result(job=make_job("succeeded", batch=batch, **kwargs))
    assert reject(result, None, reason)
    return retry.rejected_results([result.pk])[0]


def keys(result: Result, reason: str) -> list[str]:
    return [p.change.key for p in retry.proposals([result], [reason], timezone.now())]


def test_it_works(two: list[ProviderAccount]) -> None:
    result, mia = rejected(two[0]), make_user("mia")
    [proposal] = retry.proposals([result], ["shape"], timezone.now())
    assert (proposal.change.key, proposal.total) == ("provider:other", Decimal("0.20"))
    [batch] = retry.launch([result], "provider:other", mia).batches
    job = batch.jobs.get()
    assert (job.attempt_of, job.account, job.created_by) == (result.job, two[1], mia)
    assert (job.person, job.garments()) == (result.job.person, result.job.garments())
    assert job.steps.get().state == "waiting"


def test_each_reason_has_something_that_may_help(two: list[ProviderAccount]) -> None:
    photo = make_person()
    result = rejected(two[0])
    person, other = f"person:{photo.pk}", "provider:other"
    assert keys(result, "shape") == keys(result, "print") == keys(result, "colour") == [other]
    assert keys(result, "hands") == keys(result, "length") == [person, "keep_rest:", "refine:"]
    assert keys(result, "face") == ["face:", other]
    assert keys(result, "background") == [other, person]
    # That face was restored already: refining it once more goes by one name only.
    every = [other, person, "keep_rest:", "refine:"]
    assert keys(result, "other") == keys(result, "") == every
    assert set(retry.HELPFUL_KINDS) == {*Decision.Reason.values, ""}


def test_what_cannot_be_made_is_not_proposed(two: list[ProviderAccount]) -> None:
    dress = rejected(two[0], slot="dress", person=make_person(gender=""))
    # A dress has no other half, and refining needs the gender.
    assert keys(dress, "hands") == []
    refined = rejected(two[0], recipe=Recipe(model="fake", refine=True))
    assert "refine:" not in keys(refined, "hands")


def test_a_photo_without_consent_is_not_proposed(two: list[ProviderAccount]) -> None:
    make_person(consent_scope="")
    make_person(archived_at=timezone.now())
    make_person(gender="man")
    assert keys(rejected(two[0]), "background") == ["provider:other"]


def test_a_refused_consent_stops_it(two: list[ProviderAccount]) -> None:
    result = rejected(two[0])
    type(result.job.person).objects.update(consent_withdrawn_at=timezone.now())
    with pytest.raises(LaunchRefused):
        retry.launch(retry.rejected_results([result.pk]), "provider:other", None)
    assert TryOnJob.objects.count() == 1


def test_a_budget_is_shown_and_holds(two: list[ProviderAccount]) -> None:
    ProviderAccount.objects.filter(alias="other").update(month_budget=Decimal("0.10"))
    result = rejected(two[0])
    [proposal] = retry.proposals([result], ["shape"], timezone.now())
    assert "0.10" in proposal.refusals[0]
    with pytest.raises(LaunchRefused):
        retry.launch([result], "provider:other", None)


def test_the_same_attempt_is_not_paid_for_twice(two: list[ProviderAccount]) -> None:
    result = rejected(two[0])
    [batch] = retry.launch([result], "provider:other", None).batches
    done = retry.launch([result], "provider:other", None)
    assert (done.batches, done.existing_jobs) == ([], [batch.jobs.get()])
    [proposal] = retry.proposals([result], ["shape"], timezone.now())
    assert (proposal.made_before, proposal.count, proposal.total) == (1, 0, 0)


def test_lineage_is_flat_however_often_it_is_tried(two: list[ProviderAccount]) -> None:
    first = rejected(two[0])
    second = retry.launch([first], "provider:other", None).batches[0].jobs.get()
    TryOnJob.objects.filter(pk=second.pk).update(state="succeeded", finished_at=timezone.now())
    bad = make_result(job=second)
    assert reject(bad, None, "hands")
    third = retry.launch(retry.rejected_results([bad.pk]), "refine:", None).batches[0].jobs.get()
    assert (second.attempt_of, third.attempt_of) == (first.job, first.job)
    failed = TryOnJob.objects.filter(pk=third.pk)
    failed.update(state="failed", finished_at=timezone.now())
    fourth = create.repeat(failed.get(), None)
    assert fourth
    assert [job.pk for job in attempts.all_attempts(third)] == [
        first.job.pk,
        second.pk,
        third.pk,
        fourth.pk,
    ]


def test_many_are_tried_in_a_batch_for_each_recipe(two: list[ProviderAccount]) -> None:
    plain = [rejected(two[0]) for _ in range(2)]
    refined = rejected(two[0], recipe=Recipe(model="fake", refine=True))
    results = retry.rejected_results([r.pk for r in [*plain, refined]])
    batches = retry.launch(results, "provider:other", None).batches
    assert sorted(batch.jobs.count() for batch in batches) == [1, 2]
    found = TryOnJob.objects.filter(batch__in=batches).values_list("attempt_of", flat=True)
    assert set(found) == {result.job_id for result in results}


def test_only_what_is_possible_is_launched(two: list[ProviderAccount]) -> None:
    result = rejected(two[0])
    for key in ("provider:fake", "provider:nobody", "model:x", "", "keep_rest", "person:0"):
        with pytest.raises(LookupError):
            retry.launch([result], key, None)
    with pytest.raises(LookupError):
        retry.launch([], "provider:other", None)


# --- which is kept ---


def pair() -> tuple[Result, Result]:
    """An approved image, and a pending one of another attempt."""
    old = make_result("approved", published_at=timezone.now())
    job = make_job("succeeded", attempt_of=old.job, person=old.job.person, top=old.job.top)
    return old, make_result(job=job)


def test_an_approved_attempt_is_a_rival_of_the_others() -> None:
    old, new = pair()
    other = make_result("approved")
    twin = make_result(job=old.job, index=1)
    assert attempts.approved_rivals([new, old, other, twin]) == {new.pk: old}


def test_the_better_one_is_kept_and_the_other_says_why() -> None:
    old, new = pair()
    bob = make_user("bob")
    assert attempts.approve_instead(new, old, bob)
    new.refresh_from_db()
    old.refresh_from_db()
    assert (new.review, old.review, old.published_at) == ("approved", "rejected", None)
    verdicts = old.decisions.values_list("verdict", "reason", "note")
    assert list(verdicts) == [
        ("pending", "", ""),
        ("rejected", "other", "Another attempt is better."),
    ]


def test_the_old_one_may_be_the_better() -> None:
    old, new = pair()
    assert attempts.approve_instead(old, new, None)
    new.refresh_from_db()
    old.refresh_from_db()
    assert (new.review, old.review) == ("rejected", "approved")
    assert old.published_at


def test_both_or_neither() -> None:
    """Somebody rejected the new one meanwhile: the old one stays approved."""
    old, new = pair()
    assert reject(Result.objects.get(pk=new.pk), None, "face")
    assert not attempts.approve_instead(new, old, None)
    old.refresh_from_db()
    assert old.review == "approved"
    assert old.decisions.count() == 0
