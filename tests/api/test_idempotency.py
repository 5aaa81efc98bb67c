"""One wish, sent any number of times, at once or after an accident: one job, and one answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone
from rest_framework.test import APIClient

from api.framework.viewsets import Throttle
from api.models import IdempotencyKey
from catalog.models import Garment, Person
from jobs.launch import create
from jobs.models import Batch, ProviderAccount, Quota, TryOnJob
from tests.api.conftest import client_of, member
from tests.api.test_batches import BATCHES, estimate, order
from tests.api.test_jobs import JOBS, post
from tests.api.test_jobs import me as me
from tests.api.test_jobs import top as top
from tests.factories import make_garment, make_person

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 50
Threads = Callable[..., list[Any]]


@pytest.fixture(autouse=True)
def _no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried here is not the rate."""
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | {"tryon": "1000/min"}
    monkeypatch.setattr(Throttle, "THROTTLE_RATES", rates)


def codes(answers: list[Any]) -> Counter[str]:
    """How often each status, with the code of a problem."""
    return Counter(f"{a.status_code} {a.json().get('code', '')}".strip() for a in answers)


def test_it_works(
    threads: Threads, shopper: User, account: ProviderAccount, me: Person, top: Garment
) -> None:
    body = {"person": me.pk, "top": top.pk}
    answers = threads(lambda _n: post(client_of(shopper), key="one", **body), AT_ONCE)
    assert set(codes(answers)) <= {"202", "409 still-running"}
    made = [answer for answer in answers if answer.status_code == 202]
    assert sum("Idempotency-Replayed" not in answer for answer in made) == 1
    again = post(client_of(shopper), key="one", **body)
    assert again["Idempotency-Replayed"] == "true"
    assert all(answer.json() == again.json() for answer in made)
    assert all(answer["Location"] == again["Location"] for answer in made)
    assert (TryOnJob.objects.count(), Batch.objects.count()) == (1, 1)


def test_fifty_keys_for_one_wish_pay_once(
    threads: Threads, shopper: User, account: ProviderAccount, me: Person, top: Garment
) -> None:
    Quota.objects.create(user=shopper)
    body = {"person": me.pk, "top": top.pk}
    answers = threads(lambda n: post(client_of(shopper), key=f"k{n}", **body), AT_ONCE)
    assert codes(answers) == {"202": 1, "200": AT_ONCE - 1}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert TryOnJob.objects.count() == 1


@pytest.mark.parametrize(
    ("quota", "code", "most"),
    [
        ({"daily_tryons": 5}, "409 daily-limit-reached", 5),
        ({"daily_budget": "1.75"}, "402 budget-exhausted", 3),
    ],
)
def test_nobody_slips_past_the_quota(
    threads: Threads,
    shopper: User,
    account: ProviderAccount,
    me: Person,
    top: Garment,
    quota: dict[str, Any],
    code: str,
    most: int,
) -> None:
    Quota.objects.create(user=shopper, **quota)
    body = {"person": me.pk, "top": top.pk, "again": True}
    answers = threads(lambda n: post(client_of(shopper), key=f"k{n}", **body), AT_ONCE)
    assert codes(answers) == {"202": most, code: AT_ONCE - most}
    assert (TryOnJob.objects.count(), Batch.objects.count()) == (most, most)
    # What was refused keeps its key free: it may be sent again tomorrow.
    assert IdempotencyKey.objects.count() == most


def test_a_job_is_repeated_once_by_many(
    threads: Threads, shopper: User, account: ProviderAccount, me: Person, top: Garment
) -> None:
    path = f"{JOBS}/{post(client_of(shopper), person=me.pk, top=top.pk).json()['id']}"
    client_of(shopper).post(f"{path}/cancel")
    answers = threads(lambda n: post(client_of(shopper), f"{path}/repeat", f"k{n}"), 10)
    assert codes(answers) == {"202": 1, "409 conflict": 9}
    assert TryOnJob.objects.count() == 2


def test_an_agreement_is_launched_once(threads: Threads, account: ProviderAccount) -> None:
    merch = member("merchandiser")
    body = order(3, 2)
    body["agreement"] = estimate(client_of(merch), body)["agreement"]
    answers = threads(lambda n: post(client_of(merch), BATCHES, f"k{n}", **body), 10)
    assert codes(answers)["202"] == 1
    assert set(codes(answers)) <= {"202", "409 conflict", "422 refused"}
    assert (Batch.objects.count(), TryOnJob.objects.count()) == (1, 6)


def test_launches_that_overlap_crosswise_make_each_once(
    threads: Threads, account: ProviderAccount
) -> None:
    merch, persons = member("merchandiser"), [make_person().pk for _n in range(6)]
    outfits = [{"top": make_garment("top").pk}]
    ways = [{"persons": way, "outfits": outfits} for way in (persons, persons[::-1])]
    agreement = estimate(client_of(merch), ways[0])["agreement"]

    def launched(n: int) -> Any:
        return post(client_of(merch), BATCHES, f"k{n}", **ways[n % 2], agreement=agreement)

    answers = threads(launched, 6)
    assert set(codes(answers)) <= {"202", "409 conflict", "422 refused"}
    assert sorted(TryOnJob.objects.values_list("person", flat=True)) == persons


