from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Person
from tests.factories import make_person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)


def test_it_works() -> None:
    person = make_person()
    assert person.consent_refusal(TODAY, publish=True) == ""
    assert person in Person.objects.consenting(TODAY, publish=True)


@pytest.mark.parametrize(
    ("fields", "publish", "word"),
    [
        ({"consent_scope": ""}, False, "No consent"),
        ({"consent_scope": "tryon"}, True, "not publishing"),
        ({"consent_scope": "tryon"}, False, ""),
        ({"consent_scope": "unneeded"}, True, ""),
        ({"consent_until": TODAY}, False, ""),
        ({"consent_until": TODAY - timedelta(days=1)}, False, "ended on"),
        ({"consent_withdrawn_at": timezone.now()}, False, "withdrawn"),
    ],
)
def test_row_and_queryset_agree(fields: dict[str, Any], publish: bool, word: str) -> None:
    person = make_person(**fields)
    refusal = person.consent_refusal(TODAY, publish=publish)
    assert word in refusal
    assert bool(refusal) == bool(word)
    found = Person.objects.consenting(TODAY, publish=publish)
    assert (person in found) == (not word)
