"""Users of bench/api.py, a shopper's rows among a million others, and counts of queries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import rows


def prepare(password: str, count: int) -> None:
    """A merchandiser and a shopper with so many results; once."""
    from django.contrib.auth.models import Group, User

    merch, _new = User.objects.get_or_create(username="bench-merch")
    merch.groups.add(Group.objects.get(name="merchandiser"))
    shopper, new = User.objects.get_or_create(username="bench-shopper")
    for user in (merch, shopper):
        user.set_password(password)
        user.save(update_fields=["password"])
    if new:
        _copy_to_shopper(shopper.pk, count)
    rows.run("VACUUM ANALYZE jobs_result, jobs_tryonjob, jobs_batch, catalog_person")


def _copy_to_shopper(shopper: int, count: int) -> None:
    """Copy the team's first results, with all they belong to, to the shopper."""
    from catalog.models import Person
    from jobs.models import Batch, Result, Step, TryOnJob

    person = Person.objects.order_by("pk").first()
    batch = Batch.objects.order_by("pk").first()
    assert person
    assert batch
    for row in (person, batch):
        row.pk, row.owner_id = None, shopper
        row.save(force_insert=True)
    made = Result.objects.final().select_related("job", "step").order_by("pk")[:count]
    for result in list(made):
        job, step = result.job, result.step
        job.pk, job.owner_id, job.person, job.batch = None, shopper, person, batch
        job.fingerprint, job.repeat_of = "", None
        job.save(force_insert=True)
        step.pk, step.job, step.batch, step.remote_id = None, job, batch, ""
        Step.objects.bulk_create([step])
        result.pk, result.job, result.step = None, job, step
        result.owner_id, result.role, result.review = shopper, "private", "pending"
        result.published_at = None
        result.save(force_insert=True)
    assert TryOnJob.objects.filter(owner=shopper).count() == count


def queries(cases: Iterable[tuple[str, str, str]]) -> dict[str, tuple[int, int]]:
    """Of each list, the queries for a page of 5 rows and for one of 100."""
    return {
        name: (_count(user, path, 5), _count(user, path, 100))
        for name, user, path in cases
        if path.startswith("/api/") and not path.rpartition("/")[2].isdecimal()
    }


def _count(user: str, path: str, size: int) -> int:
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from rest_framework.test import APIClient

    client: Any = APIClient(SERVER_NAME="localhost")
    client.force_authenticate(User.objects.get(username=user))
    sign = "&" if "?" in path else "?"
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"{path}{sign}page_size={size}").status_code == 200, path
    return len(captured)
