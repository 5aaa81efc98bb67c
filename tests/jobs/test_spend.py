from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from jobs.batches import progress
from jobs.batches.spend import CancelPreview, Spend
from jobs.models import Batch, Step
from tests.factories import make_account, make_batch, make_job
from tests.fake_provider import Fake

pytestmark = pytest.mark.django_db


def spend(**kwargs: Any) -> tuple[Batch, Spend]:
    batch = make_batch(spent=Decimal("2.104"), **kwargs)
    for state, values in {
        "succeeded": {"cost": Decimal("1.60")},
        "running": {"reserved": Decimal("0.504")},
    }.items():
        Step.objects.filter(job=make_job(state, batch=batch)).update(**values)
    return batch, Spend.of(batch, progress.progress_of(batch), batch.spend())


def test_it_works() -> None:
    _batch, known = spend(estimate=Decimal("3"), budget=Decimal("4"), recipe={"samples": 2})
    assert known.texts == {
        "billed": "¥1.60",
        "reserved": "¥0.504",
        "each": "¥0.80 a result",
        "value": "2.104",
        "meter": "¥2.104 of ¥4.00 spent or reserved",
    }
    assert known.meter == {"max": "4.00", "high": "3.00"}


def test_without_a_budget_it_is_shown_against_the_estimate() -> None:
    assert spend(estimate=Decimal("3"))[1].texts["meter"] == (
        "¥2.104 of about ¥3.00 spent or reserved"
    )


def test_what_is_not_known_is_not_drawn() -> None:
    assert spend()[1].most == 0


def test_a_free_one_has_no_price_each() -> None:
    batch = make_job("succeeded").batch
    assert Spend.of(batch, progress.progress_of(batch), batch.spend()).texts["each"] == ""


def test_a_provider_that_can_is_asked_to_stop(fake: Fake) -> None:
    batch, _known = spend(account=make_account("fake"))
    said = CancelPreview.of(batch, progress.progress_of(batch), batch.spend()).sentences()
    assert said[0].startswith("0 jobs")
    assert said[1].startswith("1 job is at the provider: it is asked to stop it")
    assert said[2] == "1 job has been billed already: ¥1.60 stay spent."
