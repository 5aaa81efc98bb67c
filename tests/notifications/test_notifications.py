"""Who is notified about a batch: once, in the transaction that completes it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.db import connection

from jobs.batches import completion
from jobs.launch import create
from jobs.models import Batch, Result, Step, TryOnJob
from notifications import notify
from notifications.models import Notification
from review import bulk
from review.decide import approve, reject, reopen
from tests.factories import make_batch, make_job, make_result, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(db: None) -> User:
    """She launches."""
    return make_user("mia", email="mia@example.com")


@pytest.fixture
def rita(db: None) -> User:
    """She reviews."""
    user = make_user("rita", email="rita@example.com")
    user.user_permissions.add(Permission.objects.get(codename="change_result"))
    return user


def notified(batch: Batch) -> list[tuple[str, str]]:
    rows = Notification.objects.filter(batch=batch)
    return sorted(rows.values_list("kind", "user__username"))


def made(batch: Batch) -> Result:
    """A job of the batch that ends with an image, as storing does it."""
    job = make_job("running", batch=batch)
    result = make_result(job=job)
    assert job.succeed()
    return result


def test_it_works(mia: User, rita: User) -> None:
    batch = make_batch(created_by=mia)
    last = make_job("running", batch=batch)
    result = made(batch)
    assert notified(batch) == []
    assert last.fail("x", "no", "input")
    assert notified(batch) == [("ready", "mia"), ("ready", "rita")]
    assert approve(result, rita)
    assert notified(batch) == [("ready", "mia"), ("ready", "rita"), ("reviewed", "mia")]
    batch.refresh_from_db()
    assert batch.ready_at
    assert batch.reviewed_at


def test_undoing_and_deciding_again_notifies_nobody_again(mia: User, rita: User) -> None:
    batch = make_batch(created_by=mia)
    result = made(batch)
    assert approve(result, rita)
    Notification.objects.all().delete()
    assert reopen(result, rita)
    assert reject(result, rita, "face")
    assert notified(batch) == []


def test_decisions_before_the_last_job_ends_are_notified_at_its_end(mia: User, rita: User) -> None:
    batch = make_batch(created_by=mia)
    last = make_job("running", batch=batch)
    assert approve(made(batch), rita)
    assert notified(batch) == []
    assert last.fail("x", "no", "input")
    # Nothing is left to review, so no reviewer is called.
    assert notified(batch) == [("ready", "mia"), ("reviewed", "mia")]


def test_a_batch_without_results_notifies_its_launcher_only(mia: User, rita: User) -> None:
    batch = make_batch(created_by=mia)
    assert make_job("running", batch=batch).fail("x", "no", "input")
    assert notified(batch) == [("ready", "mia")]


def test_a_cancelled_batch_notifies_too(mia: User) -> None:
    batch = make_batch(created_by=mia)
    made_one, _waiting = made(batch), make_job("queued", batch=batch)
    Batch.objects.filter(pk=batch.pk).update(ready_at=None)
    Notification.objects.all().delete()
    assert Step.objects.filter(batch=batch).stop_waiting(by=mia) == 1
    assert notified(batch) == [("ready", "mia")]
    assert made_one.review == "pending"


def test_inactive_users_are_not_notified(mia: User, rita: User) -> None:
    User.objects.update(is_active=False)
    batch = make_batch(created_by=mia)
    made(batch)
    assert notified(batch) == []


def test_jobs_that_are_added_make_it_ready_once_more(mia: User, rita: User) -> None:
    batch = make_batch(created_by=mia)
    failed = make_job("failed", batch=batch)
    approve(made(batch), rita)
    Notification.objects.mark_read(batch.created_at)
    new = create.repeat(failed, mia)
    assert new
    batch.refresh_from_db()
    assert (batch.ready_at, batch.reviewed_at) == (None, None)
    result = make_result(job=new)
    assert new.succeed()
    assert Notification.objects.filter(kind="ready").unread().count() == 2
    assert approve(result, rita)
    assert notified(batch) == [("ready", "mia"), ("ready", "rita"), ("reviewed", "mia")]


def test_many_decisions_at_once_notify_each_batch_once(mia: User, rita: User) -> None:
    batches = [make_batch(created_by=mia) for _ in range(2)]
    results = [made(batch) for batch in batches for _ in range(3)]
    bulk.decide_all({r.pk: r.review for r in results[:5]}, "approved", rita)
    assert ("reviewed", "mia") in notified(batches[0])
    assert ("reviewed", "mia") not in notified(batches[1])
    bulk.decide_all({results[5].pk: "pending"}, "rejected", rita, reason="face")
    assert ("reviewed", "mia") in notified(batches[1])


def test_far_from_the_end_one_query_is_made(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(completion, "FEW_LEFT", 2)
    batch = make_batch()
    for _ in range(3):
        make_job("running", batch=batch)
    with django_assert_num_queries(1):
        completion.jobs_ended([], [batch.pk])


# --- at one moment ---


def together(*acts: Callable[[], Any]) -> None:
    """Each in a thread and a connection of its own, begun at one moment."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(run, acts))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")
