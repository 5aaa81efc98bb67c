"""What the public may see, and only as long as the person agrees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Person
from jobs.models import Event, PublishRefused, Result
from privacy import consent
from review.decide import reopen
from tests.factories import make_job, make_person, make_result, make_user

pytestmark = pytest.mark.django_db
YESTERDAY = timezone.localdate() - timedelta(days=1)


def approved(**person: Any) -> Result:
    return make_result("approved", job=make_job("succeeded", person=make_person(**person)))


def test_it_works() -> None:
    result, user = approved(), make_user()
    assert result.publish(user)
    assert not result.publish(user)
    assert list(Result.objects.published()) == [result]
    assert result.unpublish(user)
    assert not result.unpublish(user)
    assert not Result.objects.published().exists()
    moves = Event.objects.filter(kind="result").values_list("from_state", "to_state", "by")
    assert list(moves) == [
        ("approved", "published", user.pk),
        ("published", "approved", user.pk),
    ]
    assert set(Event.objects.values_list("job", flat=True)) == {result.job_id}


@pytest.mark.parametrize("review", ["pending", "rejected"])
def test_only_what_was_approved(review: str) -> None:
    assert not make_result(review).publish(make_user())
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"consent_scope": "tryon"}, "Ada: Consent covers try-ons only"),
        ({"consent_scope": ""}, "Ada: No consent"),
        ({"consent_until": YESTERDAY}, "Ada: Consent ended"),
        ({"consent_withdrawn_at": timezone.now()}, "Ada: Consent was withdrawn"),
    ],
)
def test_consent_must_cover_it_now_and_later(fields: dict[str, Any], words: str) -> None:
    result = approved(name="Ada")
    assert result.publish(make_user())
    Person.objects.update(**fields)
    assert not Result.objects.published().exists()
    result.unpublish(None)
    with pytest.raises(PublishRefused, match=words):
        result.publish(None)
    assert Result.objects.get().published_at is None


def test_a_withdrawal_in_the_last_moment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    result = approved()
    # Consent held when the row was read.
    monkeypatch.setattr(Person, "consent_refusal", lambda *args, **kwargs: "")
    Person.objects.update(consent_withdrawn_at=timezone.now())
    assert not result.publish(make_user())
    assert Result.objects.get().published_at is None


def test_undoing_an_approval_takes_it_down() -> None:
    result, user = approved(), make_user()
    result.publish(user)
    assert reopen(result, user)
    assert not Result.objects.published().exists()


def test_withdrawing_may_take_everything_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent, "UNPUBLISHED_AT_ONCE", 2)
    person, user = make_person(), make_user()
    shown = [make_result("approved", job=make_job("succeeded", person=person)) for _ in range(3)]
    other = approved()
    for result in [*shown, other]:
        result.publish(user)
    assert consent.impact(person) == consent.WithdrawalImpact(0, 0, 3, 3)
    assert consent.withdraw(person, user, unpublish=True).unpublished == 3
    assert list(Result.objects.exclude(published_at=None)) == [other]
    downs = Event.objects.filter(kind="result", from_state="published")
    assert {event.object_id for event in downs} == {result.pk for result in shown}
    assert {event.by for event in downs} == {user}


def test_withdrawing_alone_hides_and_renewing_shows_again() -> None:
    result, user = approved(), make_user()
    result.publish(user)
    consent.withdraw(result.job.person, user)
    assert not Result.objects.published().exists()
    consent.record(result.job.person, user, scope="publish")
    assert list(Result.objects.published()) == [result]
