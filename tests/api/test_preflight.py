"""What can be ordered and what would be refused, told before anything is sent or paid for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from catalog.models import Garment, Person
from jobs.models import Batch, ProviderAccount
from tests.api.test_jobs import me as me
from tests.api.test_jobs import top as top
from tests.factories import make_person
from tests.pictures import photo

PREFLIGHT, PHOTO = "/api/v1/preflight", "/api/v1/preflight/photo"
pytestmark = pytest.mark.django_db


def test_it_works(api: APIClient, account: ProviderAccount, me: Person, top: Garment) -> None:
    told = api.post(PREFLIGHT, {"person": me.pk, "top": top.pk}).json()
    assert told == {"ok": True, "findings": []}
    assert not Batch.objects.exists()


def test_a_missing_consent_is_shown(
    api: APIClient, account: ProviderAccount, shopper: User, top: Garment
) -> None:
    silent = make_person(owner=shopper, consent_scope="")
    told = api.post(PREFLIGHT, {"person": silent.pk, "top": top.pk}).json()
    assert told["ok"] is False
    assert [(f["subject"], f["rule"]) for f in told["findings"]] == [("person", "consent")]


def test_what_a_provider_cannot_do_is_shown(
    merch: APIClient, account: ProviderAccount, top: Garment
) -> None:
    order = {"person": make_person().pk, "top": top.pk, "recipe": {"samples": 4}}
    told = merch.post(PREFLIGHT, order).json()
    assert [f["subject"] for f in told["findings"]] == ["order"]


def test_a_photo_is_looked_at_and_not_kept(api: APIClient, settings: Any) -> None:
    file = SimpleUploadedFile("me.jpg", photo(400, 600), "image/jpeg")
    told = api.post(PHOTO, {"photo": file, "kind": "person"}, format="multipart").json()
    assert (told["width"], told["height"]) == (400, 600)
    assert not Person.objects.exists()
    assert not any(path.is_file() for path in Path(settings.MEDIA_ROOT).rglob("*"))


def test_a_broken_photo_is_shown(api: APIClient) -> None:
    file = SimpleUploadedFile("me.jpg", b"no photo", "image/jpeg")
    answer = api.post(PHOTO, {"photo": file, "kind": "person"}, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (422, "photo-refused")


def test_capabilities(api: APIClient, merch: APIClient, account: ProviderAccount) -> None:
    [mine] = api.get("/api/v1/capabilities").json()["providers"]
    assert (mine["alias"], mine["models"], mine["samples"]) == (None, None, 1)
    told = merch.get("/api/v1/capabilities").json()
    assert [provider["alias"] for provider in told["providers"]] == ["fake"]
    assert told["providers"][0]["models"] == ["fake"]
    assert "samples" in told["recipe_options"]
    assert told["photos"]["most_bytes"] == 20_000_000


def test_without_a_provider_there_is_none(api: APIClient, settings: Any, fake: Any) -> None:
    settings.SHOPPER_PROVIDER = "nobody"
    assert api.get("/api/v1/capabilities").json()["providers"] == []
