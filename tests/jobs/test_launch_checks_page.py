"""What the matrix says of each cell, and which cells it blocks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import Batch, ProviderAccount, TryOnJob
from providers.dashscope.adapter import DashScope
from tests.factories import make_garment, make_job, make_person, make_result
from tests.fake_provider import Fake
from tests.jobs.launch_setup import launch, order, show

pytestmark = pytest.mark.django_db

SMALL = {"format": "JPEG", "bytes": 90_000, "width": 120, "height": 160}
CLOSE = SMALL | {"width": 600, "height": 800, "worn": False, "garments": 2}


@pytest.fixture(autouse=True)
def _judged_as_dashscope(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fake, "image_rules", DashScope.image_rules)


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_it_works(mia: Client, account: ProviderAccount) -> None:
    small, fine = make_garment(name="Camel skirt", facts=SMALL), make_garment()
    person = make_person()
    answer = show(mia, order(account, small, fine, persons=[person]))
    text = text_of(answer)
    assert "Too small" in text
    assert "Camel skirt: Short side too short: 120 px, needs 151 px." in text
    assert f'href="/garments/{small.pk}/"' in text
    assert "1 cell refused" in text
    assert "Launch 1 job" in text
    assert answer.context["shown"] == "no"
    assert launch(mia, order(account, small, fine, persons=[person])).status_code == 302
    assert TryOnJob.objects.get().top == fine


def test_who_insists_sends_a_refused_photo(mia: Client, account: ProviderAccount) -> None:
    wanted = order(account, make_garment(facts=SMALL), persons=[make_person()], override="on")
    assert "Sent anyway" in text_of(show(mia, wanted))
    assert launch(mia, wanted).status_code == 302
    assert TryOnJob.objects.count() == 1


def test_a_warning_is_shown_and_launched(mia: Client, account: ProviderAccount) -> None:
    wanted = order(account, make_garment(facts=CLOSE), persons=[make_person()])
    text = text_of(show(mia, wanted))
    assert "Several garments" in text
    assert "1 cell may fail" in text
    assert launch(mia, wanted).status_code == 302


@pytest.mark.parametrize(
    ("consent", "why"),
    [
        ({"consent_scope": ""}, "No consent is recorded"),
        ({"consent_withdrawn_at": timezone.now()}, "Consent was withdrawn"),
        ({"consent_until": timezone.localdate() - timedelta(days=1)}, "Consent ended on"),
    ],
)
def test_without_consent_a_row_is_blocked(
    mia: Client, account: ProviderAccount, consent: dict[str, Any], why: str
) -> None:
    person, other, garment = make_person(**consent), make_person(), make_garment()
    wanted = order(account, garment, persons=[person, other], ticks="21", override="on")
    text = text_of(show(mia, wanted))
    assert "No consent" in text
    assert why in text
    assert f'href="/persons/{person.pk}/"' in text
    assert launch(mia, wanted).status_code == 302
    assert TryOnJob.objects.get().person == other


def test_what_a_provider_cannot_do_is_shown_with_its_reason(
    mia: Client, account: ProviderAccount
) -> None:
    dress, top = make_garment("dress"), make_garment()
    person = make_person(gender="")
    wanted = order(account, dress, top, persons=[person], keep_rest="on", refine="on")
    text = text_of(show(mia, wanted))
    assert "Not possible" in text
    assert "Keeping the other half needs a top alone or a bottom alone." in text
    assert "Refining needs the person&#x27;s gender" in text
    assert "Launch 0 jobs" in text
    refused = launch(mia, wanted)
    assert (refused.status_code, Batch.objects.count()) == (200, 0)
    assert "None of the ticked try-ons can be made." in text_of(refused)


def test_approved_and_made_are_distinguished(mia: Client, account: ProviderAccount) -> None:
    person, one, two = make_person(), make_garment(), make_garment()
    launch(mia, order(account, one, two, persons=[person]))
    for job, review in zip(TryOnJob.objects.order_by("id"), ("approved", "pending"), strict=True):
        make_result(review, job=job)
        job.succeed()
    text = text_of(show(mia, order(account, one, two, persons=[person])))
    assert "Approved before." in text
    assert "Made before." in text


def test_names_are_escaped(mia: Client, account: ProviderAccount) -> None:
    bad = "<script>alert(1)</script>"
    garment, person = make_garment(name=bad, facts=SMALL), make_person(name=bad)
    assert bad not in text_of(show(mia, order(account, garment, persons=[person])))


def test_another_batch_does_not_matter(mia: Client, account: ProviderAccount) -> None:
    job = make_job("succeeded")
    wanted = order(account, job.top, persons=[job.person])
    assert "Launch 1 job" in text_of(show(mia, wanted))