def test_of_the_two_last_jobs_at_one_moment_one_notifies() -> None:
    mia = make_user("mia")
    for _ in range(8):
        batch = make_batch(created_by=mia)
        jobs = [make_job("running", batch=batch) for _ in range(2)]
        results = [make_result(job=job) for job in jobs]
        together(*(TryOnJob.objects.get(pk=job.pk).succeed for job in jobs))
        assert notified(batch) == [("ready", "mia")]
        together(*(lambda r=r: approve(Result.objects.get(pk=r.pk), None) for r in results))
        assert notified(batch) == [("ready", "mia"), ("reviewed", "mia")]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")
def test_of_two_bulk_decisions_each_row_has_one() -> None:
    ann, bob = make_user("ann"), make_user("bob")
    results = [make_result() for _ in range(6)]
    seen = {result.pk: "pending" for result in results}
    answers: list[bulk.BulkOutcome] = []
    together(
        lambda: answers.append(bulk.decide_all(seen, "approved", ann)),
        lambda: answers.append(bulk.decide_all(seen, "rejected", bob, reason="face")),
    )
    assert sorted(len(answer.done) for answer in answers) == [0, 6]
    assert sorted(len(answer.skipped) for answer in answers) == [0, 6]
    assert [result.decisions.count() for result in results] == [1] * 6


# --- e-mail ---


@pytest.fixture
def mailed(settings: Any) -> Any:
    settings.NOTIFY_BY_EMAIL = True
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"sync": True}
    settings.PUBLIC_BASE_URL = "https://toile.example"
    return settings


def test_it_is_mailed_once_it_is_certain(
    mailed: Any, mia: User, rita: User, django_capture_on_commit_callbacks: Any
) -> None:
    enqueued: list[Any] = []
    batch = make_batch(created_by=mia, name="Spring\r\nBcc: all@example.com")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notify, "enqueue", lambda *args: enqueued.append(args))
        with django_capture_on_commit_callbacks(execute=True):
            made(batch)
    assert enqueued == [("notifications.tasks.send_mail", batch.pk, "ready")]
    notify.send_mails(batch.pk, "ready")
    assert sorted(m.to for m in mail.outbox) == [["mia@example.com"], ["rita@example.com"]]
    assert mail.outbox[0].subject == "Ready for review: Spring Bcc: all@example.com"
    assert f"https://toile.example/batches/{batch.pk}/" in mail.outbox[0].body


def test_without_the_setting_nothing_is_mailed(
    mia: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        made(make_batch(created_by=mia))
    assert [c for c in callbacks if "mail" in str(c)] == []


def test_a_mail_server_that_is_away_harms_nothing(
    mailed: Any, mia: User, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def away(*args: Any) -> None:
        raise ConnectionRefusedError("away")

    monkeypatch.setattr(notify, "send_mail", away)
    batch = make_batch(created_by=mia)
    made(batch)
    notify.send_mails(batch.pk, "ready")
    assert "was not mailed: away" in caplog.text
    assert notified(batch) == [("ready", "mia")]


def test_it_is_written_in_the_language_of_the_setting(
    mailed: Any, mia: User, compiled_messages: None
) -> None:
    mailed.NOTIFY_LANGUAGE = "zh-hans"
    batch = make_batch(created_by=mia)
    made(batch)
    notify.send_mails(batch.pk, "ready")
    assert mail.outbox[0].subject.startswith("可以审核了")
