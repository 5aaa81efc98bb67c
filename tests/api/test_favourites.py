"""Favourites through the API: each user's own, put and taken as often as one likes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from api.models import Favourite
from jobs.models import Result
from tests.api.conftest import client_of, member
from tests.factories import make_job, make_result

RESULTS = "/api/v1/results"
pytestmark = pytest.mark.django_db


def own(user: User) -> Result:
    return make_result(job=make_job("succeeded", owner=user))


def listed(client: APIClient, **query: Any) -> list[int]:
    return [row["id"] for row in client.get(RESULTS, query).json()["results"]]


def test_it_works(api: APIClient, shopper: User) -> None:
    liked, other = own(shopper), own(shopper)
    for _twice in range(2):
        assert api.put(f"{RESULTS}/{liked.pk}/favourite").status_code == 204
    assert listed(api, favourite="true") == [liked.pk]
    assert listed(api, favourite="false") == [other.pk]
    for _twice in range(2):
        assert api.delete(f"{RESULTS}/{liked.pk}/favourite").status_code == 204
    assert listed(api, favourite="true") == []


def test_what_one_likes_is_ones_own(merch: APIClient, as_role: Any) -> None:
    reviewer, result = as_role("reviewer"), make_result()
    assert merch.put(f"{RESULTS}/{result.pk}/favourite").status_code == 204
    assert reviewer.get(f"{RESULTS}/{result.pk}").json()["favourite"] is False
    assert listed(reviewer, favourite="true") == []
    assert reviewer.delete(f"{RESULTS}/{result.pk}/favourite").status_code == 204
    assert merch.get(f"{RESULTS}/{result.pk}").json()["favourite"] is True


def test_what_a_user_does_not_see_cannot_be_a_favourite(api: APIClient, merch: APIClient) -> None:
    theirs = own(member("shopper", "other"))
    for client in (api, merch):
        for call in (client.put, client.delete):
            assert call(f"{RESULTS}/{theirs.pk}/favourite").status_code == 404
    assert not Favourite.objects.exists()


def test_liking_is_no_change_of_the_result(merch: APIClient) -> None:
    """A reviewer who has seen it may still decide it; a phone's copy is fetched anew."""
    path = f"{RESULTS}/{make_result().pk}"
    before = merch.get(path)
    merch.put(f"{path}/favourite")
    after = merch.get(path, headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert after.json()["version"] == before.json()["version"]


def test_liked_many_times_at_once(threads: Callable[..., list[Any]], shopper: User) -> None:
    path = f"{RESULTS}/{own(shopper).pk}/favourite"
    answers = threads(lambda _n: client_of(shopper).put(path).status_code, 10)
    assert answers == [204] * 10
    assert Favourite.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_erased_at_this_moment_is_not_there(
    api: APIClient, shopper: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the result is there, the database asks only when it commits."""
    result = own(shopper)
    real = Favourite.save_base

    def erasing(self: Favourite, *args: Any, **more: Any) -> None:
        Result.objects.filter(pk=result.pk)._raw_delete("default")
        real(self, *args, **more)

    monkeypatch.setattr(Favourite, "save_base", erasing)
    answer = api.put(f"{RESULTS}/{result.pk}/favourite")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
