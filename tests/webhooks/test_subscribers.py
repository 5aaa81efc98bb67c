"""Which events galleries, reviews and publications send, and how many queries that costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from galleries import publishing
from galleries.models import Gallery
from jobs.models import Result
from privacy import consent, erasure
from review import bulk
from review.decide import approve, reject, reopen
from tests.factories import make_gallery, make_job, make_result, make_user
from webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookMessage

pytestmark = pytest.mark.django_db

SentEvents = list[tuple[str, Any]]


@pytest.fixture
def boss() -> User:
    return make_user("boss", is_superuser=True)


@pytest.fixture(autouse=True)
def _endpoint(boss: User) -> None:
    WebhookEndpoint.objects.create(owner=boss, url="https://hooks.example.com/x")


def sent_events(field: str, *kinds: str) -> SentEvents:
    """The events sent since the last call, as type and one field of the payload."""
    rows = WebhookMessage.objects.filter(type__in=kinds) if kinds else WebhookMessage.objects.all()
    ordered = sorted(rows, key=lambda m: m.deliveries.get().pk)
    found = [(message.type, message.payload[field]) for message in ordered]
    WebhookMessage.objects.all().delete()
    return found


# --- results ---


def test_it_works(boss: User) -> None:
    result = make_result("approved")
    assert result.publish(boss)
    assert not result.publish(boss)
    assert result.unpublish(boss)
    assert sent_events("result_id") == [
        ("result.published", result.pk),
        ("result.unpublished", result.pk),
    ]


def test_undoing_takes_down_what_was_published(boss: User) -> None:
    result, hidden = make_result(), make_result()
    for each in (result, hidden):
        approve(each, boss)
    result.publish(boss)
    sent_events("result_id")
    reopen(result, boss)
    reopen(hidden, boss)
    assert sent_events("result_id") == [
        ("result.unpublished", result.pk),
        ("review.decided", result.pk),
        ("review.decided", hidden.pk),
    ]


def test_an_opinion_decides_nothing(boss: User, settings: Any) -> None:
    settings.REVIEW_SECOND_OPINION = True
    result = make_result()
    approve(result, boss)
    assert sent_events("review") == []
    approve(result, make_user("second"))
    assert sent_events("review") == [("review.decided", "approved")]


def test_many_are_decided_and_undone_in_few_statements(
    boss: User, django_assert_max_num_queries: Any
) -> None:
    """Whether there are two or twenty: a savepoint less or more is no statement for each."""
    job = make_job("succeeded")
    for n in (2, 20):
        results = [make_result(job=make_job("succeeded", batch=job.batch)) for _ in range(n)]
        with django_assert_max_num_queries(24):
            bulk.decide_all({r.pk: "pending" for r in results}, "approved", boss)
        assert sent_events("review", "review.decided") == [("review.decided", "approved")] * n
        Result.objects.filter(pk=results[0].pk).update(published_at=timezone.now())
        with django_assert_max_num_queries(24):
            bulk.decide_all({r.pk: "approved" for r in results}, "pending", boss)
        assert sent_events("result_id", "result.unpublished") == [
            ("result.unpublished", results[0].pk)
        ]


def test_a_refused_decision_sends_nothing(boss: User) -> None:
    result = make_result("approved")
    bulk.decide_all({result.pk: "pending"}, "rejected", boss)
    assert not reject(Result.objects.get(pk=result.pk), boss)
    assert sent_events("review") == []


def test_withdrawing_consent_sends_what_it_unpublishes(boss: User) -> None:
    result = make_result("approved", published_at=timezone.now())
    make_result("approved", job=make_job("succeeded", person=result.job.person))
    consent.withdraw(result.job.person, boss, unpublish=True)
    assert sent_events("result_id") == [("result.unpublished", result.pk)]


@pytest.mark.django_db(transaction=True)
def test_what_is_erased_is_published_no_more(boss: User) -> None:
    result = make_result("approved", published_at=timezone.now())
    erasure.erase_person(result.job.person, boss)
    assert sent_events("published_at") == [("result.unpublished", None)]


# --- galleries ---

GALLERY = ("gallery.published", "gallery.unpublished")


def save(gallery: Gallery, by: User, **values: Any) -> None:
    gallery.refresh_from_db()
    times = {"shown_from": gallery.shown_from, "shown_until": gallery.shown_until}
    assert publishing.save(gallery, gallery.version, times | values, by)


def test_showing_and_hiding_a_gallery_is_sent(boss: User) -> None:
    gallery = make_gallery(shown_from=None)
    save(gallery, boss, name="Spring")
    assert sent_events("state", *GALLERY) == []
    later = timezone.now() + timedelta(days=1)
    save(gallery, boss, shown_from=later)
    save(gallery, boss, name="Summer")
    assert sent_events("state", *GALLERY) == [("gallery.published", "scheduled")]
    save(gallery, boss, shown_from=timezone.now())
    assert sent_events("state", *GALLERY) == [("gallery.published", "shown")]
    save(gallery, boss, shown_from=None)
    save(gallery, boss, name="Autumn")
    assert sent_events("state", *GALLERY) == [("gallery.unpublished", "draft")]


def test_the_end_of_a_gallery_is_sent_once(boss: User) -> None:
    now = timezone.now()
    gallery = make_gallery(shown_from=now - timedelta(days=2), shown_until=now - timedelta(days=1))
    publishing.close_ended()
    publishing.close_ended()
    save(gallery, boss, name="Past")
    publishing.close_ended()
    assert sent_events("state", *GALLERY) == [("gallery.unpublished", "ended")]
    save(gallery, boss, shown_until=now + timedelta(days=1))
    assert sent_events("state", *GALLERY) == [("gallery.published", "shown")]
    save(gallery, boss, shown_until=now - timedelta(hours=1))
    publishing.close_ended()
    assert sent_events("state", *GALLERY) == [("gallery.unpublished", "ended")]
    publishing.delete(Gallery.objects.get(), boss)
    assert sent_events("state", *GALLERY) == []


def test_a_shown_gallery_that_is_deleted_is_shown_no_more(boss: User) -> None:
    publishing.delete(make_gallery(), boss)
    publishing.delete(make_gallery(shown_from=None), boss)
    assert sent_events("state", *GALLERY) == [("gallery.unpublished", "deleted")]


def test_a_new_gallery_that_is_shown_is_sent(client: Any, boss: User) -> None:
    client.force_login(boss)
    client.post("/galleries/new/", {"name": "New", "access": "public", "shown_from": ""})
    assert sent_events("state", *GALLERY) == []
    data = {"name": "Now", "access": "public", "shown_from": "2020-01-01T00:00"}
    assert client.post("/galleries/new/", data).status_code == 302
    assert sent_events("state", *GALLERY) == [("gallery.published", "shown")]


def test_of_two_editors_only_the_first_sends_an_event(boss: User) -> None:
    gallery = make_gallery(shown_from=None)
    assert publishing.show(gallery, 0, boss)
    assert not publishing.unpublish(gallery, 0, boss)
    assert sent_events("state", *GALLERY) == [("gallery.published", "shown")]


# --- jobs ---


def test_a_job_is_sent_each_time_it_ends() -> None:
    job = make_job("needs_attention")
    job.settle(by=None)
    assert sent_events("state", "job.completed") == [("job.completed", "failed")]


def test_nothing_of_a_shopper_is_sent(boss: User) -> None:
    shopper = make_user("shopper")
    job = make_job("running", owner=shopper)
    job.succeed()
    kinds = set(WebhookMessage.objects.values_list("type", flat=True))
    assert "job.completed" not in kinds
    assert not WebhookDelivery.objects.filter(message__payload__job_id=job.pk).exists()
