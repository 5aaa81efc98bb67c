"""The page and count of notifications: only the user's, read once opened."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from notifications import views
from notifications.models import Notification
from tests.factories import make_batch, make_user

pytestmark = pytest.mark.django_db


def notify(name: str = "viewer", kind: str = "ready", **kwargs: Any) -> Notification:
    user = User.objects.get(username=name)
    return Notification.objects.create(user=user, kind=kind, batch=make_batch(**kwargs))


def test_it_works(viewer: Client) -> None:
    notification = notify(name="viewer")
    assert viewer.get("/notifications/count/").json() == {"n": 1, "text": "1"}
    text = viewer.get("/notifications/").content.decode()
    assert str(notification.batch) in text
    assert "Ready for review" in text
    answer = viewer.post(f"/notifications/{notification.pk}/")
    assert answer.headers["Location"] == notification.batch.get_absolute_url()
    assert viewer.get("/notifications/count/").json()["n"] == 0


def test_nobody_reads_the_notifications_of_others(viewer: Client) -> None:
    make_user("mei")
    theirs = notify("mei")
    assert str(theirs.batch) not in viewer.get("/notifications/").content.decode()
    assert viewer.post(f"/notifications/{theirs.pk}/").status_code == 404
    viewer.post("/notifications/read/")
    assert Notification.objects.unread().count() == 1
    assert viewer.get("/notifications/count/").json()["n"] == 0


def test_all_are_marked_as_read(viewer: Client) -> None:
    for kind in ("ready", "reviewed"):
        notify(kind=kind)
    assert "Mark all as read" in viewer.get("/notifications/").content.decode()
    viewer.post("/notifications/read/")
    assert not Notification.objects.unread().exists()
    assert "Mark all as read" not in viewer.get("/notifications/").content.decode()


def test_a_link_marks_nothing(viewer: Client) -> None:
    notification = notify()
    assert viewer.get(f"/notifications/{notification.pk}/").status_code == 302
    assert viewer.get("/notifications/read/").status_code == 405
    assert Notification.objects.unread().count() == 1


def test_an_empty_page_says_what_will_be_there(viewer: Client) -> None:
    assert "Nothing to tell yet" in viewer.get("/notifications/").content.decode()


def test_signed_out_users_have_no_unread_notifications(client: Client) -> None:
    assert client.get("/notifications/count/").json() == {"n": 0}
    assert client.get("/notifications/").status_code == 302


def test_the_unread_count_stops_at_its_maximum(
    viewer: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(views, "MAX_SHOWN", 2)
    for _ in range(4):
        notify()
    with django_assert_num_queries(3):
        assert viewer.get("/notifications/count/").json()["text"] == "2+"


@pytest.mark.parametrize("n", [1, 30])
def test_the_number_of_queries_does_not_grow(
    viewer: Client, django_assert_num_queries: Any, n: int
) -> None:
    for _ in range(n):
        notify()
    with django_assert_num_queries(5):
        viewer.get("/notifications/")