def test_a_request_that_died_is_taken_over(
    api: APIClient,
    account: ProviderAccount,
    me: Person,
    top: Garment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = {"person": me.pk, "top": top.pk}
    with monkeypatch.context() as dying:
        # A process that is killed writes nothing more, and so leaves its claim.
        dying.setattr(IdempotencyKey, "release", lambda _self: None)
        dying.setattr(create, "launch_cells", lambda *_args, **_more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            post(api, key="one", **body)
    early = post(api, key="one", **body)
    assert (early.json()["code"], early["Retry-After"]) == ("still-running", "1")
    IdempotencyKey.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    made = post(api, key="one", **body)
    assert (made.status_code, "Idempotency-Replayed" in made) == (202, False)
    assert post(api, key="one", **body).json() == made.json()
    assert TryOnJob.objects.count() == 1


def test_many_take_over_from_a_request_that_died(
    threads: Threads, shopper: User, account: ProviderAccount, me: Person, top: Garment
) -> None:
    body = {"person": me.pk, "top": top.pk}
    first = post(client_of(shopper), key="one", **body)
    past = timezone.now() - timedelta(seconds=1)
    IdempotencyKey.objects.update(status=0, body="", claimed_until=past)
    TryOnJob.objects.all().delete()
    answers = threads(lambda _n: post(client_of(shopper), key="one", **body), 10)
    assert set(codes(answers)) <= {"202", "409 still-running"}
    ids = {answer.json()["id"] for answer in answers if answer.status_code == 202}
    assert len(ids) == TryOnJob.objects.count() == 1
    assert first.status_code == 202


def test_a_request_that_was_overtaken_writes_nothing(
    api: APIClient,
    account: ProviderAccount,
    me: Person,
    top: Garment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = create.launch_cells

    def slow(*args: Any, **more: Any) -> Batch:
        IdempotencyKey.objects.update(claims=F("claims") + 1)
        return real(*args, **more)

    monkeypatch.setattr(create, "launch_cells", slow)
    answer = post(api, key="one", person=me.pk, top=top.pk)
    assert (answer.status_code, answer.json()["code"]) == (409, "still-running")
    assert not Batch.objects.exists()


@pytest.mark.parametrize("path", [JOBS, BATCHES])
def test_the_order_of_a_bodys_keys_does_not_matter(
    merch: APIClient, account: ProviderAccount, path: str
) -> None:
    body = order(1, 1)
    if path == JOBS:
        body = {"person": body["persons"][0], **body["outfits"][0]}
    else:
        body["agreement"] = estimate(merch, body)["agreement"]
    first = post(merch, path, "one", **body)
    assert first.status_code == 202, first.content
    again = post(merch, path, "one", **dict(reversed(body.items())))
    assert (again.status_code, again.json()) == (202, first.json())
    other = post(merch, path, "one", **body, again=True)
    assert (other.status_code, other.json()["code"]) == (422, "key-of-another-request")


def test_one_key_at_two_addresses_is_a_mistake(
    api: APIClient, account: ProviderAccount, me: Person, top: Garment
) -> None:
    job = post(api, key="one", person=me.pk, top=top.pk).json()["id"]
    other = post(api, f"{JOBS}/{job}/repeat", "one")
    assert (other.status_code, other.json()["code"]) == (422, "key-of-another-request")


def test_what_is_erased_at_this_moment_is_no_error_of_ours(
    api: APIClient,
    account: ProviderAccount,
    me: Person,
    top: Garment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether rows refer to what is there, the database asks only when it commits."""
    real = create.launch_cells

    def erasing(*args: Any, **more: Any) -> Batch:
        batch = real(*args, **more)
        Person.objects.filter(pk=me.pk)._raw_delete("default")
        return batch

    monkeypatch.setattr(create, "launch_cells", erasing)
    answer = post(api, key="one", person=me.pk, top=top.pk)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert not Batch.objects.exists()
    assert not IdempotencyKey.objects.exists()


def test_orders_and_an_erasure_at_once_end_whole(
    threads: Threads, shopper: User, account: ProviderAccount, me: Person, top: Garment
) -> None:
    Quota.objects.create(user=shopper)
    body = {"person": me.pk, "top": top.pk, "again": True}

    def call(n: int) -> int:
        client = client_of(shopper)
        if n == 5:
            return client.delete(f"/api/v1/persons/{me.pk}").status_code
        return post(client, key=f"k{n}", **body).status_code

    answers = threads(call, 12)
    assert answers.pop(5) in {204, 409}
    # Made and erased, made and left, refused for the consent, not there, or too late by a moment.
    assert set(answers) <= {202, 400, 409, 422}
    if not Person.objects.exists():
        assert not TryOnJob.objects.exists()
    assert IdempotencyKey.objects.filter(status=0).count() == 0
