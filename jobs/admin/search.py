"""Searching millions of rows by the names of what they are about.

A name is sought in the library, which is small; the rows then by the ids that were found, which
have indexes. Over the joins, a name that is rare was looked for in every row there is.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from catalog.models import Garment, Person
from jobs.models import Batch, Step
from portal.admin.readonly import is_id

# Of a word that fits more than this, the newest are meant: a page shows fewer rows anyway.
FOUND = 200


def about(text: str) -> Q:
    """Which jobs are of persons and garments of that name or SKU, or of that remote id."""
    worn = _ids(Garment.objects.filter(_each_word(text, "name", "sku")))
    persons = _ids(Person.objects.team_owned().filter(_each_word(text, "name")))
    either = Q(top__in=worn) | Q(bottom__in=worn) | Q(dress__in=worn) | Q(person__in=persons)
    called = _ids(Step.objects.filter(remote_id=text), "job_id")
    return either | Q(pk__in=called)


def batches_named(text: str) -> list[int]:
    return _ids(Batch.objects.team_owned().filter(_each_word(text, "name")))


def people_named(text: str) -> list[int]:
    return _ids(User.objects.filter(username__icontains=text))


def numbered(text: str) -> int | None:
    """The number that was typed, if it is one that a row can have."""
    return int(text) if is_id(text) else None


def _each_word(text: str, *fields: str) -> Q:
    found = Q()
    for word in text.replace("\0", "").split():
        either = Q()
        for field in fields:
            either |= Q(**{f"{field}__icontains": word})
        found &= either
    return found


def _ids(rows: QuerySet, field: str = "pk") -> list[int]:
    return list(rows.order_by("-pk").values_list(field, flat=True)[:FOUND])
