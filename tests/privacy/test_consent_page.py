"""The consent page: who sees what, what is refused, what withdrawing and erasing say."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog import consent_form as documents
from catalog.models import Person
from jobs.models import Event, Result, TryOnJob
from privacy import consent
from tests.factories import jpeg, make_job, make_person, make_result, make_user

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def member(*codenames: str) -> Client:
    user = make_user("-".join(codenames) or "nobody")
    rights = Permission.objects.filter(codename__in=codenames)
    user.user_permissions.set(rights)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def consent_manager() -> Client:
    return member("view_person", "change_person", "delete_person")


def page(person: Person, name: str = "person-consent") -> str:
    return reverse(name, args=[person.pk])


def message_texts(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def png() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (40, 40)).save(out, "PNG")
    return out.getvalue()


def test_it_works(consent_manager: Client, settings: Any) -> None:
    person = make_person(consent_scope="")
    assert b"No consent is recorded" in consent_manager.get(page(person)).content
    until = timezone.localdate() + timedelta(days=90)
    document = SimpleUploadedFile("signed.exe", PDF, "text/html")
    values = {"scope": "publish", "until": until.isoformat(), "note": "studio contract 12"}
    answer = consent_manager.post(page(person), values | {"document": document}, follow=True)
    assert "recorded" in message_texts(answer)
    person.refresh_from_db()
    assert (person.consent_scope, person.consent_until) == ("publish", until)
    assert person.consent_note == "studio contract 12"
    assert person.consent_document.name.startswith(f"consent/{person.pk}/")
    assert person.consent_document.name.endswith(".pdf")
    text = answer.content.decode()
    assert "studio contract 12" in text
    assert Event.objects.get(kind="person").why in text


@pytest.mark.parametrize(("data", "extension"), [(PDF, "pdf"), (jpeg(), "jpg"), (png(), "png")])
def test_a_document_is_named_by_what_it_is(
    consent_manager: Client, data: bytes, extension: str
) -> None:
    person = make_person()
    consent_manager.post(
        page(person), {"scope": "tryon", "document": SimpleUploadedFile("x.html", data)}
    )
    person.refresh_from_db()
    assert person.consent_document.name.endswith(f".{extension}")
    answer = consent_manager.get(page(person, "person-document"))
    assert answer.status_code == 302
    assert "/private/" in answer.headers["Location"]
    file = consent_manager.get(answer.headers["Location"])
    assert b"".join(file.streaming_content) == data  # type: ignore[attr-defined]
    assert "sandbox" in file.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"<html><script>alert(1)</script>", "unsupported_format"),
        (b"<svg onload=alert(1)>", "unsupported_format"),
        (b"PK\x03\x04 a word file", "unsupported_format"),
        (b"%PDF-1.7 without an end", "truncated"),
        (jpeg()[:300], "truncated"),
        (png()[:40], "truncated"),
    ],
)
def test_a_hostile_document_writes_nothing(
    consent_manager: Client, settings: Any, data: bytes, code: str
) -> None:
    person = make_person(consent_scope="")
    values = {"scope": "publish", "document": SimpleUploadedFile("consent.pdf", data)}
    answer = consent_manager.post(page(person), values)
    errors = answer.context["consent_form"].errors.as_data()["document"]
    assert [error.code for error in errors] == [code]
    assert Person.objects.get().consent_scope == ""
    assert not (Path(settings.MEDIA_ROOT) / "consent").exists()
    assert not Event.objects.exists()


def test_a_large_document_is_refused_unread(
    consent_manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 100)
    monkeypatch.setattr(documents, "kind_of", lambda data: pytest.fail("it was read"))
    values = {"scope": "publish", "document": SimpleUploadedFile("a.pdf", b"x" * 101)}
    answer = consent_manager.post(page(make_person()), values)
    [error] = answer.context["consent_form"].errors.as_data()["document"]
    assert error.code == "too_many_bytes"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scope": ""}, "scope"),
        ({"scope": "everything"}, "scope"),
        ({"until": "2001-01-01"}, "until"),
        ({"until": "tomorrow"}, "until"),
        ({"note": "x" * 201}, "note"),
        ({"note": "a\x00b"}, "note"),
    ],
)
def test_hostile_values_are_form_errors(consent_manager: Client, change: Any, field: str) -> None:
    person = make_person(consent_scope="")
    answer = consent_manager.post(page(person), {"scope": "tryon"} | change)
    assert list(answer.context["consent_form"].errors) == [field]
    assert Person.objects.get().consent_scope == ""


def test_renewing_keeps_the_document(consent_manager: Client) -> None:
    person = make_person(consent_document="consent/1/a.pdf", consent_withdrawn_at=timezone.now())
    consent_manager.post(page(person), {"scope": "tryon"})
    fresh = Person.objects.get()
    assert fresh.consent_document.name == "consent/1/a.pdf"
    assert fresh.consent_withdrawn_at is None


def test_withdrawing_says_first_what_it_takes_and_then_what_it_did(consent_manager: Client) -> None:
    person = make_person()
    for _ in range(2):
        make_job(person=person)
    make_job("running", person=person)
    result = make_result("approved", job=make_job("succeeded", person=person))
    result.publish(None)
    text = consent_manager.get(page(person)).content.decode()
    for words in ("queued try-ons are cancelled", "unpublish everything", "published results"):
        assert words in text
    impact = consent_manager.get(page(person)).context["consent_stakes"]
    assert impact == consent.WithdrawalImpact(2, 1, 1, 1)
    answer = consent_manager.post(page(person, "person-withdraw"), follow=True)
    assert "2 try-ons were cancelled. 1 try-on was at a provider" in message_texts(answer)
    assert Result.objects.get().published_at
    assert not Result.objects.published().exists()
    answer = consent_manager.post(
        page(person, "person-withdraw"), {"unpublish": "yes"}, follow=True
    )
    assert "1 result was unpublished." in message_texts(answer)
    assert Result.objects.get().published_at is None


def test_erasing_needs_the_name(consent_manager: Client) -> None:
    person = make_person(name="Noor")
    make_job("succeeded", person=person)
    text = consent_manager.get(page(person, "person-erase")).content.decode()
    assert "Type “Noor” to confirm" in text
    for wrong in ({}, {"name": "noor"}, {"name": "Ada"}):
        assert consent_manager.post(page(person, "person-erase"), wrong).status_code == 200
    assert Person.objects.exists()
    answer = consent_manager.post(page(person, "person-erase"), {"name": "Noor"})
    assert answer.status_code == 302
    assert not Person.objects.exists()
    assert not TryOnJob.objects.exists()


def test_erasing_waits_for_jobs_at_a_provider(consent_manager: Client) -> None:
    person = make_job("running").person
    assert b"at a provider" in consent_manager.get(page(person, "person-erase")).content
    answer = consent_manager.post(page(person, "person-erase"), {"name": person.name})
    assert b"Nothing was erased" in answer.content or b"at a provider" in answer.content
    assert Person.objects.exists()


def test_a_failing_storage_is_reported(
    consent_manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_person()

    def fails(self: Any) -> int:
        raise OSError(5, "bucket")

    monkeypatch.setattr(Person, "discard_files", fails)
    answer = consent_manager.post(page(person, "person-erase"), {"name": person.name})
    assert b"storage cannot be reached" in answer.content
    assert Person.objects.exists()


# 302 leads to the sign-in page or to where a link belongs; 403 is no right; 404 no document.
@pytest.mark.parametrize(
    ("rights", "see", "record", "withdraw", "erase", "document"),
    [
        (None, 302, 302, 302, 302, 302),
        ((), 403, 403, 403, 403, 403),
        (("view_person",), 200, 403, 403, 403, 403),
        (("view_person", "change_person"), 200, 302, 302, 403, 404),
        (("view_person", "delete_person"), 200, 403, 403, 200, 403),
    ],
)
def test_each_right_allows_its_actions(
    rights: tuple[str, ...] | None, see: int, record: int, withdraw: int, erase: int, document: int
) -> None:
    client = Client() if rights is None else member(*rights)
    person = make_person()
    assert client.get(page(person)).status_code == see
    assert client.post(page(person), {"scope": "tryon"}).status_code == record
    assert client.post(page(person, "person-withdraw")).status_code == withdraw
    assert client.get(page(person, "person-erase")).status_code == erase
    assert client.get(page(person, "person-document")).status_code == document


def test_who_may_only_look_sees_no_form() -> None:
    person = make_person(consent_document="consent/1/secret.pdf")
    text = member("view_person").get(page(person)).content.decode()
    assert 'name="scope"' not in text
    assert "secret.pdf" not in text
    assert reverse("person-document", args=[person.pk]) not in text


def test_a_person_who_is_not_there_is_404(consent_manager: Client) -> None:
    for name in ("person-consent", "person-erase", "person-document"):
        assert consent_manager.get(reverse(name, args=[404])).status_code == 404
    assert consent_manager.post(reverse("person-withdraw", args=[404])).status_code == 404


def test_the_page_costs_the_same_for_many_rows(consent_manager: Client) -> None:
    person = make_person()
    counts = []
    for n in (1, 12):
        for _ in range(n):
            make_result("approved", job=make_job("succeeded", person=person))
            Event.record(
                "person", person.pk, "", "tryon", by=make_user(f"u{Event.objects.count()}")
            )
        with CaptureQueriesContext(connection) as queries:
            consent_manager.get(page(person))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_the_panel_of_a_busy_page_counts_nothing(rf: Any) -> None:
    from django.template.loader import render_to_string

    from privacy.views import consent_context

    person = make_person()
    request = rf.get("/")
    request.user = make_user("keeper", is_superuser=True)
    with CaptureQueriesContext(connection) as queries:
        context = consent_context(request, person, count=False)
    assert len(queries) == 1
    text = render_to_string("privacy/_consent.html", context, request)
    assert "See what withdrawing takes away" in text
    assert "queued try-ons" not in text


@pytest.mark.usefixtures("compiled_messages")
def test_it_speaks_chinese(consent_manager: Client) -> None:
    person = make_person(name="Ada")
    consent_manager.post("/language/", {"language": "zh-hans", "next": "/gallery/"})
    text = consent_manager.get(page(person)).content.decode()
    for words in ("Ada 的授权", "试穿与发布", "撤回", "彻底删除此人物…"):
        assert words in text
    text = consent_manager.get(page(person, "person-erase")).content.decode()
    assert "请输入“Ada”以确认" in text
